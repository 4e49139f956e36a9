#!/bin/bash
qemu-system-x86_64 -m 2G -monitor unix:/tmp/mon.sock,server,nowait -serial unix:/tmp/ser.sock,server,nowait &
socat -,echo=0,icanon=0 unix-connect:/tmp/mon.sock
socat STDIO,raw,echo=0,escape=0x1d UNIX-CONNECT:/tmp/ser.sock
echo "info status" | socat - UNIX-CONNECT:/tmp/mon.sock | tail --lines=+2
socat tcp-listen:4445,reuseaddr,fork unix-connect:/tmp/mon.sock &
virsh qemu-monitor-command vm --hmp 'info' && socat TCP-LISTEN:16509,fork UNIX-CONNECT:/var/run/libvirt/libvirt-sock
