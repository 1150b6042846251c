"""The documentation of the options by which the storage modules reach a server."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations


class ModuleDocFragment:
    """`extends_documentation_fragment: mlops.tracking.storage`."""

    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - Address of the S3 server, scheme, host and port only. The name of a Service in the cluster
        (C(http://minio.storage.svc.cluster.local:9000)) is reached from outside through a port-forward.
      - In check mode, a Service or Secret that does not exist yet is no error. Everything is then predicted as on an
        empty server, with a warning.
    type: str
    required: true
  region:
    description: Region of the server, which is part of every signature. MinIO takes any, Cloudflare R2 V(auto).
    type: str
    default: us-east-1
  credentials:
    description: The Secret in the cluster that holds the keys to work with. Either this or O(access_key) is needed.
    type: dict
    suboptions:
      namespace:
        description: Namespace of the Secret.
        type: str
        required: true
      name:
        description: Name of the Secret.
        type: str
        required: true
      access_key:
        description: Key in the Secret under which the access key is.
        type: str
        default: access-key
      secret_key:
        description: Key in the Secret under which the secret key is.
        type: str
        default: secret-key
  access_key:
    description: Access key to work with, where it does not lie in a Secret (yet).
    type: str
  secret_key:
    description: Secret key to work with, from a vault. It is never shown.
    type: str
requirements:
  - minio >= 7.2.20
"""
