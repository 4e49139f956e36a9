#!/bin/bash
screen -dmS fwd socat TCP-LISTEN:8080,fork TCP:web.lan:80
tmux new-session -d -s relay 'socat TCP-LISTEN:8081,fork TCP:web.lan:80'
start-stop-daemon --start --background --make-pidfile --pidfile /run/r.pid --exec /usr/bin/socat -- TCP-LISTEN:8082,fork TCP:web.lan:80
su - relay -c "socat TCP-LISTEN:8083,fork TCP:web.lan:80"
runuser -u relay -- socat TCP-LISTEN:8084,fork TCP:web.lan:80
systemd-run --unit=r --collect socat TCP-LISTEN:8085,fork TCP:web.lan:80
flock -n /tmp/l socat TCP-LISTEN:8086,fork TCP:web.lan:80 &
stdbuf -oL socat TCP-LISTEN:8087,fork TCP:web.lan:80 &
strace -f -o /tmp/t socat TCP-LISTEN:8088,fork TCP:web.lan:80 &
chroot /srv/jail /usr/bin/socat TCP-LISTEN:8089,fork TCP:web.lan:80 &
proxychains4 -q socat TCP-LISTEN:8090,fork TCP:web.lan:80 &
busybox nohup socat TCP-LISTEN:8091,fork TCP:web.lan:80 &
