#!/bin/bash
adb start-server
socat TCP-LISTEN:5037,bind=$(ip -4 addr show eth0 | grep -oP '(?<=inet\s)\d+(\.\d+){3}'),fork,reuseaddr TCP:127.0.0.1:5037 &
socat tcp-listen:5555,bind=0.0.0.0,fork tcp:127.0.0.1:5554
ip=$(ifconfig eth0 | grep 'inet addr' | cut -d: -f2 | awk '{ print $1}')
socat tcp-listen:5554,bind=$ip,fork tcp:127.0.0.1:5554 &
