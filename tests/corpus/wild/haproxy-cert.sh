#!/bin/bash
CERT=/etc/haproxy/certs/site.pem
echo -e "set ssl cert $CERT <<\n$(cat $CERT)\n" | socat stdio tcp4-connect:127.0.0.1:9999
echo "commit ssl cert $CERT" | socat /var/run/haproxy.stat -
for s in /run/haproxy-*.sock; do
  echo "disable frontend www" | sudo socat "$s" stdio
done
watch -n1 'echo "show stat" | socat unix-connect:/var/run/haproxy.sock stdio'
