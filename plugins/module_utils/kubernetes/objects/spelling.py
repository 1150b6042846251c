"""Whether the API server keeps a value of a manifest as the live one: quantities, and defaults within values.

Only what is sure counts, so only kinds whose rules are known: those of Kubernetes itself. Values that are held as a
whole (atomic lists and mappings, see the `x-kubernetes-list-type` of its OpenAPI) get defaults inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.quantity import is_same_quantity

JSON = Any
Trail = tuple[str, ...]  # the apiVersion, then the names that lead to a field; `*` for any item

_BUILT_IN = frozenset(
    {
        "v1",
        "apps/v1",
        "batch/v1",
        "networking.k8s.io/v1",
        "rbac.authorization.k8s.io/v1",
        "admissionregistration.k8s.io/v1",
        "autoscaling/v2",
        "policy/v1",
        "storage.k8s.io/v1",
        "coordination.k8s.io/v1",
        "discovery.k8s.io/v1",
        "node.k8s.io/v1",
        "resource.k8s.io/v1",
    }
)
_RBAC = "rbac.authorization.k8s.io"
# Lists whose items are held one by one, in the specs of pods and Services and in containers: an empty one says nothing.
_LISTS_OF_ITEMS = frozenset(
    {
        "containers",
        "env",
        "hostAliases",
        "imagePullSecrets",
        "initContainers",
        "ports",
        "topologySpreadConstraints",
        "volumeDevices",
        "volumeMounts",
        "volumes",
    }
)
_MATCHES_ALL = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
# Where a trail ends so, the server adds these.
_DEFAULTS: Mapping[Trail, Mapping[str, JSON]] = {
    ("fieldRef",): {"apiVersion": "v1"},
    ("resourceFieldRef",): {"divisor": "0"},
    ("volumeClaimTemplates", "*"): {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "status": {"phase": "Pending"},
    },
    ("volumeClaimTemplates", "*", "spec"): {"volumeMode": "Filesystem"},
    ("ingress", "*", "ports", "*"): {"protocol": "TCP"},
    ("egress", "*", "ports", "*"): {"protocol": "TCP"},
    ("sources", "*", "serviceAccountToken"): {"expirationSeconds": 3600},
    ("webhooks", "*", "rules", "*"): {"scope": "*"},
    ("resourceRules", "*"): {"scope": "*"},
    ("excludeResourceRules", "*"): {"scope": "*"},
    ("spec", "matchConstraints"): _MATCHES_ALL,
    ("spec", "matchResources"): _MATCHES_ALL,
    ("subsets", "*", "ports", "*"): {"protocol": "TCP"},
    ("discovery.k8s.io/v1", "ports", "*"): {"name": "", "protocol": "TCP"},
    ("discovery.k8s.io/v1", "endpoints", "*"): {"conditions": {}},
    ("devices", "requests", "*", "exactly"): {"allocationMode": "ExactCount", "count": 1},
    (_RBAC + "/v1", "subjects", "*"): {"apiGroup": _RBAC},
    (_RBAC + "/v1", "roleRef"): {"apiGroup": _RBAC},
}
_LIMIT = ("v1", "spec", "limits", "*")  # of a LimitRange
# Where a trail ends so, with a name for `?`, the value is a quantity.
_QUANTITIES: tuple[Trail, ...] = (
    ("resources", "requests", "?"),
    ("resources", "limits", "?"),
    ("spec", "capacity", "?"),
    ("spec", "hard", "?"),
    ("emptyDir", "sizeLimit"),
    ("target", "averageValue"),
    ("target", "value"),
    ("storage.k8s.io/v1", "capacity"),
    ("storage.k8s.io/v1", "maximumVolumeSize"),
    ("overhead", "podFixed", "?"),
    *((*_LIMIT, part, "?") for part in ("default", "defaultRequest", "max", "maxLimitRequestRatio", "min")),
)


def is_kept_as(value: JSON, live: JSON, trail: Trail) -> bool:
    """Whether the server is sure to keep `value` at that place as `live`. trail begins with the apiVersion."""
    if type(value) is type(live) and value == live:
        return True
    if trail[0] not in _BUILT_IN:
        return False
    if isinstance(value, dict) and isinstance(live, dict):
        return _is_mapping_kept(value, live, trail)
    if isinstance(value, list) and isinstance(live, list):
        return len(value) == len(live) and all(
            is_kept_as(item, other, (*trail, "*")) for item, other in zip(value, live, strict=True)
        )
    return any(_ends(trail, place) for place in _QUANTITIES) and is_same_quantity(value, live)


def says_nothing(value: JSON, trail: Trail) -> bool:
    """Whether a value asks for nothing, so that nobody comes to hold a field by it."""
    is_known = trail[0] in _BUILT_IN and trail[-2] in ("spec", "*") and trail[-1] in _LISTS_OF_ITEMS
    return is_known and value == []


def _is_mapping_kept(value: Mapping[str, JSON], live: Mapping[str, JSON], trail: Trail) -> bool:
    if trail == _LIMIT:
        value = _with_derived(value)
    added = [key for key in live if key not in value]
    if added:
        defaults = next((each for place, each in _DEFAULTS.items() if _ends(trail, place)), {})
        if any(key not in defaults or defaults[key] != live[key] for key in added):
            return False
    return all(key in live and is_kept_as(part, live[key], (*trail, key)) for key, part in value.items())


def _with_derived(limit: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """A limit for containers as the server fills it in: from `max` the default, from that or `min` the request."""
    if limit.get("type") != "Container":
        return limit
    default = {**(limit.get("max") or {}), **(limit.get("default") or {})}
    request = {**(limit.get("min") or {}), **default, **(limit.get("defaultRequest") or {})}
    return {**limit, **({"default": default} if default else {}), **({"defaultRequest": request} if request else {})}


def _ends(trail: Trail, place: Trail) -> bool:
    end = trail[-len(place) :]
    return len(end) == len(place) and all(want in ("?", name) for want, name in zip(place, end, strict=True))
