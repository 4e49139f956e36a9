#!/bin/sh
PROTO=tcp
while getopts "usp:" o; do
  case $o in
    u) PROTO=udp ;;
    s) SSL=1 ;;
    p) PORT=$OPTARG ;;
  esac
done
case $PROTO in
  tcp) socat tcp4-listen:"$PORT",fork,reuseaddr exec:"$PWD/handler.sh" ;;
  udp) socat udp4-listen:"$PORT",fork,reuseaddr exec:"$PWD/handler.sh" ;;
esac
