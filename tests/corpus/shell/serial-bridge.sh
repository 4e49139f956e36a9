#!/bin/sh
DEV=/dev/ttyUSB0
PORT=2000
socat TCP-LISTEN:$PORT,fork,reuseaddr FILE:$DEV,b115200,raw,echo=0 &
socat pty,link=/dev/ttyVA00,raw,echo=0,waitslave tcp:192.168.1.50:8899 &
socat -d -d PTY,link=/tmp/ttyA,raw,echo=0 PTY,link=/tmp/ttyB,raw,echo=0 &
