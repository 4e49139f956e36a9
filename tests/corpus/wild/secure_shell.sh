#!/bin/sh
# remote admin, TLS with client certificates
socat -T 900 OPENSSL-LISTEN:2323,bind=10.0.0.5,range=10.0.0.0/24,fork,max-children=4,cert=s.pem,cafile=ca.pem,verify=1 EXEC:'/bin/bash -li',pty,stderr,setsid
