#!/bin/sh
BODY='{"status":"ok"}'
socat TCP-LISTEN:8000,crlf,reuseaddr,fork SYSTEM:"echo 'HTTP/1.1 200 OK'; \
echo 'Content-Type\: application/json'; \
echo 'Connection\: close'; \
echo; \
echo '{\"status\"\:\"ok\"}'" &

socat -T 5 TCP-LISTEN:8001,bind=127.0.0.1,crlf,fork SYSTEM:"date; uptime"
