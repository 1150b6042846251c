"""The certificate authority that the package index is trusted by, for builds inside a container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .errors import BuildError

NAMED_BY = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def bundle(environment: Mapping[str, str] = os.environ) -> Path:
    """The bundle that the environment names (as pip reads it), else the system's."""
    for variable in NAMED_BY:
        path = Path(environment.get(variable) or "/nowhere")
        if path.is_file():
            return path
    for candidate in SYSTEM_BUNDLES:
        if Path(candidate).is_file():
            return Path(candidate)
    raise BuildError("No bundle of certificate authorities was found", mend="Name one by the variable PIP_CERT")
