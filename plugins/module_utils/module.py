"""What every module of this collection has in common: predict first, write after, show both.

A module gives a plan: what is (before), what would be (after), and the one function that makes it so.
The base decides whether that function runs, so no module can forget check mode, diff or errors.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import (
    CLUSTER_ARGUMENTS,
    Cluster,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any
Parameters = Mapping[str, Any]


# Of every module, beside how the cluster is reached; the play of the drift check sets it for all of them.
DRIFT_ARGUMENT: dict[str, dict[str, Any]] = {
    "drift": {"type": "bool", "default": False},
    "only": {"type": "list", "elements": "str"},
}


@dataclass(frozen=True)
class Mode:
    """How the run was asked for: a prediction only, whether somebody wants to see the difference, and who looks on.

    drift: what differs is wanted with what was expected, what was found and whose hand it was; in check mode only.
    only: the things (`Deployment monitoring/mlflow`, `User storage/minio-user-mlflow`) to put right; None for all.
    """

    check: bool
    diff: bool
    progress: Progress
    drift: bool = False
    only: tuple[str, ...] | None = None


def run_module(
    argument_spec: Mapping[str, Any],
    plan: Callable[[Parameters, Cluster, Mode], Plan],
    **kwargs: Any,
) -> None:
    """Runs one module: the plan in every mode, its writes only where something changes and writing is allowed."""
    module = AnsibleModule(
        argument_spec={**CLUSTER_ARGUMENTS, **DRIFT_ARGUMENT, **argument_spec},
        supports_check_mode=True,
        **kwargs,
    )
    progress = Progress.from_environment()
    check, only = bool(module.check_mode), module.params["only"]
    mode = Mode(
        check,
        bool(module._diff),
        progress,
        drift=check and module.params["drift"],
        only=None if only is None else tuple(only),
    )
    mask = Mask()
    try:
        with Cluster.from_parameters(module.params) as cluster:
            cluster.mask = mask
            planned = plan(module.params, cluster, mode)
            is_to_write = planned.is_change and not mode.check
            result = (planned.carry_out() if is_to_write else planned.outcome).as_json()
    except TrackingError as error:
        told = mask.shown({"msg": error.sentence(), "error": error.as_result()})
        module.fail_json(**{**told, **error.result})
    except Exception as fault:
        fail_by_fault(module, fault, mask)
    finally:
        progress.close()
    if mode.diff:
        result["diff"] = planned.difference
    for warning in result.pop("warnings", []):
        module.warn(warning)
    module.exit_json(**{"changed": planned.is_change, **result})


def fail_by_fault(module: AnsibleModule, fault: Exception, mask: Mask) -> None:
    """Ends the module by a fault of ours, whose text and traceback may quote what it stumbled over."""
    told = mask.text(f"{type(fault).__name__}: {fault}. This is a fault of mlops.tracking: please report it.")
    module.fail_json(msg=told, exception=mask.text(traceback.format_exc()))
