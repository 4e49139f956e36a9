package e2e

import (
	"fmt"
	"os/exec"
	"testing"
)

// startSocat forwards a port with socat until the test is over.
func startSocat(t *testing.T, port int, target string) {
	t.Helper()
	cmd := exec.Command("socat", fmt.Sprintf("TCP-LISTEN:%d,fork,reuseaddr,bind=127.0.0.1", port), "TCP:"+target)
	if err := cmd.Start(); err != nil {
		t.Fatalf("socat: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
}

func startTLS(ctx context.Context, addr string) *exec.Cmd {
	args := []string{"-v"}
	args = append(args, "OPENSSL-LISTEN:8443,cert=testdata/server.pem,verify=0,fork", "TCP:"+addr)
	return exec.CommandContext(ctx, "socat", args...)
}
