// Grafana's server, from its published module and what wire generates for it.
package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"grafana/commands"
)

// Where the second changes while a new database gets its first user and organization, this Grafana takes the one for
// another and gives up, with nothing written. To begin again is all it takes.
const unlucky = "failed to create default organization"

func main() {
	app := &cli.App{Name: "grafana", Version: "10.0.0-preview",
		Commands: []*cli.Command{commands.ServerCommand("10.0.0-preview", "81d85ce8028d", "main", "1686329153")}}
	err := app.Run(os.Args)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	if self, missing := os.Executable(); missing == nil && strings.Contains(err.Error(), unlucky) {
		fmt.Fprintln(os.Stderr, syscall.Exec(self, os.Args, os.Environ()))
	}
	os.Exit(1)
}
