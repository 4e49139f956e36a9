#!/bin/sh
set -e
PKGS="curl socat jq netcat-openbsd"
apt-get install -y $PKGS
command -v socat >/dev/null 2>&1 || { echo "socat is missing" >&2; exit 1; }
which socat
type -p socat
socat -V | head -2
socat -h >/dev/null
pkill -x socat || true
killall socat 2>/dev/null
dpkg -s socat
