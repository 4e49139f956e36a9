#!/bin/sh
socat TCP-LISTEN:8080,forkk,reuseadr TCP:127.0.0.1:80
socat tcp-listen:8080 , fork tcp:127.0.0.1:80
