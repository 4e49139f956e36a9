package relay

import (
	"context"
	"fmt"
	"os/exec"
)

// Start forwards a port of the host to the guest's docker.
func Start(ctx context.Context, port int, ip string) error {
	cmd := exec.CommandContext(ctx, "socat",
		fmt.Sprintf("TCP-LISTEN:%d,fork,reuseaddr", port),
		fmt.Sprintf("TCP:%s:2375", ip))
	return cmd.Start()
}

func monitor(sock string) *exec.Cmd {
	return exec.Command("sh", "-c", "echo info status | socat - unix-connect:"+sock)
}

func serial() *exec.Cmd {
	args := []string{"-d", "TCP-LISTEN:3001,bind=127.0.0.1", "FILE:/dev/ttyS0,b9600,raw"}
	return exec.Command("socat", args...)
}
