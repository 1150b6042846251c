"""Manifests the API tests apply: small, and with the fields that are known to be hard."""

from __future__ import annotations

from typing import Any

JSON = Any


def namespace(name: str) -> JSON:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def config_map(namespace: str, name: str = "settings", **data: str) -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data or {"key": "value"},
    }


def secret(namespace: str, name: str = "credentials", annotations: JSON = None, **values: str) -> JSON:
    metadata = {"name": name, "namespace": namespace, **({"annotations": annotations} if annotations else {})}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    return {**body, "stringData": values} if values else body


def service(namespace: str, name: str = "web") -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        # no protocol: its default is part of the port's key
        "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }


def deployment(namespace: str, name: str = "web", replicas: int = 1, image: str = "example/web:1") -> JSON:
    container = {
        "name": name,
        "image": image,
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [
            {"name": "PLAIN", "value": "shown"},
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        ],
        "resources": {"requests": {"cpu": "1000m", "memory": "0.5Gi"}},
        "volumeMounts": [{"name": "scratch", "mountPath": "/tmp"}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container], "volumes": [{"name": "scratch", "emptyDir": {}}]},
            },
        },
    }


def claim(namespace: str, name: str = "data") -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}},
    }


def network_policy(namespace: str, name: str = "web") -> JSON:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": {"matchLabels": {"app": name}},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": [{"port": 80}], "from": [{"podSelector": {}}]}],
        },
    }


def widget_definition(group: str) -> JSON:
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def widget(group: str, namespace: str) -> JSON:
    return {
        "apiVersion": f"{group}/v1",
        "kind": "Widget",
        "metadata": {"name": "first", "namespace": namespace},
        "spec": {"size": 3},
    }


def everything(namespace: str) -> list[JSON]:
    """One of each kind the roles use."""
    return [
        config_map(namespace),
        secret(namespace, password="canary-password"),
        service(namespace),
        claim(namespace),
        network_policy(namespace),
        deployment(namespace),
    ]
