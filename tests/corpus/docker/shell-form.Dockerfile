FROM debian:bookworm-slim
ENV LISTEN_PORT=2375 \
    TARGET=/var/run/docker.sock
RUN apt-get update && apt-get install -y --no-install-recommends socat && rm -rf /var/lib/apt/lists/*
ENTRYPOINT exec socat TCP-LISTEN:${LISTEN_PORT},fork,reuseaddr UNIX-CONNECT:${TARGET}
