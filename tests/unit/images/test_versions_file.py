"""images/versions.yml: whole, pinned, and of one mind with the sources beside it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.mlops.tracking.images.builder import catalogue
from ansible_collections.mlops.tracking.images.builder.errors import BuildError

KNOWN = catalogue.load()
PUBLIC = {name: image.public for name, image in KNOWN.images.items() if image.public}
TEXT = (KNOWN.folder / "versions.yml").read_text()


def test_names_the_images_that_the_roles_run() -> None:
    assert {"mlflow", "minio", "postgres"} <= {image.name for image in KNOWN.workloads()}


@pytest.mark.parametrize("name", PUBLIC)
def test_pins_every_public_image_by_host_and_tag(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9.]+\.[a-z]+/[^:@]+:[\w.-]+(@sha256:[0-9a-f]{64})?", PUBLIC[name])
    assert ":latest" not in PUBLIC[name]


@pytest.mark.parametrize("name", [name for name, reference in PUBLIC.items() if "@" not in reference])
def test_says_why_a_public_image_has_no_digest(name: str) -> None:
    repository = PUBLIC[name].rsplit(":", 1)[0]
    assert f"{repository}'s could not be looked up" in TEXT.replace("\n# ", " ")


@pytest.mark.parametrize("name", KNOWN.images)
def test_has_a_build_context_and_known_parts_for_every_image(name: str) -> None:
    image = KNOWN.image(name)
    assert (KNOWN.folder / name / "Dockerfile").is_file()
    for binary in image.binaries:
        KNOWN.binary(binary)
    for held, _ in image.holds:
        KNOWN.image(held)
    if image.base:
        KNOWN.base(image.base)


@pytest.mark.parametrize("entry", [*KNOWN.binaries.values(), *KNOWN.bases.values(), *KNOWN.images.values()])
def test_tells_how_long_everything_takes(entry: catalogue.Binary | catalogue.Base | catalogue.Image) -> None:
    assert entry.minutes > 0


@pytest.mark.parametrize("binary", KNOWN.binaries.values(), ids=lambda binary: binary.name)
def test_takes_a_binary_from_a_module_or_from_a_folder(binary: catalogue.Binary) -> None:
    assert bool(binary.module) != bool(binary.source)
    if binary.source:
        assert (KNOWN.folder / binary.source / "go.mod").is_file()


@pytest.mark.parametrize(
    ("binary", "module"),
    [("kubernetes", "k8s.io/kubernetes"), ("network-policy", "github.com/cloudnativelabs/kube-router")],
)
def test_says_the_version_that_the_sources_require(binary: str, module: str) -> None:
    required = (KNOWN.folder / binary / "go.mod").read_text()
    assert f"{module} {KNOWN.binary(binary).version}\n" in required


def test_names_the_control_plane_images_of_the_kubernetes_it_builds() -> None:
    names = dict(KNOWN.image("node").holds)["system"]
    versions = {name.rsplit(":", 1)[1] for name in names if "/kube-" in name}
    assert versions == {KNOWN.binary("kubernetes").version}


def test_installs_the_same_mlflow_as_the_public_image_has_every_package_pinned() -> None:
    lines = (KNOWN.folder / "mlflow" / "requirements.txt").read_text().split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    pinned = dict(line.split("==") for line in lines)
    assert f":v{pinned['mlflow']}-full" in PUBLIC["mlflow"]
    assert {
        "psycopg",
        "psycopg-binary",
        "boto3",
        "prometheus-flask-exporter",
        "flask-wtf",
        "scikit-learn",
    } <= pinned.keys()


def test_calls_an_unknown_name_unknown_and_lists_the_known() -> None:
    with pytest.raises(BuildError, match=r"no image 'mlfow'.*Known: .*mlflow"):
        KNOWN.image("mlfow")
