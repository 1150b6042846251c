"""The last lines of a container's log, without the secrets its pod was given."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.stream import Stream
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.pod_secrets import secrets_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import Trouble

JSON = Any

LOG_LINES = 15
LINE_LENGTH = 500  # of a line in a failure's story: one may hold a whole report for programs
# A stream that says nothing for so long is given up: something between may have forgotten it.
SILENCE = 300.0


@dataclass(frozen=True)
class ContainerLog:
    """Reads logs of one cluster; what the mask knows or learns is hidden in them."""

    cluster: Cluster
    mask: Mask

    def last_lines(self, pod: Mapping[str, JSON], container: str, *, lines: int, previous: bool = False) -> str:
        """Empty when there is none, or none may be read. previous: of the container that ended last."""
        self._learn_secrets(pod)
        query: dict[str, Any] = {"tailLines": lines, "container": container}
        if previous:
            query["previous"] = "true"
        with contextlib.suppress(TrackingError):
            text = self.cluster.request("GET", _path(pod), query=query, is_text=True)
            return self.mask.text(str(text)).rstrip()
        return ""

    def follow(self, pod: Mapping[str, JSON], container: str, *, since: str = "") -> Stream:
        """What it writes from its start or `since` a time on, each line behind its time. Not masked: see `mask`.

        The secrets its pod was given are learned. Raises ApiError, Unreachable.
        """
        self._learn_secrets(pod)
        query = {"container": container, "follow": "true", "timestamps": "true"}
        if since:
            query["sinceTime"] = since
        return self.cluster.stream(_path(pod), query, silence=SILENCE)

    def told(self, pod: Mapping[str, JSON], trouble: Trouble) -> str:
        """A pod's trouble, with the lines its container left where it ended."""
        text = self.mask.text(str(trouble))
        if trouble.container and (trouble.is_crash or trouble.is_end):
            log = self.last_lines(pod, trouble.container, lines=LOG_LINES, previous=trouble.is_crash)
            log = log or self.last_lines(pod, trouble.container, lines=LOG_LINES)
            if log:
                text += "; the last lines of its log:\n" + "\n".join(_cut(line) for line in log.splitlines())
        return text

    def _learn_secrets(self, pod: Mapping[str, JSON]) -> None:
        namespace = pod["metadata"]["namespace"]
        for name in secrets_of(pod):
            with contextlib.suppress(TrackingError):  # who may not read a Secret cannot be told it by a log either
                secret = self.cluster.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
                self.mask.learn([secret] if secret else [])


def _cut(line: str) -> str:
    return line if len(line) <= LINE_LENGTH else f"{line[:LINE_LENGTH]}... ({len(line)} characters)"


def _path(pod: Mapping[str, JSON]) -> str:
    metadata = pod["metadata"]
    return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/log"
