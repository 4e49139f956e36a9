FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y socat \
 && rm -rf /var/lib/apt/lists/*
COPY chall /chall
ENV PORT=9001
EXPOSE $PORT
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["exec socat -v TCP-LISTEN:$PORT,reuseaddr,fork EXEC:/chall,pty,stderr,rawer"]
