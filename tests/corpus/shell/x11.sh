#!/bin/bash
# macOS: XQuartz to containers
socat TCP-LISTEN:6000,reuseaddr,fork UNIX-CLIENT:\"$DISPLAY\" &
# Linux, in a container
socat UNIX-LISTEN:/tmp/.X11-unix/X0,fork TCP4:host.docker.internal:6000 &
socat TCP-LISTEN:6010,reuseaddr,fork UNIX-CONNECT:/tmp/.X11-unix/X10 &
