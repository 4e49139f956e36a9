#!/bin/sh
socat TCP-LISTEN:19999,fork,reuseaddr TCP:netdata.monitoring.svc:19999 &
printf 'stats\r\nquit\r\n' | socat - TCP:127.0.0.1:11211
socat TCP-LISTEN:11211,fork,reuseaddr TCP:memcached:11211 &
