#!/bin/bash
# a web server in bash
if [ "$1" = handle ]; then
  read -r request
  echo -e "HTTP/1.1 200 OK\r\n\r\nhello"
  exit
fi
exec socat -v TCP-LISTEN:${PORT:-8080},reuseaddr,fork SYSTEM:"$0 handle"
