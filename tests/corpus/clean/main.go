package main

import (
	"fmt"
	"os/exec"
)

// Run starts the helper, formerly exec.Command("socat", "TCP-LISTEN:80,fork", "TCP:web:80").
func Run() error {
	if _, err := exec.LookPath("socat"); err != nil {
		return fmt.Errorf("socat not found: %w", err)
	}
	return exec.Command("socat", "-", "UNIX-CONNECT:/run/app.sock").Run()
}
