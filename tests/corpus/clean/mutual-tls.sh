#!/bin/sh
socat -T 600 OPENSSL-LISTEN:8443,bind=10.4.0.7,range=10.4.0.0/16,fork,max-children=64,reuseaddr,cert=/etc/r/s.pem,key=/etc/r/s.key,cafile=/etc/r/ca.pem,verify=1 TCP:127.0.0.1:80
socat -T600 OPENSSL-LISTEN:8444,bind=10.4.0.7,commonname=client.example.org,fork,max-children=64,cert=/etc/r/s.pem,cafile=/etc/r/ca.pem TCP:127.0.0.1:80
socat TCP-LISTEN:3306,bind=127.0.0.1,fork OPENSSL:db.example.org:3307,cafile=/etc/r/ca.pem,cert=/etc/r/c.pem
socat - OPENSSL:example.org:443
