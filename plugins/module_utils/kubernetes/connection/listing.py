"""Reading a collection page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resource

JSON = Any

PAGE = 500


def pages(
    cluster: Cluster, resource: Resource, namespace: str, query: Mapping[str, Any]
) -> Iterator[tuple[list[JSON], Mapping[str, JSON]]]:
    """The objects of each page, with the page's own metadata. Who has enough asks for no more. Raises ApiError.

    query: with `limit`. In a LIST objects do not say what they are; here they do.
    """
    what = {"apiVersion": resource.api_version, "kind": resource.kind}
    following = ""
    while True:
        more = {"continue": following} if following else {}
        page = cluster.request("GET", resource.collection_path(namespace), query={**query, **more})
        yield [{**what, **item} for item in page["items"]], page["metadata"]
        following = page["metadata"].get("continue")
        if not following:
            return
