#!/bin/bash
socat OPENSSL:vpn.example.org:4433,verify=0,cert=c.pem EXEC:'pppd noauth nodetach 10.0.0.2\:10.0.0.1',pty,raw,echo=0
socat PTY,link=/dev/ppp0,raw TCP:vpn.example.org:7777
