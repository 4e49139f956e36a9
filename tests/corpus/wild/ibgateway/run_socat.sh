#!/bin/bash
# start_socat
if [ -n "$(pgrep -f fork,reuseaddr)" ]; then
	pkill -f fork,reuseaddr
fi
if [ "$TRADING_MODE" = "paper" ]; then
	LOCAL_PORT=4002
	PORT=4004
else
	LOCAL_PORT=4001
	PORT=4003
fi
socat TCP-LISTEN:"${PORT}",fork,reuseaddr TCP:127.0.0.1:"${LOCAL_PORT}" &
nohup socat TCP-LISTEN:${SOCAT_PORT:-4005},fork TCP:localhost:${LOCAL_PORT},forever,shut-down &
