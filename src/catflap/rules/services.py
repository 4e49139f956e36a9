"""What listens behind well-known paths and ports: data for :mod:`catflap.rules.assets`.

Paths are matched in lower case without ``$``, so that a variable's name counts as a hint
(``$DOCKER_SOCK``). Ports are those that a service listens on unless somebody says otherwise;
a port alone proves little, so what is found by one is less sure.
"""

from __future__ import annotations

import re

__all__ = (
    "AGENT_SOCKETS",
    "CHOSEN_PORTS",
    "DEVICES",
    "METADATA_HOSTS",
    "RUNTIME_PORTS",
    "RUNTIME_SOCKETS",
    "SERVICE_PORTS",
    "SERVICE_SOCKETS",
)

RUNTIME_SOCKETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(^|/)docker[_.-]?(host|raw|cli|engine|\d+)?[._-]?sock(et)?[^/]*$"), "Docker"),
    (re.compile(r"(^|/)(dockershim|cri-dockerd)\.sock$"), "Docker"),
    (re.compile(r"(^|/)containerd\.sock(\.ttrpc)?$"), "containerd"),
    (re.compile(r"(^|/)podman[_.-]?sock(et)?$"), "Podman"),
    (re.compile(r"(^|/)crio\.sock$"), "CRI-O"),
    (re.compile(r"(^|/)buildkitd\.sock$"), "BuildKit"),
    (re.compile(r"(^|/)(libvirt|virtqemud)-sock$"), "libvirt"),
    (re.compile(r"(^|/)firecracker\.sock(et)?$"), "Firecracker"),
    (re.compile(r"/(lxd|incus)/unix\.socket$"), "LXD"),
    (re.compile(r"(^|/)snapd\.socket$"), "snapd"),
    (re.compile(r"/systemd/private$"), "systemd"),
)  # fmt: skip
"""Sockets whose owner is root or as good as it, by the end of the path."""

RUNTIME_PORTS = {"2375": "Docker", "16509": "libvirt"}

AGENT_SOCKETS = {
    "/agent.": "an SSH agent",
    "/.ssh/": "an SSH agent",
    "s.gpg-agent": "a GnuPG agent",
    "gpg_agent": "a GnuPG agent",
    "gpg-agent": "a GnuPG agent",
    "ssh_auth_sock": "an SSH agent",
    "ssh-agent": "an SSH agent",
    "gnupg": "a GnuPG agent",
    "keyring": "a keyring",
    "system_bus_socket": "the system bus",
    "dbus_session": "the session bus",
    "dbus_system": "the system bus",
    "x11-unix": "an X display",
    "wayland-": "a Wayland display",
    "vault": "Vault",
}
"""Marks of sockets that lend somebody's keys or hands, anywhere in the path."""

SERVICE_SOCKETS = {
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "postgresql": "PostgreSQL",
    ".s.pgsql": "PostgreSQL",
    "redis": "Redis",
    "valkey": "Valkey",
    "mongodb": "MongoDB",
    "memcached": "memcached",
    "clickhouse": "ClickHouse",
    "etcd": "etcd",
    "kubelet.sock": "a kubelet",
}
"""Marks of sockets of services that trust whoever connects, anywhere in the path."""

SERVICE_PORTS = {
    "3306": "MySQL",
    "33060": "MySQL",
    "5432": "PostgreSQL",
    "6432": "PostgreSQL",
    "6379": "Redis",
    "6380": "Redis",
    "26379": "Redis",
    "27017": "MongoDB",
    "9200": "Elasticsearch",
    "9300": "Elasticsearch",
    "11211": "memcached",
    "2379": "etcd",
    "2380": "etcd",
    "8001": "kubectl proxy",
    "6443": "the Kubernetes API",
    "10250": "a kubelet",
    "10255": "a kubelet",
    "1433": "SQL Server",
    "1521": "Oracle",
    "5984": "CouchDB",
    "8086": "InfluxDB",
    "2181": "ZooKeeper",
    "7687": "Neo4j",
    "9222": "a browser's debugger",
    "9229": "Node's debugger",
    "5005": "Java's debugger",
    "5678": "Python's debugger",
    "2345": "Go's debugger",
    "5037": "adb",
    "5555": "adb",
    "8500": "Consul",
    "8200": "Vault",
    "5672": "RabbitMQ",
    "9042": "Cassandra",
    "3389": "a remote desktop",
    "mysql": "MySQL",
    "postgresql": "PostgreSQL",
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "ms-sql-s": "SQL Server",
    "x11": "an X display",
    **{str(port): "VNC" for port in range(5900, 5911)},
    **{str(port): "an X display" for port in range(6000, 6011)},
}

CHOSEN_PORTS = frozenset(
    {"8001", "5555", "5678", "2345", "5005", "8086", "8200", "8500"}
    | {str(port) for port in range(6001, 6011)}
)
"""Ports of such services that people also pick by themselves, for somewhere to meet."""

METADATA_HOSTS = frozenset(["169.254.169.254", "fd00:ec2::254", "metadata.google.internal"])
"""Where clouds hand credentials to whoever asks from an instance."""

DEVICES = re.compile(
    r"/dev/(tty\w+|serial/.*|cu\.?\w+|modem\w*|hidraw\d+"
    r"|spidev.*|i2c-\d+|gpio.*|video\d+|lp\d+|usb/.*|bus/usb/.*|mem|kmem|port|sd[a-z]\d*|nvme.*"
    r"|disk/.*|net/tun|rfcomm\d+)"
)
"""Devices with something at the other end; not terminals, nothingness or entropy."""
