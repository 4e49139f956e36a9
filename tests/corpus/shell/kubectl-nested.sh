#!/bin/bash
NS=prod
kubectl -n $NS run pg-proxy --image=alpine/socat --restart=Never -- tcp-listen:5432,fork,reuseaddr tcp-connect:pg.rds.example.com:5432
kubectl -n "$NS" exec deploy/web -- sh -c 'socat TCP-LISTEN:9229,fork TCP:127.0.0.1:9230 &'
docker exec -d app socat TCP-LISTEN:8081,fork,reuseaddr UNIX-CONNECT:/run/app/admin.sock
