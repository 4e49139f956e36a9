FROM haproxy:2.8-alpine
USER root
RUN apk add --no-cache socat
HEALTHCHECK --interval=10s CMD echo "show info" | socat stdio unix-connect:/var/run/haproxy.sock || exit 1
