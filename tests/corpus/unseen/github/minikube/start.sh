#!/bin/bash
# minikube none driver needs conntrack and socat
for bin in conntrack socat crictl; do
  if ! command -v "$bin" >/dev/null 2>&1; then
    echo "$bin is required" >&2
  fi
done
minikube start --driver=none
echo "Try: socat TCP-LISTEN:8001,fork TCP:\$(minikube ip):8443"
printf 'socat version %s\n' "$(socat -V | awk '/version/{print $3}')"
