#!/bin/bash
export SSH_AUTH_SOCK=$HOME/.ssh/agent.sock
if ! ss -a | grep -q "$SSH_AUTH_SOCK"; then
    rm -f "$SSH_AUTH_SOCK"
    (setsid socat UNIX-LISTEN:"$SSH_AUTH_SOCK",fork EXEC:"npiperelay.exe -ei -s //./pipe/openssh-ssh-agent",nofork &) >/dev/null 2>&1
fi
# for the build container
socat TCP-LISTEN:10022,fork,reuseaddr UNIX-CONNECT:$HOME/.ssh/agent.sock &
# for tools that only speak TCP
socat TCP-LISTEN:10023,bind=localhost,fork UNIX-CONNECT:"${SSH_AUTH_SOCK}" &
