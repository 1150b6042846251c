"""What can be told about storage: names that S3 refuses, and servers that refuse the given keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding
from ansible_collections.mlops.tracking.plugins.module_utils.storage.bucket_name import bucket_name_problem
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Target
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import refusals_explained


def refused_names(wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: variable and name of buckets."""
    found = []
    for want in wanted:
        problem = bucket_name_problem(str(want["name"]))
        if problem:
            variable = str(want["variable"])
            mend = f"Set {variable} to 3 to 63 lower case letters, digits and hyphens"
            found.append(Finding(f"Variable {variable}", f"S3 refuses this bucket name: {problem}", mend))
    return found


def refused_credentials(cluster: Cluster, wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: variable, bucket, endpoint, region, and credentials (a reference) or access_key and secret_key.

    Also prefix (where these keys may list objects) and must_exist (whether a missing bucket is a finding).
    """
    found = []
    for want in wanted:
        variable, bucket = str(want["variable"]), str(want["bucket"])
        what = f"bucket {bucket} cannot be looked at"
        try:
            with (
                Target.from_parameters(want, source=f"variable {variable}").connect(cluster) as storage,
                refusals_explained(storage, what),
            ):
                is_there = storage.has_bucket(bucket, str(want.get("prefix") or ""))
            if not is_there and want.get("must_exist"):
                why = f"bucket {bucket} does not exist at {want['endpoint']}"
                found.append(
                    Finding("Variable minio_bucket", why, "Create it, or set minio_external_create_bucket to true")
                )
        except TrackingError as error:
            why = f"{error.what} ({want['endpoint']})" + (f": {error.why}" if error.why else "")
            found.append(Finding(f"Variable {variable}", why, error.mend or f"Correct {variable}"))
    return found
