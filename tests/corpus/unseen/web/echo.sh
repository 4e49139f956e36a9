#!/bin/sh
socat -v tcp-l:1234,fork exec:'/bin/cat' &
socat TCP-LISTEN:8080,crlf,reuseaddr,fork SYSTEM:"echo HTTP/1.0 200; echo Content-Type\: text/plain; echo; cat index.html" &
socat TCP-LISTEN:8081,reuseaddr,fork "SYSTEM:read l; eval \$l" &
socat UDP-RECVFROM:5555,fork EXEC:"/usr/local/bin/handle.py"
