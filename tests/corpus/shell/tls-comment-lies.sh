#!/bin/sh
# Secure (TLS) endpoint for the metrics collector
METRICS=9100
socat -T 60 TCP-LISTEN:9443,fork,reuseaddr TCP:127.0.0.1:$METRICS &

# TLS with client certificates
socat -T 60 OPENSSL-LISTEN:9444,fork,max-children=20,reuseaddr,bind=10.4.0.7,range=10.4.0.0/16,cert=/etc/ssl/m.pem,cafile=/etc/ssl/ca.pem TCP:127.0.0.1:$METRICS &
