"""Which servers are reached through a proxy."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.proxy import proxy_for


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_none_is_asked_for() -> None:
    assert proxy_for("https://cluster.example.com:6443") == ""


def test_the_kubeconfig_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment:3128")
    assert proxy_for("https://cluster.example.com", "http://named:3128") == "http://named:3128"


@pytest.mark.parametrize("server", ["https://cluster.example.com", "https://192.0.2.7:6443"])
def test_the_environment_names_one(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment:3128")
    assert proxy_for(server) == "http://environment:3128"


@pytest.mark.parametrize(
    "server",
    [
        "https://127.0.0.1:6443",
        "https://localhost:6443",
        "https://[::1]:6443",
        "https://cluster.example.com",
        "https://example.com",
        "https://10.1.2.3:6443",
    ],
)
def test_this_machine_and_what_is_excepted_are_reached_directly(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment:3128")
    monkeypatch.setenv("NO_PROXY", "example.com,10.0.0.0/8")
    assert proxy_for(server) == ""
