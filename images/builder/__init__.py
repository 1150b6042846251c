"""Builds binaries and images from Go modules, Debian packages and PyPI where no container registry answers."""
