"""What is no set of objects is refused with its source, before a cluster is asked."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.stages import in_stages
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import parse

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"


def documents(*texts: str) -> str:
    parts = [{"source": f"Template {number}.yaml.j2", "text": text} for number, text in enumerate(texts, start=1)]
    return json.dumps(parts)


def test_reads_many_documents_and_leaves_out_empty_ones() -> None:
    second = GOOD.replace("name: a", "name: c")
    references = [str(manifest.reference) for manifest in parse(documents(f"---\n{GOOD}---\n# nothing\n---\n{second}"))]
    assert references == ["ConfigMap b/a", "ConfigMap b/c"]


def test_takes_a_list_apart() -> None:
    items = GOOD.replace("\n", "\n    ").rstrip()
    assert len(parse(documents(f"apiVersion: v1\nkind: List\nitems:\n  - {items}\n"))) == 1


def test_a_date_stays_the_text_it_is() -> None:
    body = parse(documents(GOOD + "data: {day: 2026-01-01}\n"))[0].body
    assert body["data"] == {"day": "2026-01-01"}


def test_string_data_becomes_data() -> None:
    text = GOOD.replace("ConfigMap", "Secret") + "stringData: {a: b}\ndata: {c: ZA==}\n"
    assert parse(documents(text))[0].body["data"] == {"a": "Yg==", "c": "ZA=="}


def test_base64_may_be_in_lines() -> None:
    secret = GOOD.replace("ConfigMap", "Secret")
    [manifest] = parse(documents(secret + 'data: {a: "YWJj\\nZGVm"}\n'))
    assert manifest.body["data"] == {"a": "YWJj\nZGVm"}


@pytest.mark.parametrize(
    ("text", "story"),
    [
        ("kind: ConfigMap\n", "an object has no apiVersion"),
        ("apiVersion: v1\n", "an object has no kind"),
        ("apiVersion: v1\nkind: ConfigMap\n", r"a ConfigMap has no metadata\.name"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 5}\n", r"no metadata\.name"),
        ("just words\n", "it holds a str, not an object"),
        ("- 1\n", "it holds a list, not an object"),
        (GOOD + "data: [\n", r"is not YAML \(line"),
        (GOOD + "data: {a: 1, a: 2}\n", "key 'a' is there twice"),
        (GOOD + "binaryData: {a: '?'}\n", r"binaryData\.a of ConfigMap a is no base64"),
        (GOOD.replace("ConfigMap", "Secret") + "data: {a: plain}\n", r"data\.a of Secret a is no base64.* stringData"),
        (GOOD.replace("ConfigMap", "Secret") + "data: {a: 5}\n", r"data\.a of Secret a is no base64"),
        (f"{GOOD}---\n{GOOD}", r"ConfigMap b/a is described twice, also in Template 1\.yaml\.j2"),
    ],
    ids=str,
)
def test_a_mistake_is_told_with_its_template(text: str, story: str) -> None:
    with pytest.raises(TrackingError, match=rf"Template 1\.yaml\.j2.*{story}"):
        parse(documents(text))


def test_what_others_need_comes_first() -> None:
    kinds = ["ValidatingWebhookConfiguration", "Deployment", "Widget", "Secret", "PersistentVolumeClaim", "Namespace"]
    texts = [GOOD.replace("ConfigMap", kind) for kind in kinds]
    stages = [[manifest.reference.kind for manifest in stage] for stage in in_stages(parse(documents(*texts)))]
    assert stages == [
        ["Namespace"],
        ["Secret", "PersistentVolumeClaim"],
        ["Deployment", "Widget"],
        ["ValidatingWebhookConfiguration"],
    ]
