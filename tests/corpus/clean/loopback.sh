#!/bin/bash
socat TCP-LISTEN:8080,bind=127.0.0.1,fork,reuseaddr TCP:127.0.0.1:80 &
socat TCP4-LISTEN:5432,bind=localhost,fork UNIX-CONNECT:/run/postgresql/.s.PGSQL.5432 &
socat TCP6-LISTEN:8081,bind=[::1],fork TCP6:[::1]:80 &
socat TCP-LISTEN:8082,range=127.0.0.0/8,fork TCP:localhost:80 &
socat UDP-LISTEN:5353,bind=127.0.0.2,fork UDP:127.0.0.1:53 &
socat TCP-LISTEN:9000,bind=127.0.0.1,fork EXEC:/usr/local/bin/handler &
socat - TCP:localhost:8080
