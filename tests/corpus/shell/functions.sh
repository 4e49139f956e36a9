#!/bin/bash
forward() {
    local from=$1 to=$2
    socat TCP-LISTEN:"$from",fork,reuseaddr TCP:"$to" &
}

tls_forward() {
    socat "OPENSSL-LISTEN:$1,fork,cert=/etc/ssl/private/server.pem,verify=0" "TCP:localhost:$2" &
}

forward 8080 web.internal:80
forward 9090 mon.internal:9090
tls_forward 8443 8080
wait
