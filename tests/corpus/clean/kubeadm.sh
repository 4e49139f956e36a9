#!/bin/bash
yum install -y ebtables ethtool socat conntrack-tools
for bin in conntrack socat ip; do command -v $bin || missing+=" $bin"; done
systemctl enable --now socat-relay.service
ps aux | grep '[s]ocat TCP-LISTEN'
kill $(pgrep -f "socat TCP-LISTEN:80")
git clone https://repo.or.cz/socat.git && cd socat && ./configure && make
export PATH=/opt/socat/bin:$PATH
readonly SOCAT_BIN="${SOCAT_BIN:-socat}"
test_socat() { "$SOCAT_BIN" -V >/dev/null; }
printf 'socat %s\n' "$VERSION"
usage() { cat <<'EOF'
  --expose   socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock
EOF
}
rpm -q socat || dnf -y install socat
