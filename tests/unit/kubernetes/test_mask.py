"""What is shown holds no secret, and still tells same from different."""

from __future__ import annotations

import base64

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask


def secret(**values: str) -> dict[str, object]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}


def test_values_of_a_secret_are_hidden_and_its_keys_are_not() -> None:
    shown = Mask().masked(secret(password="canary"))
    assert list(shown["data"]) == ["password"]
    assert shown["data"]["password"].startswith("(hidden ")


def test_equal_values_look_equal_within_a_run_and_not_across_runs() -> None:
    mask = Mask()
    data = mask.masked(secret(a="canary", b="canary", c="other"))["data"]
    assert data["a"] == data["b"] != data["c"]
    assert Mask().masked(secret(a="canary"))["data"]["a"] != data["a"]


def test_the_object_itself_is_left_as_it_is() -> None:
    original = secret(password="canary")
    Mask().masked(original)
    assert original == secret(password="canary")


def test_texts_lose_learned_values_raw_and_encoded_and_in_json() -> None:
    mask = Mask()
    mask.learn([secret(password='canary"quoted')])
    encoded = base64.b64encode(b'canary"quoted').decode()
    text = mask.text(f'raw canary"quoted, json canary\\"quoted, base64 {encoded}')
    assert "canary" not in text
    assert encoded not in text


def test_short_values_are_not_searched_for_in_texts() -> None:
    mask = Mask()
    mask.learn([secret(flag="1")])
    assert mask.text("1 of 10 pods") == "1 of 10 pods"


def test_environment_with_a_secret_like_name_is_hidden() -> None:
    container = {"env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "canary"}, {"name": "COLOUR", "value": "red"}]}
    body = {"kind": "Pod", "metadata": {}, "spec": {"containers": [container]}}
    shown = Mask().masked(body)["spec"]["containers"][0]["env"]
    assert "canary" not in str(shown)
    assert shown[1]["value"] == "red"


def test_the_password_in_an_url_is_hidden_and_the_rest_is_not() -> None:
    shown = Mask().text("postgresql+psycopg://mlflow:canary@postgres:5432/mlflow")
    assert shown.startswith("postgresql+psycopg://mlflow:(hidden ")
    assert shown.endswith("@postgres:5432/mlflow")


def test_what_kubectl_applied_last_is_hidden() -> None:
    body = secret(password="canary")
    body["metadata"] = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":"canary"}'}}
    assert "canary" not in str(Mask().masked(body))
