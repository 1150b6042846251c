"""What the mask hides, and what it leaves readable."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any


def knowing(*values: str, name: str = "one") -> Mask:
    mask = Mask()
    data = {f"key{number}": base64.b64encode(value.encode()).decode() for number, value in enumerate(values)}
    mask.learn([{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": name}, "data": data}])
    return mask


@pytest.mark.parametrize(
    ("value", "text", "is_hidden"),
    [
        ("longenough", "xlongenoughx", True),
        ("s3cr3t", "login with s3cr3t failed", True),
        ("s3cr3t", "as3cr3tb", False),
        ("abc", "abc", False),
        ("abc", 'Invalid value: "abc"', True),
        ("true", "it is true", False),
        ("true", "Invalid value: 'true'", True),
        ("5432", "port 5432", False),
        ("mlflow", "Deployment monitoring/mlflow", False),
        ("12345678", "at 12345678.", True),
        ("a%b c'd&e", "?v=a%25b%20c%27d%26e", True),
        ("wordsthatarecut", "denied: wordsthat...", True),
        ("first line\nsecond line", "said second line", True),
    ],
)
def test_a_value_is_hidden_in_a_text_by_its_length_and_its_kind(value: str, text: str, is_hidden: bool) -> None:
    shown = knowing(value).text(text)
    assert ("(hidden " in shown) is is_hidden
    assert (shown == text) is not is_hidden


def test_an_archive_is_hidden_as_a_whole_and_has_no_lines() -> None:
    encoded = base64.b64encode(b"\x1f\x8b\0 begins so\nand goes on in a line").decode()
    mask = Mask()
    mask.learn([{"kind": "Secret", "metadata": {"name": "one"}, "data": {"archive": encoded}}])
    assert encoded not in mask.text(f"refused: {encoded}")
    assert mask.text("and goes on in a line") == "and goes on in a line"


def test_what_an_object_is_called_is_never_hidden() -> None:
    mask = knowing("tracking-user", name="tracking-user")
    assert mask.text('secrets "tracking-user" not found') == 'secrets "tracking-user" not found'


def test_the_same_value_has_the_same_hash_in_an_object_and_in_a_text() -> None:
    mask = knowing("the-password")
    env = {"name": "DB_PASSWORD", "value": "the-password"}
    shown = mask.masked({"kind": "Pod", "metadata": {"name": "web"}, "spec": {"env": [env]}})
    assert shown["spec"]["env"][0]["value"] == mask.text("the-password") == mask.hidden("the-password")


@pytest.mark.parametrize(
    "text",
    [
        "--password=canary1234",
        "--db-password canary1234",
        "export API_TOKEN=canary1234",
        "password: canary1234",
        '{"clientSecret": "canary1234"}',
        "postgresql://u:canary1234@db/x",
        "redis://:canary/1234@db",
        "https://x/?a=b&token=canary1234",
    ],
)
def test_a_setting_whose_name_tells_is_hidden_in_an_object(text: str) -> None:
    shown = str(Mask().masked({"kind": "Pod", "metadata": {"name": "web"}, "spec": {"args": [text]}}))
    assert "canary" not in shown


@pytest.mark.parametrize("text", ["--password-file=/run/x", "PASSWORD=$(PASSWORD)", "TOKENIZERS_PARALLELISM=false"])
def test_what_only_speaks_of_a_secret_stays_readable(text: str) -> None:
    assert Mask().text(text) == text
    assert Mask().masked({"metadata": {"name": "web"}, "args": [text]})["args"] == [text]


def test_prose_about_a_field_stays_readable() -> None:
    assert Mask().text("data.password: Invalid value, token: expired") == "data.password: Invalid value, token: expired"
