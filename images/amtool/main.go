// amtool, whose command line is a library of Alertmanager.
package main

import "github.com/prometheus/alertmanager/cli"

func main() {
	cli.Execute()
}
