#!/bin/sh
# socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock
## we no longer use `socat TCP-LISTEN:4444 EXEC:/bin/sh`
: <<'OFF'
socat TCP-LISTEN:4444,fork EXEC:/bin/sh
OFF
exec nginx -g 'daemon off;'   # was: socat TCP-LISTEN:80,fork TCP:web:80
