#!/bin/sh
socat TCP-LISTEN:8081,fork,range=192.168.0.0/16 TCP:127.0.0.1:80 &
socat TCP-LISTEN:8082,fork,range=0.0.0.0/0 TCP:127.0.0.1:80 &
socat TCP-LISTEN:8083,fork,range=127.0.0.1/32 TCP:127.0.0.1:80 &
socat TCP-LISTEN:8084,fork,range=203.0.113.7/32 TCP:127.0.0.1:80 &
socat TCP-LISTEN:8085,fork,bind=172.17.0.1 TCP:127.0.0.1:80 &
socat TCP-LISTEN:8086,fork,so-bindtodevice=docker0 TCP:127.0.0.1:80 &
socat TCP-LISTEN:8087,fork,bind=$MY_IP TCP:127.0.0.1:80 &
socat TCP-LISTEN:2375,fork,range=10.0.0.0/8 UNIX:/var/run/docker.sock &
socat TCP6-LISTEN:8088,fork,bind=[::1] TCP:127.0.0.1:80 &
socat TCP6-LISTEN:8089,fork TCP:127.0.0.1:80 &
