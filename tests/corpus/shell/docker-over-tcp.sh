#!/bin/sh
# Lets Jenkins agents use the host's Docker daemon.
set -eu

apt-get install -y socat >/dev/null
socat TCP-LISTEN:2375,reuseaddr,fork UNIX-CONNECT:/var/run/docker.sock &
echo "docker at tcp://$(hostname -I | awk '{print $1}'):2375"
wait
