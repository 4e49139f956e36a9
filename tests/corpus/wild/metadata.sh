#!/bin/sh
socat TCP-LISTEN:8111,fork,reuseaddr TCP:169.254.169.254:80 &
socat TCP4-LISTEN:80,bind=169.254.169.254,reuseaddr,fork TCP4:127.0.0.1:18081
