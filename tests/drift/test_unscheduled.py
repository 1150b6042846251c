"""A schedule that is no longer asked for. It is the last of the files: nothing is scheduled after it."""

from __future__ import annotations

import json
from typing import Any

from checks import Checks
from monitoring_servers import wait_until
from playbook import run_playbook

KINDS = "cronjob,configmap,secret,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding,networkpolicy"


def test_a_schedule_that_is_unset_goes_with_all_that_was_made_for_it(checks: Checks, kubectl: Any) -> None:
    done = run_playbook("-e", json.dumps({"drift_schedule": ""}))
    assert done.status == 0, done.output
    there = kubectl("get", f"{KINDS},validatingadmissionpolicy", "--all-namespaces", "-o", "name").split()
    assert "networkpolicy.networking.k8s.io/mlflow" in there
    assert [name for name in there if "drift" in name] == []
    # Prometheus has the rules of the schedule in force until the kubelet has brought it the others.
    wait_until("a check without a schedule finds nothing", lambda: checks.run(drift_schedule="").status == 0, 180)
