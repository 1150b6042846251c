"""Asks whether the container registries answer, once and briefly."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

# A reference's host is not always the host that serves its API.
API_HOSTS = {"docker.io": "registry-1.docker.io"}


def hosts(references: Iterable[str]) -> tuple[str, ...]:
    """The registries that `references` (host/path:tag@digest) name."""
    return tuple(sorted({API_HOSTS.get(host, host) for host in (text.split("/")[0] for text in references)}))


def silent(registries: Iterable[str], timeout: float = 3) -> list[str]:
    """Those of `registries` that do not answer as a registry does within `timeout` seconds."""
    names = list(registries)
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        answers = pool.map(lambda host: _answers(host, timeout), names)
        return [host for host, answered in zip(names, answers, strict=True) if not answered]


def _answers(host: str, timeout: float) -> bool:
    scheme = "http" if host.startswith("127.0.0.1") else "https"
    try:
        with urllib.request.urlopen(f"{scheme}://{host}/v2/", timeout=timeout) as answer:
            return "docker-distribution-api-version" in answer.headers or answer.status == 200
    except urllib.error.HTTPError as refused:
        # 401 with a challenge is how a public registry says that it is there.
        return refused.code == 401 and "www-authenticate" in refused.headers
    except (OSError, ValueError):
        return False
