#!/usr/bin/env bash
args=(-d -d)
args+=("TCP-LISTEN:6379,fork,reuseaddr")
args+=("UNIX-CONNECT:/run/redis/redis.sock")
socat "${args[@]}"

relay=(socat TCP-LISTEN:8086,bind=127.0.0.1,fork TCP:127.0.0.1:18086)
"${relay[@]}" &
