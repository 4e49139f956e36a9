#!/bin/sh
# usage: proxy.sh on|off
case "$1" in
on)
    sudo socat TCP-LISTEN:445,fork,reuseaddr,su=nobody TCP:nas.lan:445 &
    sudo socat UDP-LISTEN:53,fork,reuseaddr UDP:9.9.9.9:53 &
    ;;
off)
    sudo killall socat ;;
*)
    cat <<USAGE
usage: $0 on|off
  on   runs socat TCP-LISTEN:445,fork TCP:nas.lan:445
USAGE
    exit 1 ;;
esac
