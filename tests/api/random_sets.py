"""Random sets of many kinds, and random states of the cluster before them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine import Engine
from objects_to_apply import (
    claim,
    config_map,
    deployment,
    namespace,
    network_policy,
    secret,
    service,
    widget,
    widget_definition,
)

JSON = Any

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
INVENTORY = "tracking-inventory"
IGNORES: list[JSON] = [
    {"kind": "Deployment", "pointers": ["/spec/replicas"]},
    {"kind": "Deployment", "expressions": ["spec.template.spec.containers[?name=='web'].image"]},
    {"kind": "ConfigMap", "pointers": ["/data/colour"]},
    {"managers": ["somebody"]},
    {"pointers": ["/metadata/labels"]},
]


def _plain(api_version: str, kind: str, **content: JSON) -> Callable[[str], JSON]:
    def made(where: str) -> JSON:
        body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web", "namespace": where}}
        return {**body, **copy.deepcopy(content)}

    return made


_POD = deployment("x")["spec"]["template"]
_REFERENCE = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
_BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
KINDS: dict[str, Callable[[str], JSON]] = {
    "ConfigMap": config_map,
    "Secret": lambda where: secret(where, password="first", token="second"),
    "generated Secret": lambda where: secret(where, "made", {"tracking.mlops/generate": "password=20"}),
    "copied Secret": lambda where: secret(where, "copy", {"tracking.mlops/copy": f"{where}/credentials"}),
    "Service": service,
    "PersistentVolumeClaim": claim,
    "NetworkPolicy": network_policy,
    "Deployment": deployment,
    "StatefulSet": _plain(
        "apps/v1",
        "StatefulSet",
        spec={"serviceName": "web", "selector": {"matchLabels": {"app": "web"}}, "template": _POD},
    ),
    "ServiceAccount": _plain("v1", "ServiceAccount", automountServiceAccountToken=False),
    "Role": _plain(
        "rbac.authorization.k8s.io/v1", "Role", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    ),
    "RoleBinding": _plain(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"},
        subjects=[{"kind": "ServiceAccount", "name": "web", "namespace": "default"}],
    ),
    "CronJob": _plain(
        "batch/v1",
        "CronJob",
        spec={
            "schedule": "0 3 * * *",
            "jobTemplate": {
                "spec": {
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "web", "image": "a:1"}]}}
                }
            },
        },
    ),
    "HorizontalPodAutoscaler": _plain(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        spec={
            "scaleTargetRef": _REFERENCE,
            "maxReplicas": 3,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "0.5"}},
                }
            ],
        },
    ),
    "PodDisruptionBudget": _plain(
        "policy/v1", "PodDisruptionBudget", spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    ),
    "Ingress": _plain(
        "networking.k8s.io/v1",
        "Ingress",
        spec={
            "rules": [
                {"host": "web.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": _BACKEND}]}}
            ]
        },
    ),
    "ResourceQuota": _plain("v1", "ResourceQuota", spec={"hard": {"requests.cpu": "4000m", "pods": "10"}}),
    "LimitRange": _plain("v1", "LimitRange", spec={"limits": [{"type": "Container", "max": {"memory": "1024Mi"}}]}),
}
_DEPENDS = {"copied Secret": "Secret"}
_PASTS = ("none", "ours", "ours", "ours", "foreign", "kubectl", "edited", "deleted")


@dataclass
class Scene:
    """What is wanted after a past. Everything of it follows from the seed."""

    wanted: list[JSON] = field(default_factory=list)
    ignore: list[JSON] = field(default_factory=list)
    force: tuple[str, ...] = ()
    inventory: str = ""

    @property
    def how(self) -> dict[str, JSON]:
        """The engine's options."""
        return {"ignore": self.ignore, "force": self.force, "inventory": self.inventory}


def scene(seed: int, engine: Engine) -> Scene:
    """Makes the past on the server."""
    chance = random.Random(seed)
    made = Scene()
    if chance.random() < 0.7:
        made.inventory = f"{engine.namespace}/{INVENTORY}"
    made.force = ("*",) if chance.random() < 0.5 else ()
    kinds = chance.sample(sorted(KINDS), k=chance.randint(3, 10))
    kinds += [needed for kind, needed in _DEPENDS.items() if kind in kinds and needed not in kinds]
    first = {kind: KINDS[kind](engine.namespace) for kind in kinds}
    pasts = {kind: chance.choice(_PASTS) for kind in kinds}
    _make_past(chance, engine, first, pasts, made.inventory)
    for kind in kinds:
        is_needed = any(kind == needed and each in kinds for each, needed in _DEPENDS.items())
        if is_needed or chance.random() < 0.8:
            made.wanted.append(_varied(chance, first[kind]) if chance.random() < 0.6 else first[kind])
    if chance.random() < 0.4:
        later = f"{engine.namespace}-later"
        made.wanted += [namespace(later), config_map(later), deployment(later), secret(later, password="third")]
    if chance.random() < 0.4:
        group = f"{engine.namespace}.example.org"
        made.wanted += [widget_definition(group), widget(group, engine.namespace)]
    if not made.wanted:
        made.wanted.append(config_map(engine.namespace, "last"))
    made.ignore = chance.sample(IGNORES, k=chance.randint(0, 2))
    chance.shuffle(made.wanted)
    return made


def _make_past(
    chance: random.Random, engine: Engine, first: dict[str, JSON], pasts: dict[str, str], inventory: str
) -> None:
    ours = [kind for kind, past in pasts.items() if past in ("ours", "edited", "deleted")]
    ours += [needed for kind, needed in _DEPENDS.items() if kind in ours and needed not in ours]
    if ours:
        engine.apply(
            *(_varied(chance, first[kind]) if chance.random() < 0.5 else first[kind] for kind in ours),
            inventory=inventory,
        )
    for kind, past in pasts.items():
        body = copy.deepcopy(first[kind])
        if kind in ours and past not in ("edited", "deleted"):
            continue
        if past == "foreign":
            engine.create(_varied(chance, body))
        elif past == "kubectl":
            body["metadata"].setdefault("annotations", {})[LAST_APPLIED] = json.dumps(first[kind])
            engine.create(body, manager="kubectl-client-side-apply")
        elif past == "edited":
            engine.edit(body, _edit(chance, body))
        elif past == "deleted":
            engine.delete(body)
            if engine.live(body) is not None:  # a claim's protection, which nobody lifts here
                engine.edit(body, {"metadata": {"finalizers": None}})


def _edit(chance: random.Random, body: JSON) -> JSON:
    """What somebody else writes into an object."""
    patches: list[JSON] = [
        {"metadata": {"labels": {"team": "others"}}},
        {"metadata": {"annotations": {"example.org/note": "edited"}}},
    ]
    if body["kind"] == "ConfigMap":
        patches.append({"data": {"colour": "green", "key": "edited"}})
    if body["kind"] == "Secret":
        patches.append({"data": {"password": "ZWRpdGVk"}})
    if body["kind"] in ("Deployment", "StatefulSet"):
        patches.append({"spec": {"replicas": 5}})
    return chance.choice(patches)


def _varied(chance: random.Random, body: JSON) -> JSON:
    """Another wish for the same object."""
    varied = copy.deepcopy(body)
    for change in chance.sample(_CHANGES, k=chance.randint(1, 3)):
        change(chance, varied)
    return varied


def _label(chance: random.Random, body: JSON) -> None:
    body["metadata"].setdefault("labels", {})[chance.choice(["team", "tier"])] = chance.choice(["one", "two"])


def _annotate(chance: random.Random, body: JSON) -> None:
    body["metadata"].setdefault("annotations", {})["example.org/note"] = chance.choice(["a", "line\nline\n", "ü: %"])


def _content(chance: random.Random, body: JSON) -> None:
    if body["kind"] == "ConfigMap":
        body["data"] = {
            "colour": chance.choice(["red", "blue"]),
            "text": "one\ntwo\n",
            "number": str(chance.randint(1, 3)),
        }
    elif "stringData" in body:
        body["stringData"] = {"password": chance.choice(["first", "other%&\"'"]), "more": "x"}
    elif body["kind"] in ("Deployment", "StatefulSet"):
        body["spec"]["replicas"] = chance.randint(1, 4)
    elif body["kind"] == "Service":
        body["spec"]["ports"][1:] = [{"name": "more", "port": chance.randint(81, 83), "targetPort": 8080}]
    elif body["kind"] == "ResourceQuota":
        body["spec"]["hard"]["requests.cpu"] = chance.choice(["4", "5000m"])
    elif body["kind"] == "CronJob":
        body["spec"]["schedule"] = f"{chance.randint(0, 59)} 3 * * *"
    elif body["kind"] == "HorizontalPodAutoscaler":
        body["spec"]["metrics"][0]["resource"]["target"]["averageValue"] = chance.choice(["500m", "1"])


def _pod(chance: random.Random, body: JSON) -> None:
    if body["kind"] not in ("Deployment", "StatefulSet"):
        return
    container = body["spec"]["template"]["spec"]["containers"][0]
    chance.choice(
        [
            lambda: container["env"].append(
                {"name": "DB_PASSWORD", "value": chance.choice(["abcdefgh1", "hgfedcba2"])}
            ),
            lambda: container["env"].pop(0),
            lambda: container["resources"].update(requests={"cpu": "1", "memory": "512Mi"}),
            lambda: container.update(image=f"example/web:{chance.randint(1, 3)}", args=["--token=abc123def"]),
            lambda: container["ports"].__setitem__(slice(1, None), [{"containerPort": 8081, "name": "more"}]),
        ]
    )()


_CHANGES = (_label, _annotate, _content, _content, _pod, _pod)
