#!/bin/bash
mkfifo /tmp/p
socat -u TCP4-LISTEN:1234,reuseaddr,fork PIPE:/tmp/p &
socat TCP-LISTEN:2000,reuseaddr,fork SYSTEM:"tee >(cat >&2) | nc localhost 3000" &
socat TCP-LISTEN:2001,fork EXEC:"nc localhost 3000" &
socat TCP-LISTEN:2002,fork EXEC:"ssh -W db:5432 jump" &
socat TCP-LISTEN:2003,bind=127.0.0.1,fork EXEC:"kubectl exec -i pod -- nc localhost 80" &
socat OPEN:/dev/tty TCP:10.0.0.9:7
