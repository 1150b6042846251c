"""Builds are whole or not there, happen once, and say how they go."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.mlops.tracking.images.builder import authority, catalogue
from ansible_collections.mlops.tracking.images.builder.cache import Cache
from ansible_collections.mlops.tracking.images.builder.errors import BuildError
from ansible_collections.mlops.tracking.images.builder.workshop import Workshop

PROGRAM = catalogue.IMAGES_FOLDER / "build.py"


def build(cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), f"--cache={cache}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_builds_a_go_program_once_and_prints_its_path(tmp_path: Path) -> None:
    first = build(tmp_path, "binary", "pause")
    second = build(tmp_path, "binary", "pause")
    path = Path(first.stdout.strip())
    assert path.is_file()
    assert path.is_relative_to(tmp_path)
    assert "Compile pause" in first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_builds_once_when_two_ask_at_the_same_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        asked = list(pool.map(lambda _: build(tmp_path, "binary", "pause"), range(2)))
    assert len({done.stdout for done in asked}) == 1
    assert sorted("Compile" in done.stderr for done in asked) == [False, True]


def test_remembers_how_long_a_build_took(tmp_path: Path) -> None:
    build(tmp_path, "binary", "pause")
    assert json.loads((tmp_path / "times.json").read_text())["binary pause"] >= 0


def test_leaves_nothing_where_a_build_fails_and_says_why_in_one_line(images_folder: Path, tmp_path: Path) -> None:
    (images_folder / "pause" / "main.go").write_text("package main\nfunc main() { missing() }\n")
    cache = Cache(tmp_path / "cache")
    with pytest.raises(BuildError, match="undefined: missing") as failed:
        Workshop(catalogue.load(images_folder), cache, quiet=True).make_binary("pause")
    assert "\n" not in str(failed.value)
    assert not list(cache.folder.glob("pause-*"))


def test_publishes_nothing_of_an_interrupted_build_and_starts_anew_over_its_rest(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    entry = cache.entry("thing", "abc")
    rest = entry.with_name("thing-abc.partial")
    rest.mkdir()
    (rest / "half").write_text("half")
    with cache.building(entry) as folder:
        assert list(folder.iterdir()) == []
        assert not entry.exists()
        (folder / "whole").write_text("whole")
    assert [path.name for path in entry.iterdir()] == ["whole"]
    assert not rest.exists()


@pytest.mark.parametrize("variable", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_trusts_the_authority_that_the_environment_names(variable: str, tmp_path: Path) -> None:
    bundle = tmp_path / "authority.crt"
    bundle.write_text("certificate")
    assert authority.bundle({variable: str(bundle)}) == bundle


def test_trusts_the_systems_authorities_where_the_environment_names_none() -> None:
    assert str(authority.bundle({"PIP_CERT": "/no/such/file"})) in authority.SYSTEM_BUNDLES


def test_plans_everything_after_what_it_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    done = build(tmp_path, "plan", "--images=build")
    plan = json.loads(done.stdout)
    order = [f"{stage['kind']} {stage['name']}" for stage in plan["stages"]]
    assert len(order) == len(set(order))
    for image in catalogue.load().images.values():
        parts = [f"binary {name}" for name in image.binaries] + [f"image {name}" for name, _ in image.holds]
        parts += [f"base {image.base}"] if image.base else []
        assert all(order.index(part) < order.index(f"image {image.name}") for part in parts)
    assert set(plan["lacks"]) == {"go", "gcc", "mmdebstrap"}


def test_follows_the_kind_of_image_that_a_cluster_runs_on(tmp_path: Path) -> None:
    built = json.loads(build(tmp_path, "plan", "--node-image=mlops-tracking/node:old").stdout)
    public = json.loads(build(tmp_path, "plan", "--node-image=docker.io/kindest/node:v1").stdout)
    assert (built["source"], public["source"]) == ("build", "registry")
    assert public["images"]["mlflow"] == catalogue.load().image("mlflow").public
