#!/bin/bash
JUMP=ops@bastion.example.net
ssh -f "$JUMP" "sh -c 'socat TCP-LISTEN:3307,fork,reuseaddr TCP:mysql.internal:3306 >/dev/null 2>&1 &'"
ssh "$JUMP" <<'REMOTE'
  pkill -f 'TCP-LISTEN:3308' || true
  nohup socat TCP-LISTEN:3308,fork,bind=127.0.0.1 TCP:mysql.internal:3306 &
REMOTE
