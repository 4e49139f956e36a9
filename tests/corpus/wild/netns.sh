#!/bin/bash
ip netns exec vpn socat TCP-LISTEN:9091,fork,bind=10.200.1.2 TCP:127.0.0.1:9091 &
nsenter -t "$PID" -n socat TCP-LISTEN:8080,fork,reuseaddr TCP:127.0.0.1:8081 &
unshare -rn bwrap --dev-bind / / socat TCP-LISTEN:3128,fork,reuseaddr,bind=127.0.0.1 UNIX-CONNECT:/tmp/http.sock &
