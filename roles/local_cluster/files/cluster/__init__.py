"""Looks at a kind cluster and brings it to its feet: Docker, ports, nodes, readiness, images in the nodes."""
