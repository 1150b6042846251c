"""The engine on a file of objects, as any program of Python would call it: no Ansible around it.

engine_alone.py KUBECONFIG CONTEXT FILE apply|check

Prints the seconds from reading the manifests to the last answer.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    SetOptions,
    plan_present,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster


def main() -> None:
    """Applies or predicts."""
    kubeconfig, context, file, verb = sys.argv[1:]
    is_check = verb == "check"
    options = SetOptions(Applying(), threads=8, wait_seconds=0, check=is_check, diff=is_check)
    started = time.monotonic()
    documents = json.dumps([{"source": file, "text": Path(file).read_text(encoding="utf-8")}])
    with Cluster(kubeconfig, context) as cluster:
        planned = plan_present(cluster, documents, options)
        if planned.is_change and not is_check:
            planned.carry_out()
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
