#!/bin/bash
cd /home/ctf/challenge
export FLAG="$(cat /flag)"
while true; do
    socat TCP-LISTEN:1337,reuseaddr,fork EXEC:./chall,stderr
done
