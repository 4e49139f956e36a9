from fabric import Connection

from lib import sudo


def deploy(c: Connection):
    c.run("nohup socat TCP-LISTEN:8008,fork,reuseaddr TCP:127.0.0.1:8000 &", pty=False)
    sudo("echo 'disable server be/web1' | socat stdio /var/run/haproxy.sock")
