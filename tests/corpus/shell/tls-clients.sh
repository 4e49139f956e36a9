#!/bin/bash
socat - OPENSSL:imap.example.org:993 </dev/null
socat - openssl:10.0.0.8:8443,verify=0
socat stdio openssl-connect:vpn.example.org:443,cafile=/etc/ca.pem,commonname=''
socat TCP-LISTEN:110,bind=localhost,fork OPENSSL:pop.example.org:995,verify=0
echo | socat - SSL:localhost:8443,verify=0
socat - OPENSSL:old.example.org:443,cafile=ca.pem,min-proto-version=TLS1.0
socat - OPENSSL:older.example.org:443,cafile=ca.pem,min-proto-version=SSL3,max-proto-version=SSL3
socat - OPENSSL:legacy.example.org:443,cafile=ca.pem,cipher=NULL-SHA256
socat - OPENSSL:build.example.org:443,cafile=ca.pem,cn=build.example.org
