"""Which names S3 gives to a bucket (Amazon S3 user guide, "General purpose bucket naming rules")."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_name_problem(name: str) -> str:
    """Why S3 refuses a bucket of this name, as a clause; "" where it takes it."""
    quoted = repr(str(name))
    if not isinstance(name, str) or not 3 <= len(name) <= 63:
        return f"{quoted} is not 3 to 63 characters long"
    if not re.fullmatch(r"[a-z0-9.-]+", name):
        return f"{quoted} has characters other than lower-case letters, digits, dots and hyphens"
    if not name[0].isalnum() or not name[-1].isalnum():
        return f"{quoted} does not begin and end with a letter or a digit"
    if any(not _LABEL.fullmatch(label) for label in name.split(".")):
        return f"{quoted} has a dot beside another dot or a hyphen"
    if _ADDRESS.fullmatch(name):
        return f"{quoted} looks like an IP address"
    for start in _RESERVED_STARTS:
        if name.startswith(start):
            return f"{quoted} begins with {start!r}, which S3 keeps for itself"
    for end in _RESERVED_ENDS:
        if name.endswith(end):
            return f"{quoted} ends with {end!r}, which S3 keeps for itself"
    return ""
