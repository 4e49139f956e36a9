#!/bin/bash
socat -d -d PTY,link=/tmp/vmodem0,rawer PTY,link=/tmp/vmodem1,rawer &
socat PTY,raw,echo=0,link=/dev/ttyV0 EXEC:"ssh modem@gateway socat - /dev/ttyS0\,raw\,echo=0"
socat - /dev/ttyUSB0,b115200,raw,echo=0
socat -u FILE:/var/log/syslog,ignoreeof,seek-end STDOUT
socat -u EXEC:"journalctl -f" OPEN:/var/log/copy.log,creat,append
