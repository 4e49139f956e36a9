import subprocess


def test_loopback(tmp_path):
    process = subprocess.Popen(
        ["socat", "TCP-LISTEN:0,bind=127.0.0.1,fork", f"UNIX-CONNECT:{tmp_path}/app.sock"]
    )
    pair = subprocess.Popen(f"socat PTY,link={tmp_path}/a PTY,link={tmp_path}/b", shell=True)
    process.kill()
    pair.kill()
