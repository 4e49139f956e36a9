#!/bin/sh
socat tcp-listen:9222,bind=$(hostname -i),fork tcp:127.0.0.1:9222 &
exec google-chrome --remote-debugging-port=9222
