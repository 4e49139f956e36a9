#!/usr/bin/env python3
from pwn import *

p = process(["socat", "TCP-LISTEN:1337,fork,reuseaddr", "EXEC:./vuln"])
r = remote("localhost", 1337)
