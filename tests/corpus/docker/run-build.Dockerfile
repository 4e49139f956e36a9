FROM golang:1.22
RUN apt-get update && apt-get install -y socat
RUN socat UNIX-LISTEN:/tmp/agent.sock,fork TCP:host.docker.internal:9999 & \
    sleep 1 && SSH_AUTH_SOCK=/tmp/agent.sock go mod download
ENTRYPOINT ["sh", "-c", "socat TCP-LISTEN:8000,fork,bind=0.0.0.0 TCP:127.0.0.1:3000 & exec /app/server"]
