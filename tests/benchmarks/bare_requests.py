"""The limit: what eight threads of bare urllib3 take for the same requests, with nothing around them.

bare_requests.py KUBECONFIG CONTEXT FILE apply|dry-run|get|list

Prints the seconds from the first request to the last answer. `list` is one request for each kind.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import urllib3
import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.kubeconfig import load_access

THREADS = 8
_APPLY = {"Content-Type": "application/apply-patch+yaml"}
_PLURALS = {"ConfigMap": "configmaps", "Service": "services"}


def main() -> None:
    """Sends them."""
    kubeconfig, context, file, verb = sys.argv[1:]
    access = load_access(kubeconfig, context)
    pool = urllib3.PoolManager(maxsize=THREADS, ssl_context=access.tls(), retries=False)
    authorization = access.authorization()
    headers = {"Authorization": authorization} if authorization else {}
    objects = list(yaml.load_all(Path(file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))

    def send(request: tuple[str, str, bytes | None]) -> None:
        method, path, body = request
        answer = pool.request(method, f"{access.server}{path}", body=body, headers=headers | (_APPLY if body else {}))
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.data[:300]!r}")

    requests = _requests(objects, verb)
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(send, requests))
    print(time.monotonic() - started)


def _requests(objects: list[dict[str, Any]], verb: str) -> list[tuple[str, str, bytes | None]]:
    collections = {each["kind"]: _collection(each) for each in objects}
    if verb == "list":
        return [("GET", path, None) for path in collections.values()]
    paths = [(each, f"{collections[each['kind']]}/{each['metadata']['name']}") for each in objects]
    if verb == "get":
        return [("GET", path, None) for _each, path in paths]
    query = "?fieldManager=limit&force=true" + ("&dryRun=All" if verb == "dry-run" else "")
    return [("PATCH", path + query, json.dumps(each).encode()) for each, path in paths]


def _collection(each: dict[str, Any]) -> str:
    return f"/api/v1/namespaces/{each['metadata']['namespace']}/{_PLURALS[each['kind']]}"


if __name__ == "__main__":
    main()
