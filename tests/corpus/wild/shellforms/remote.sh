#!/bin/bash
vagrant ssh -c "sudo socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock &"
gcloud compute ssh bastion --zone europe-west1-b --command "socat TCP-LISTEN:5432,fork TCP:10.1.0.3:5432"
docker-compose exec -T app socat TCP-LISTEN:8000,fork UNIX-CONNECT:/run/app.sock
lxc exec c1 -- socat TCP-LISTEN:8001,fork TCP:127.0.0.1:80
ssh -t root@gw 'nohup socat UDP4-LISTEN:1194,fork UDP4:10.8.0.1:1194 >/dev/null 2>&1 </dev/null &'
sshpass -p "$PW" ssh -o StrictHostKeyChecking=no "$USER@$HOST" sudo socat TCP4-LISTEN:80,fork TCP4:localhost:8080
