"""Kubeconfigs as clusters and clouds write them, and the mistakes in them."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.kubeconfig import load_access

JSON = Any


def write(path: Path, user: JSON, cluster: JSON = None, current: str | None = "one", name: str = "one") -> str:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": f"https://{name}:6443/", **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}}],
        **({"current-context": current} if current else {}),
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(path)


def test_reads_certificates_from_data_and_from_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("the key", encoding="utf-8")
    data = base64.b64encode(b"the certificate").decode()
    path = write(tmp_path / "k", {"client-certificate-data": data, "client-key": "key.pem"})
    access = load_access(path, None)
    assert (access.server, access.certificate, access.key) == ("https://one:6443", "the certificate", "the key")
    assert "the key" not in repr(access)


def test_a_token_file_is_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first\n", encoding="utf-8")
    access = load_access(write(tmp_path / "k", {"tokenFile": "token"}), None)
    assert access.authorization() == "Bearer first"
    (tmp_path / "token").write_text("second", encoding="utf-8")
    assert access.authorization() == "Bearer second"


def test_a_program_is_asked_for_a_token(tmp_path: Path) -> None:
    answer = '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "made"}}'
    program = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-c", f"print('''{answer}''')"],
        "interactiveMode": "Never",
    }
    assert load_access(write(tmp_path / "k", {"exec": program}), None).authorization() == "Bearer made"


def test_a_program_that_fails_names_the_context(tmp_path: Path) -> None:
    program = {"apiVersion": "client.authentication.k8s.io/v1", "command": "false", "interactiveMode": "Never"}
    with pytest.raises(InvalidInput, match=r"kubernetes_context.*gives no credentials"):
        load_access(write(tmp_path / "k", {"exec": program}), None)


def test_the_first_of_many_files_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write(tmp_path / "1", {"token": "first"})
    second = write(tmp_path / "2", {"token": "second"}, current="two", name="two")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}:{tmp_path}/none")
    assert load_access(None, None).authorization() == "Bearer first"
    assert load_access(None, "two").server == "https://one:6443"  # both name their cluster `c`


@pytest.mark.parametrize(
    ("user", "current", "context", "story"),
    [
        ({}, "one", "other", r"kubernetes_context.*no context 'other'.*one of: one"),
        ({}, None, None, r"kubernetes_context.*no current context.*one of: one"),
        ({"client-key": "lost.pem"}, "one", None, r"kubernetes_kubeconfig.*client-key of context one"),
        ({"as-groups": ["some"]}, "one", None, r"kubernetes_kubeconfig.*no user to act as"),
        ({"tokenFile": "lost"}, "one", None, r"kubernetes_kubeconfig.*tokenFile of context one"),
        ({"exec": {"command": "lost"}}, "one", None, r"kubernetes_context.*program lost cannot be run: No such file"),
        ({"exec": {"command": "cat", "interactiveMode": "Always"}}, "one", None, "wants a terminal"),
        ({"exec": {"command": "true"}}, "one", None, "program true did not print an ExecCredential"),
    ],
)
def test_a_mistake_names_its_variable(
    tmp_path: Path, user: JSON, current: str | None, context: str | None, story: str
) -> None:
    path = write(tmp_path / "k", user, current=current)
    with pytest.raises(InvalidInput, match=story):
        load_access(path, context).headers()


def test_what_is_no_kubeconfig_is_told(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text("just: [words\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"kubernetes_kubeconfig.*cannot be read as a kubeconfig"):
        load_access(str(path), None)
