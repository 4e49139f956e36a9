# syntax=docker/dockerfile:1
FROM debian:12
RUN apt-get update -qq && apt-get install -yqq socat
COPY <<'EOT' /usr/local/bin/entrypoint.sh
#!/bin/sh
socat TCP-LISTEN:9223,fork,reuseaddr TCP:127.0.0.1:9222 &
exec chromium --headless --remote-debugging-port=9222
EOT
RUN chmod +x /usr/local/bin/entrypoint.sh
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
