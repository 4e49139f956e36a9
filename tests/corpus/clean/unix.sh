#!/bin/sh
socat UNIX-LISTEN:/run/user/1000/app.sock,fork UNIX-CONNECT:/run/app/app.sock &
socat UNIX-LISTEN:/run/me/docker.sock,fork,mode=600 UNIX-CONNECT:/var/run/docker.sock &
socat UNIX-LISTEN:/run/proxy.sock,fork,mode=0660,group=proxy TCP:127.0.0.1:3128 &
echo "show stat" | socat stdio /var/run/haproxy.sock
socat -t 5 - UNIX-CONNECT:/var/run/haproxy/admin.sock <<< "show info"
echo '{"execute":"qmp_capabilities"}' | socat - UNIX-CONNECT:/tmp/qmp.sock
socat -u UNIX-RECV:/run/log.sock,unlink-early STDOUT
