#!/bin/sh
socat -d -d TCP-LISTEN:11443,reuseaddr TUN:192.168.255.1/24,up
