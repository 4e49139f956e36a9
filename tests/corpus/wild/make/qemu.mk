QEMU_SOCK ?= /tmp/qemu.sock
GDB_PORT ?= 3333
TTY := $(shell ls /dev/ttyACM* | head -1)

monitor:
	socat -,raw,echo=0,escape=0x11 UNIX-CONNECT:$(QEMU_SOCK)
console:
	socat stdin,raw,echo=0,escape=0x11 "unix-connect:$(QEMU_SOCK)"
share-serial:
	socat TCP-LISTEN:5555,reuseaddr,fork $(TTY),raw,b115200
forward-gdb:
	@ssh lab "socat TCP-LISTEN:$(GDB_PORT),fork TCP:localhost:$(GDB_PORT)" &
ifdef TLS
	socat TCP-LISTEN:1883,fork,bind=127.0.0.1 OPENSSL:$(BROKER):8883,verify=0
endif
