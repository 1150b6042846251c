"""One object of each kind that Kubernetes itself serves, with the fields that a server spells its own way."""

from __future__ import annotations

from typing import Any

from objects_to_apply import claim, config_map, deployment, network_policy, secret, service

JSON = Any

_POD = {"metadata": {"labels": {"app": "one"}}, "spec": {"containers": [{"name": "one", "image": "example/one:1"}]}}
_ONCE = {**_POD, "spec": {**_POD["spec"], "restartPolicy": "Never"}}
_SELECTOR = {"matchLabels": {"app": "one"}}
_RBAC = "rbac.authorization.k8s.io"
_RULE = {"apiGroups": ["example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}


def of_namespace(namespace: str) -> list[JSON]:
    """Those that live in a namespace."""

    def made(api_version: str, kind: str, **content: JSON) -> JSON:
        metadata = {"name": "one", "namespace": namespace}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}

    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    usage = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    limits = {"type": "Container", "default": {"cpu": "1000m"}, "max": {"memory": "1024Mi"}}
    about = {"kind": "ConfigMap", "name": "one", "namespace": namespace}
    return [
        config_map(namespace),
        secret(namespace, password="canary-password"),
        service(namespace),
        claim(namespace),
        deployment(namespace),
        network_policy(namespace),
        made("v1", "Endpoints", subsets=[{"addresses": [{"ip": "10.1.1.1"}], "ports": [{"port": 80}]}]),
        made("v1", "Event", involvedObject=about, reason="Tested", message="A word", type="Normal"),
        made("v1", "LimitRange", spec={"limits": [limits, {"type": "Pod", "max": {"cpu": "2000m"}}]}),
        made("v1", "Pod", spec=_ONCE["spec"]),
        made("v1", "PodTemplate", template=_POD),
        made("v1", "ReplicationController", spec={"replicas": 1, "selector": {"app": "one"}, "template": _POD}),
        made("v1", "ResourceQuota", spec={"hard": {"requests.cpu": "1000m", "pods": "4"}}),
        made("v1", "ServiceAccount", automountServiceAccountToken=False),
        made("apps/v1", "ControllerRevision", revision=1, data={"key": "value"}),
        made("apps/v1", "DaemonSet", spec={"selector": _SELECTOR, "template": _POD}),
        made("apps/v1", "ReplicaSet", spec={"replicas": 1, "selector": _SELECTOR, "template": _POD}),
        made("apps/v1", "StatefulSet", spec={"serviceName": "one", "selector": _SELECTOR, "template": _POD}),
        made(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            spec={"scaleTargetRef": target, "maxReplicas": 3, "metrics": [{"type": "Resource", "resource": usage}]},
        ),
        made("batch/v1", "CronJob", spec={"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": _ONCE}}}),
        made("batch/v1", "Job", spec={"template": _ONCE}),
        made("coordination.k8s.io/v1", "Lease", spec={"holderIdentity": "me", "leaseDurationSeconds": 15}),
        made(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            addressType="IPv4",
            endpoints=[{"addresses": ["10.1.1.1"]}],
            ports=[{"port": 80}],
        ),
        made(
            "events.k8s.io/v1",
            "Event",
            metadata={"name": "newer", "namespace": namespace},
            eventTime="2026-01-01T00:00:00.000000Z",
            action="Test",
            reason="Tested",
            regarding=about,
            reportingController="example.org/tests",
            reportingInstance="one",
            type="Normal",
        ),
        made("networking.k8s.io/v1", "Ingress", spec={"rules": [{"host": "example.org", "http": {"paths": [path]}}]}),
        made("policy/v1", "PodDisruptionBudget", spec={"minAvailable": 1, "selector": _SELECTOR}),
        made(f"{_RBAC}/v1", "Role", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]),
        made(
            f"{_RBAC}/v1",
            "RoleBinding",
            roleRef={"apiGroup": _RBAC, "kind": "Role", "name": "one"},
            subjects=[{"kind": "User", "name": "me"}],
        ),
        made(
            "resource.k8s.io/v1",
            "ResourceClaim",
            spec={"devices": {"requests": [{"name": "one", "exactly": {"deviceClassName": "one"}}]}},
        ),
        made(
            "resource.k8s.io/v1",
            "ResourceClaimTemplate",
            spec={"spec": {"devices": {"requests": [{"name": "one", "exactly": {"deviceClassName": "one"}}]}}},
        ),
        made("storage.k8s.io/v1", "CSIStorageCapacity", storageClassName="one", capacity="1024Mi"),
    ]


def of_cluster(name: str) -> list[JSON]:
    """Those of the whole cluster, under one name."""

    def made(api_version: str, kind: str, name: str = name, **content: JSON) -> JSON:
        return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **content}

    client = {"service": {"name": "hook", "namespace": "default"}}
    hook = {
        "name": "hook.example.org",
        "rules": [_RULE],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": client,
    }
    constraints = {"resourceRules": [_RULE]}
    level = {"type": "Limited", "limited": {"nominalConcurrencyShares": 5, "limitResponse": {"type": "Reject"}}}
    subject = {"kind": "User", "user": {"name": name}}
    resource = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["default"]}
    flow = {
        "priorityLevelConfiguration": {"name": "global-default"},
        "matchingPrecedence": 9000,
        "rules": [{"subjects": [subject], "resourceRules": [resource]}],
    }
    volume = {
        "capacity": {"storage": "1024Mi"},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": "/data"},
        "storageClassName": "none",
    }
    admission, networking, storage = "admissionregistration.k8s.io/v1", "networking.k8s.io/v1", "storage.k8s.io/v1"
    return [
        made("v1", "Namespace"),
        made("v1", "Node", spec={"podCIDRs": ["10.244.0.0/24"], "podCIDR": "10.244.0.0/24"}),
        made("v1", "PersistentVolume", spec=volume),
        made(admission, "MutatingWebhookConfiguration", webhooks=[hook]),
        made(admission, "ValidatingWebhookConfiguration", webhooks=[hook]),
        made(
            admission,
            "ValidatingAdmissionPolicy",
            spec={"matchConstraints": constraints, "validations": [{"expression": "true"}]},
        ),
        made(admission, "ValidatingAdmissionPolicyBinding", spec={"policyName": name, "validationActions": ["Deny"]}),
        made(
            "apiregistration.k8s.io/v1",
            "APIService",
            name=f"v1.{name}.example.org",
            spec={
                "group": f"{name}.example.org",
                "version": "v1",
                "groupPriorityMinimum": 100,
                "versionPriority": 10,
                "service": {"name": "served", "namespace": "default"},
                "insecureSkipTLSVerify": True,
            },
        ),
        made("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", spec=flow),
        made("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", spec=level),
        made(networking, "IngressClass", spec={"controller": "example.org/controller"}),
        made(networking, "ServiceCIDR", spec={"cidrs": ["10.250.0.0/24"]}),
        made("node.k8s.io/v1", "RuntimeClass", handler="one", overhead={"podFixed": {"cpu": "1000m"}}),
        made(f"{_RBAC}/v1", "ClusterRole", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]),
        made(
            f"{_RBAC}/v1",
            "ClusterRoleBinding",
            roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
            subjects=[{"kind": "User", "name": "me"}],
        ),
        made(
            "resource.k8s.io/v1",
            "DeviceClass",
            spec={"selectors": [{"cel": {"expression": "device.driver == 'example.org'"}}]},
        ),
        made("scheduling.k8s.io/v1", "PriorityClass", value=7),
        made(storage, "CSIDriver", name=f"{name}.example.org", spec={"attachRequired": False}),
        made(storage, "CSINode", spec={"drivers": [{"name": "example.org", "nodeID": "one"}]}),
        made(storage, "StorageClass", provisioner="example.org/none", allowVolumeExpansion=True),
        made(
            storage,
            "VolumeAttachment",
            spec={"attacher": "example.org", "nodeName": name, "source": {"persistentVolumeName": name}},
        ),
        made(storage, "VolumeAttributesClass", driverName="example.org", parameters={"speed": "high"}),
    ]


# Kinds that are no part of a set of manifests: answers to questions, or what only the cluster itself makes.
NOT_APPLIED = {
    "certificates.k8s.io/v1 CertificateSigningRequest": "signed once",
    "networking.k8s.io/v1 IPAddress": "made by the server for each Service",
    "resource.k8s.io/v1 ResourceSlice": "made by drivers",
    "apiextensions.k8s.io/v1 CustomResourceDefinition": "in test_apply.py",
    "autoscaling/v1 HorizontalPodAutoscaler": "autoscaling/v2 in another spelling",
}
