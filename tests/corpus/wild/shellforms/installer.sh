#!/bin/bash
set -e
DOCKER_PORT=${DOCKER_PORT:-2375}
cat > /etc/systemd/system/docker-tcp.service <<EOF
[Unit]
Description=Docker over TCP
[Service]
ExecStart=/usr/bin/socat TCP-LISTEN:${DOCKER_PORT},fork,reuseaddr UNIX-CONNECT:/var/run/docker.sock
Restart=always
EOF
cat <<'EOS' > /usr/local/bin/fwd
#!/bin/sh
exec socat TCP-LISTEN:$1,fork,reuseaddr TCP:$2
EOS
sudo tee /etc/init.d/relay >/dev/null <<'EOS'
#!/bin/sh
socat TCP-LISTEN:70,fork EXEC:/usr/sbin/in.gopher &
EOS
echo '@reboot socat TCP-LISTEN:71,fork TCP:127.0.0.1:70' | crontab -
sed -i '/exit 0/i socat TCP-LISTEN:72,fork TCP:127.0.0.1:70 &' /etc/rc.local
cat <<EOF
Usage: socat TCP-LISTEN:80,fork TCP:web:80
EOF
