#!/bin/sh
socat - OPENSSL:smtp.example.org:465,cafile=/etc/ssl/certs/ca-certificates.crt
socat TCP4-LISTEN:1234,bind=127.0.0.1,fork,reuseaddr OPENSSL:irc.example.org:6697
socat UNIX-LISTEN:/tmp/irc.sock,fork OPENSSL:irc.example.org:6697,verify=1
socat TCP-LISTEN:8000,interface=lo,fork TCP:127.0.0.1:80
socat EXEC:'/usr/bin/sort' -
socat SYSTEM:'date; id' STDOUT
