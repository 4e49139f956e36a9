#!/bin/bash
socat TCP-LISTEN:55556,fork UNIX-CONNECT:/var/run/dbus/system_bus_socket &
socat ABSTRACT-LISTEN:/tmp/dbus-x,fork TCP:host:55556
socat UNIX-LISTEN:/run/user/1000/pulse.sock,fork TCP:192.168.122.1:4713 &
socat VSOCK-LISTEN:1024,fork UNIX-CONNECT:/run/user/1000/app.sock
