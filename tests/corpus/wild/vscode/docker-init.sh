#!/usr/bin/env bash
SOCKET_GID=$(stat -c '%g' /var/run/docker-host.sock)
if [ "${SOCKET_GID}" != '0' ]; then
    groupadd --gid ${SOCKET_GID} docker-host
    usermod -aG docker-host vscode
else
    (sudo /usr/bin/socat UNIX-LISTEN:/var/run/docker.sock,fork,mode=660,user=vscode,backlog=128 UNIX-CONNECT:/var/run/docker-host.sock) 2>&1 >> /tmp/vscr.log &
fi
sudo socat UNIX-LISTEN:/var/run/docker2.sock,fork,mode=777 UNIX-CONNECT:/var/run/docker.sock &
exec "$@"
