#!/bin/bash
# A web server in bash
if [ -z "$SOCAT_PEERADDR" ]; then
    exec socat TCP4-LISTEN:8080,fork,reuseaddr SYSTEM:"$0"
fi
read -r method path proto
logger "request $path from $SOCAT_PEERADDR"
printf 'HTTP/1.0 200 OK\r\n\r\n'
cat "www/$path"
