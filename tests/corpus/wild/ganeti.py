def _get_socat_command(self, host, port):
    addr1 = [
        "OPENSSL:%s:%s" % (host, port),
        "connect-timeout=%s" % 60,
        "key=%s" % self.key, "cert=%s" % self.cert, "cafile=%s" % self.ca,
        "verify=1", "compress=none", "openssl-commonname=node",
    ]
    return ["socat", "-T60", "-u", "-ls", "stdio", ",".join(addr1)]
