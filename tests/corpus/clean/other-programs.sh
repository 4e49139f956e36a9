#!/bin/sh
acme.sh --issue -d example.org --standalone
apt-cache policy socat | grep Installed
tar czf socat-1.8.0.3.tar.gz socat-1.8.0.3
curl -fsSLO http://www.dest-unreach.org/socat/download/socat-1.8.0.3.tar.gz
./run-tests --with-socat --relay=socat TCP-LISTEN:1
brew install socat || true
docker pull alpine/socat
docker images | grep alpine/socat
grep -r 'socat TCP-LISTEN' scripts/ && exit 1
man socat
