package drivers

func forward(port string) error {
	c := exec.Command("docker", "run", "--rm", "-d", "--network=host", "alpine", "ash", "-c",
		"apk add socat && socat TCP-LISTEN:5000,reuseaddr,fork TCP:"+ip+":5000")
	return c.Run()
}
