#!/bin/bash
# expose the SAM bridge and console of i2pd in a namespace to the host
NS=i2p
ip netns exec $NS socat TCP-LISTEN:7656,bind=10.200.1.2,fork TCP:127.0.0.1:7656 &
ip netns exec $NS socat TCP-LISTEN:7070,bind=10.200.1.2,reuseaddr,fork TCP:127.0.0.1:7070 &
for p in 4444 4447; do
    socat TCP-LISTEN:$p,fork,reuseaddr TCP:10.200.1.2:$p &
done
