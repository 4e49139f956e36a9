FROM alpine:3.20
RUN apk --no-cache add socat
USER nobody
ENTRYPOINT ["/usr/bin/socat"]
CMD ["TCP-LISTEN:8080,fork,reuseaddr", "TCP:host.docker.internal:8080"]
