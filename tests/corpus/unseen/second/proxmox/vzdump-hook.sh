#!/bin/bash
set -o pipefail
PEER=${1:?peer}
case "$2" in
  recv) socat -u TCP-LISTEN:9999,reuseaddr OPEN:/var/lib/vz/dump/in.zst,creat,trunc ;;
  send) socat -u FILE:"$3" TCP:"$PEER":9999 ;;
esac
