#!/bin/bash
exec socat \
  -d -d \
  TCP-LISTEN:27017,\
fork,\
reuseaddr \
  TCP:mongo-0.mongo:27017
