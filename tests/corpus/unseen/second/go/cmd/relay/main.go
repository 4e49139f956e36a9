package main

import "os/exec"

const socatBin = "/usr/bin/socat"

type relay struct{ listen, target string }

func (r relay) args(verify bool) []string {
	v := "verify=0"
	if verify {
		v = "verify=1,cafile=/etc/ca.pem"
	}
	return []string{"TCP-LISTEN:" + r.listen + ",fork,bind=127.0.0.1", "OPENSSL:" + r.target + "," + v}
}

func main() {
	c := exec.Command(socatBin, "UNIX-LISTEN:/run/x.sock,fork,mode=0777", "TCP:10.0.0.1:9")
	_ = c.Run()
	exec.Command("bash", "-c", "socat UDP-LISTEN:514,fork TCP:logs.example.com:514").Run()
}
