FROM ubuntu:22.04
RUN apt-get update && apt-get -y install socat python3 && useradd -m ctf
COPY flag.txt chall.py /home/ctf/
USER ctf
WORKDIR /home/ctf
EXPOSE 1337
CMD socat TCP-LISTEN:1337,reuseaddr,fork EXEC:"python3 -u chall.py",stderr
