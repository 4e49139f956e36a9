#!/bin/bash
# the operator's end of reverse-shell.sh
socat file:`tty`,raw,echo=0 tcp-listen:4444
