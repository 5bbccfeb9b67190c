// Command wfauth is the command line for Adobe Workfront: log in once, then let scripts use the session.
package main

import (
	"os"

	"github.com/wfauth/wfauth/internal/cli"
)

func main() { os.Exit(cli.Main()) }
