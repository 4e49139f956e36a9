FROM alpine:3.19
RUN apk add --no-cache socat
EXPOSE 5432
CMD ["socat", "-d", "-d", "TCP-LISTEN:5432,fork,reuseaddr", "TCP:postgres.internal:5432"]
