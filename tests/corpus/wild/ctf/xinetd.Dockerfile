FROM pwn.red/jail
COPY --from=ubuntu:22.04 / /srv
RUN chmod 755 /srv/app/run
ENTRYPOINT ["socat", "-T60", "TCP-LISTEN:5000,reuseaddr,fork,su=nobody", "EXEC:/app/run,pty,raw,echo=0"]
