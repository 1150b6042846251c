"""Where secrets lie in an object: a copy of it with something else in their place."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.secret_names import field_tells, tells
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.secret_texts import (
    may_hold_secrets,
    without_secrets,
)

JSON = Any
Hide = Callable[[str | bytes], str]

MARKED_KEYS_ANNOTATION = "tracking.mlops/secret-keys"
# Whole copies of the object, in JSON: of kubectl and kapp.
_COPIES = frozenset({"kubectl.kubernetes.io/last-applied-configuration", "kapp.k14s.io/original"})
_ENCODED = {"Secret": ("data",), "ConfigMap": ("binaryData",)}
_VALUES = {"Secret": ("data", "stringData"), "ConfigMap": ("data", "binaryData")}


def covered(body: Mapping[str, JSON], hide: Hide) -> dict[str, JSON]:
    """The object with `hide(value)` for each of its secrets; what is in base64 is decoded first."""
    kind = body.get("kind")
    if kind == "CustomResourceDefinition":
        return dict(body)
    secret_keys = set(_secret_keys(body))
    rest = {key: value for key, value in body.items() if not secret_keys or key not in _VALUES[str(kind)]}
    copy: dict[str, JSON] = _walked(rest, hide)
    for part in _VALUES.get(str(kind), ()) if secret_keys else ():
        values = body.get(part)
        if isinstance(values, Mapping):
            is_encoded = part in _ENCODED[str(kind)]
            copy[part] = {
                key: hide(decoded(value) if is_encoded else text_of(value))
                if key in secret_keys
                else _walked(value, hide)
                for key, value in values.items()
            }
        elif part in body:
            copy[part] = values
    for key, value in _copies(body):
        copy["metadata"]["annotations"][key] = hide(value)
    return copy


def may_hold_secrets_at_all(body: Mapping[str, JSON]) -> bool:
    """Whether looking into the object is worth while: a quick answer for sets of thousands."""
    if body.get("kind") == "Secret" or any(True for _key in _secret_keys(body)):
        return True
    rest = [part for key, part in body.items() if key not in ("metadata", "status")]
    return may_hold_secrets(json.dumps([rest, _annotations(body)]))


def copies_in(body: Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    """The older states of the object that its annotations hold."""
    for _key, value in _copies(body):
        try:
            older = json.loads(value)
        except ValueError:
            continue
        if isinstance(older, dict):
            yield {"kind": body.get("kind"), **older}


def decoded(value: JSON) -> str | bytes:
    """What a value of `data` stands for; itself where it is no base64."""
    text = text_of(value)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text


def text_of(value: JSON) -> str:
    """A value as a text, which it ought to be; what YAML made of an unquoted one otherwise."""
    return value if isinstance(value, str) else json.dumps(value)


def _secret_keys(body: Mapping[str, JSON]) -> Iterator[str]:
    kind = str(body.get("kind"))
    present = [key for part in _VALUES.get(kind, ()) if isinstance(body.get(part), Mapping) for key in body[part]]
    if kind == "Secret":
        yield from present
    elif present:
        marked = str(_annotations(body).get(MARKED_KEYS_ANNOTATION, ""))
        names = {name.strip() for name in marked.split(",")}
        yield from (key for key in present if key in names)


def _annotations(body: Mapping[str, JSON]) -> Mapping[str, JSON]:
    metadata = body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return annotations if isinstance(annotations, Mapping) else {}


def _copies(body: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    annotations = _annotations(body)
    return ((key, annotations[key]) for key in _COPIES if isinstance(annotations.get(key), str))


def _walked(value: JSON, hide: Hide) -> JSON:
    if isinstance(value, dict):
        return _mapping(value, hide)
    if isinstance(value, list):
        return list(_items(value, hide))
    return without_secrets(value, hide, is_settings=True) if isinstance(value, str) else value


def _mapping(value: Mapping[str, JSON], hide: Hide) -> dict[str, JSON]:
    walked = {
        key: hide(part) if isinstance(part, str) and part and field_tells(str(key)) else _walked(part, hide)
        for key, part in value.items()
    }
    name, content = value.get("name"), value.get("value")
    if isinstance(name, str) and content not in (None, "") and tells(name) and not isinstance(content, (dict, list)):
        walked["value"] = hide(text_of(content))
    return walked


def _items(values: list[JSON], hide: Hide) -> Iterator[JSON]:
    """A flag's value may be the next item of a command line."""
    flag = False
    for value in values:
        is_text = isinstance(value, str)
        is_value = flag and is_text and value and not value.startswith(("-", "$("))
        yield hide(value) if is_value else _walked(value, hide)
        flag = is_text and value.startswith("-") and "=" not in value and " " not in value and tells(value)
