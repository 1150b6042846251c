// Grafana's server, from its published module and what wire generates for it.
package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"grafana/commands"
)

func main() {
	app := &cli.App{Name: "grafana", Version: "10.0.0-preview",
		Commands: []*cli.Command{commands.ServerCommand("10.0.0-preview", "81d85ce8028d", "main", "1686329153")}}
	if err := app.Run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}
