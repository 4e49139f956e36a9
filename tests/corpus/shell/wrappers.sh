#!/bin/sh
sudo -u nobody nohup socat TCP4-LISTEN:80,fork,reuseaddr TCP4:127.0.0.1:8080 >/dev/null 2>&1 &
sudo env LC_ALL=C setsid socat UDP4-LISTEN:5060,fork,reuseaddr UDP4:10.20.0.4:5060 &
timeout 30 socat -u TCP-LISTEN:9999,reuseaddr OPEN:/srv/incoming/upload.tar,creat,trunc
nice -n 10 ionice -c3 socat -b 65536 TCP-LISTEN:7000,bind=192.168.10.2,fork TCP:127.0.0.1:7001 &
