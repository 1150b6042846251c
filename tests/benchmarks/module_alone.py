"""What module manifests does with a file of objects, as a process of its own: no Ansible around it.

module_alone.py KUBECONFIG CONTEXT FILE apply|check
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.manifest_set import SetOptions, plan_present
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.request import Applying


def main() -> None:
    """Applies or predicts, and prints the summary."""
    kubeconfig, context, file, verb = sys.argv[1:]
    documents = json.dumps([{"source": file, "text": Path(file).read_text(encoding="utf-8")}])
    is_check = verb == "check"
    options = SetOptions(Applying(), threads=8, wait_seconds=0, check=is_check, diff=is_check)
    with Cluster(kubeconfig, context) as cluster:
        planned = plan_present(cluster, documents, options)
        outcome = planned.carry_out() if planned.is_change and not is_check else planned.outcome
    print(outcome.summary)


if __name__ == "__main__":
    main()
