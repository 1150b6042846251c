"""Asking the servers that watch the stack: Prometheus and Grafana, through their HTTP APIs."""
