#!/bin/sh
# rig over the network
socat -d -d -d pty,link=$HOME/dev/vmodem0,raw,echo=0,waitslave tcp:remoterig.local:7777,keepalive &
rigctld -m 3073 -r $HOME/dev/vmodem0 &
socat udp-recvfrom:2237,reuseaddr,fork udp-sendto:192.168.1.255:2237,broadcast
