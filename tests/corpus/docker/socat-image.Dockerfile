FROM alpine/socat:1.7.4.4
EXPOSE 2376
CMD ["OPENSSL-LISTEN:2376,fork,cert=/certs/server.pem,verify=0", "UNIX-CONNECT:/var/run/docker.sock"]
