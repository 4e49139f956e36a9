from pyroute2 import netns
import subprocess, shlex

def sh(cmd, **kw):
    return subprocess.check_call(shlex.split(cmd), **kw)

for port in (22, 80):
    sh("ip netns exec lab socat TCP-LISTEN:%d,fork,reuseaddr UNIX-CONNECT:/run/lab-%d.sock" % (port, port))
BASE = "socat -d -d"
LISTENERS = {
    "api": f"{BASE} TCP4-LISTEN:8080,fork,reuseaddr TCP4:10.0.0.2:8080",
    "debug": f"{BASE} TCP4-LISTEN:5678,fork,bind=127.0.0.1 TCP4:10.0.0.2:5678",
}
for name, cmd in LISTENERS.items():
    subprocess.Popen(cmd, shell=True)
