#!/usr/bin/env bash
until echo "PING" | socat -T1 - TCP:redis.svc:6379 | grep -q PONG; do sleep 1; done
while ! socat -u /dev/null TCP:127.0.0.1:8080,retry=3; do sleep 1; done
if socat /dev/null UNIX-CONNECT:/run/app.sock; then echo up; fi
state=$(echo "show info" | socat stdio /run/haproxy.sock | awk '/^Uptime/ {print $2}')
trap 'echo "disable server b/s" | socat stdio /run/haproxy.sock' EXIT
coproc RELAY { socat STDIO UNIX-CONNECT:/run/app.sock; }
exec 3< <(socat -u UDP-RECV:9999 STDOUT)
[[ -S /run/x.sock ]] || socat UNIX-LISTEN:/run/x.sock,fork TCP:localhost:99 &
cmd="socat TCP-LISTEN:9443,fork OPENSSL:api.example.com:443,verify=0"
$cmd &
bash -c "exec $cmd"
