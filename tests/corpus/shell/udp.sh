#!/bin/bash
socat UDP4-RECVFROM:5140,fork SYSTEM:'cat >> /var/log/remote.log' &
socat -u UDP-RECV:5141 OPEN:/var/log/remote2.log,creat,append &
socat UDP-LISTEN:53,fork,reuseaddr UDP:8.8.8.8:53 &
echo -n "metric:1|c" | socat -t 0 - UDP:statsd.internal:8125
socat - UDP4-DATAGRAM:255.255.255.255:8888,broadcast < hello.bin
