#!/bin/sh
for p in 8000 8001 8002; do socat TCP-LISTEN:$p,fork,reuseaddr TCP:10.1.2.3:$p & done
seq 9000 9010 | xargs -I{} -P 11 socat TCP-LISTEN:{},fork TCP:10.1.2.3:{}
case "$1" in
  start) socat -lf /var/log/relay.log TCP-LISTEN:7,fork PIPE & echo $! > /run/relay.pid ;;
  stop) kill "$(cat /run/relay.pid)" ;;
esac
