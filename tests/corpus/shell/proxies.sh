#!/bin/sh
socat TCP4-LISTEN:5222,fork,reuseaddr SOCKS4A:127.0.0.1:talk.example.org:5222,socksport=9050 &
socat - PROXY:proxy.corp.example:github.com:22,proxyport=3128,proxyauth=jdoe:hunter2
socat TCP-LISTEN:2222,bind=127.0.0.1,fork SOCKS4A:localhost:abcdefghij234567.onion:22,socksport=9050
