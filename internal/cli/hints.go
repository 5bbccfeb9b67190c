package cli

import (
	"runtime"
	"strings"
)

// portOwnerHint says how to see which program has a port.
func portOwnerHint(ports []string) string {
	port := strings.Join(ports, " or ")
	switch runtime.GOOS {
	case "windows":
		return " (netstat -ano shows what has port " + port + ")"
	case "darwin":
		return " (lsof -i tcp:" + ports[0] + " shows what has it)"
	}
	return " (ss -ltnp shows what has port " + port + ")"
}
