"""A storage server to talk to, as somebody: its S3 calls, and MinIO's admin calls."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    find_secret,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.endpoint import ServiceAddress
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach

if TYPE_CHECKING:
    from minio import Minio, MinioAdmin
    from urllib3 import PoolManager

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0

CONNECTION_ARGUMENTS: dict[str, dict[str, Any]] = {
    "endpoint": {"type": "str", "required": True},
    "region": {"type": "str", "default": "us-east-1"},
    "credentials": {
        "type": "dict",
        "no_log": False,
        "options": {
            "namespace": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "access_key": {"type": "str", "default": "access-key", "no_log": False},
            "secret_key": {"type": "str", "default": "secret-key", "no_log": False},
        },
    },
    "access_key": {"type": "str", "no_log": False},
    "secret_key": {"type": "str", "no_log": True},
}
CONNECTION_RULES: dict[str, Any] = {
    "required_one_of": [("credentials", "access_key")],
    "mutually_exclusive": [("credentials", "access_key")],
    "required_together": [("access_key", "secret_key")],
}


@dataclass(frozen=True)
class Keys:
    """Who somebody is to a storage server. `source` says where the keys come from, for messages."""

    access_key: str
    secret_key: str = field(repr=False)
    source: str


@dataclass(frozen=True)
class KeysReference:
    """A Secret, and the names of the two keys in it that hold an access key and its secret key."""

    secret: SecretReference
    access_key: str = "access-key"
    secret_key: str = "secret-key"  # noqa: S105 - the name of a key in a Secret

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> KeysReference:
        """From a module's suboptions namespace, name, access_key and secret_key."""
        reference = SecretReference(parameters["namespace"], parameters["name"])
        return cls(reference, parameters["access_key"], parameters["secret_key"])

    def read(self, cluster: Cluster) -> Keys:
        """The keys; a missing Secret or key is a TrackingError."""
        values = read_secret(cluster, self.secret, (self.access_key, self.secret_key))
        return Keys(values[self.access_key], values[self.secret_key], str(self.secret))

    def find(self, cluster: Cluster) -> Keys | None:
        """The keys, or None where there is no such Secret."""
        return None if find_secret(cluster, self.secret) is None else self.read(cluster)


@dataclass(frozen=True)
class Target:
    """A storage server and the keys to use there, before anything is read or connected."""

    endpoint: str
    region: str
    keys: KeysReference | Keys

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, Any], source: str = "the options access_key and secret_key"
    ) -> Target:
        """From a module's options endpoint, region, and credentials or access_key with secret_key (from `source`)."""
        endpoint = parameters["endpoint"].rstrip("/")
        _check_endpoint(endpoint)
        if parameters["credentials"]:
            return cls(endpoint, parameters["region"], KeysReference.from_parameters(parameters["credentials"]))
        if not parameters["access_key"] or not parameters["secret_key"]:
            raise InvalidInput("credentials", "no keys are given", "Name a Secret, or give access_key and secret_key")
        keys = Keys(parameters["access_key"], parameters["secret_key"], source)
        return cls(endpoint, parameters["region"], keys)

    def why_not_there_yet(self, cluster: Cluster) -> str:
        """Why the server cannot hold anything yet (its Service or the Secret of its keys is missing), or ""."""
        address = ServiceAddress.from_url(self.endpoint)
        if address is not None:
            path = f"/api/v1/namespaces/{address.namespace}/services/{address.name}"
            if cluster.get(path) is None:
                return f"Service {address.namespace}/{address.name} does not exist yet"
        if isinstance(self.keys, KeysReference) and cluster.get(self.keys.secret.path) is None:
            return f"{self.keys.secret} does not exist yet"
        return ""

    @contextlib.contextmanager
    def connect(self, cluster: Cluster) -> Iterator[Storage]:
        """The server, reached through a port-forward where it is a Service and we are outside the cluster."""
        keys = self.keys.read(cluster) if isinstance(self.keys, KeysReference) else self.keys
        with (
            reach(cluster, self.endpoint) as reached,
            Storage(reached.url, keys, self.region, self.endpoint) as storage,
        ):
            yield storage


class Storage:
    """One S3 server as one user. Nothing is sent before the first call."""

    def __init__(self, url: str, keys: Keys, region: str = "us-east-1", endpoint: str = "") -> None:
        """`url` works from here; `endpoint` is how people call the server, for messages."""
        parts = urlsplit(url)
        self.keys = keys
        self.region = region
        self.endpoint = endpoint or url
        self._url = url
        self._address = parts.netloc
        self._is_secure = parts.scheme == "https"

    def __enter__(self) -> Storage:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def acting_as(self, keys: Keys) -> Storage:
        """The same server, as somebody else."""
        return Storage(self._url, keys, self.region, self.endpoint)

    @cached_property
    def s3(self) -> Minio:
        """The S3 calls."""
        from minio import Minio

        return Minio(
            self._address,
            access_key=self.keys.access_key,
            secret_key=self.keys.secret_key,
            region=self.region,
            secure=self._is_secure,
            http_client=self._pool,
        )

    def has_bucket(self, name: str, prefix: str = "") -> bool:
        """Whether there is such a bucket. Keys confined to a prefix can only look below that."""
        from minio.error import S3Error

        try:
            # Not a HEAD: its answer has no body, so it could not tell wrong keys from missing permissions.
            next(iter(self.s3.list_objects(name, prefix=f"{prefix}/" if prefix else None)), None)
        except S3Error as error:
            if error.code == "NoSuchBucket":
                return False
            raise
        return True

    @cached_property
    def admin(self) -> MinioAdmin:
        """MinIO's admin calls; no other S3 server has them."""
        from minio import MinioAdmin
        from minio.credentials.providers import StaticProvider

        return MinioAdmin(
            endpoint=self._address,
            credentials=StaticProvider(self.keys.access_key, self.keys.secret_key),
            region=self.region,
            secure=self._is_secure,
            http_client=self._pool,
        )

    @cached_property
    def _pool(self) -> PoolManager:
        import certifi
        from urllib3 import PoolManager, Retry, Timeout

        return PoolManager(
            timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=Retry(total=4, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], raise_on_status=False),
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        )


def _check_endpoint(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme in ("http", "https") and parts.hostname and not parts.path and not parts.query:
        return
    raise InvalidInput(
        "minio_endpoint_url (option endpoint)",
        f"{endpoint!r} is not the address of an S3 server",
        "Give scheme, host and port only, such as https://ACCOUNT.r2.cloudflarestorage.com",
    )
