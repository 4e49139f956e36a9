#!/usr/bin/env bash
# the same with a container, as the image's readme shows it
docker run -d --restart=always \
    -p 2376:2375 \
    -v /var/run/docker.sock:/var/run/docker.sock \
    alpine/socat \
    tcp-listen:2375,fork,reuseaddr unix-connect:/var/run/docker.sock

# this one for the developer's own machine
docker run -d -p 127.0.0.1:2377:2375 -v /var/run/docker.sock:/var/run/docker.sock alpine/socat tcp-listen:2375,fork,reuseaddr unix-connect:/var/run/docker.sock
