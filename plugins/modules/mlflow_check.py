#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module mlflow_check: reads a run back from MLflow and from the bucket, and says what differs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mlflow_check
short_description: Read an MLflow run back and compare it with what was written, or see that the server works
version_added: 0.1.0
author: The mlops.tracking founders
description:
  - Reads a run through MLflow's REST API, compares it with what it is expected to be, and compares every file of it,
    and of the models it logged, with what lies in the bucket.
  - Without O(run_id) and O(experiment) it only sees that the server answers from its database, which C(/health) does not.
  - It writes nothing, so it does the same in check mode, and is never changed.
  - It fails where something differs, and names each difference.
  - MLflow and the object storage are reached through a port-forward where their addresses are those of Services.
options:
  tracking_uri:
    description: Address of the MLflow server, as it is called in the cluster.
    type: str
    default: http://mlflow.monitoring.svc.cluster.local:5000
  run_id:
    description: The run.
    type: str
  experiment:
    description: Name of an experiment whose last finished run is meant, where O(run_id) is not given.
    type: str
  status:
    description: The status the run must have.
    type: str
    choices: [RUNNING, SCHEDULED, FINISHED, FAILED, KILLED]
    default: FINISHED
  params:
    description: Params the run must have, compared as text. It may have more.
    type: dict
  metrics:
    description:
      - Metrics the run must have. A number is the last value; a list of C([step, value]) is the whole history.
      - Values are compared to the last bit.
    type: dict
  tags:
    description: Tags the run must have, compared as text. It may have more.
    type: dict
  model_versions:
    description: Versions of registered models that must be there.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the registered model.
        type: str
        required: true
      version:
        description: Its version.
        type: str
        required: true
      stage:
        description: The stage it must be in, such as V(Production).
        type: str
      aliases:
        description: Aliases that must point to it.
        type: list
        elements: str
      run_id:
        description: The run it must come from.
        type: str
  artifacts:
    description:
      - SHA-256 of files the run must have, by path. The files of a model begin with its name, as in V(model/MLmodel).
    type: dict
  largest_digest:
    description: Files of more bytes than this are compared by size only, for they would have to be read twice.
    type: int
    default: 67108864
  storage:
    description: The object storage to compare with. Without it the server alone is asked.
    type: dict
    suboptions:
      endpoint:
        description: Address of the S3 server.
        type: str
        required: true
      region:
        description: Region of the bucket.
        type: str
        default: us-east-1
      bucket:
        description: The bucket the server keeps artifacts in.
        type: str
        required: true
      prefix:
        description: What the keys of the server's artifacts begin with; the path of C(--artifacts-destination).
        type: str
        default: ""
      credentials:
        description: The Secret with the keys to read the bucket with.
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
            description: The key in the Secret that holds the access key.
            type: str
            default: access-key
          secret_key:
            description: The key in the Secret that holds the secret key.
            type: str
            default: secret-key
      access_key:
        description: Access key, where no Secret holds it.
        type: str
      secret_key:
        description: Secret key, where no Secret holds it.
        type: str
  artifacts_destination:
    description: Where the server shall keep artifacts, C(s3://bucket/prefix). With O(drift) the default experiment's are looked at.
    type: str
  exporter:
    description:
      - Address of the exporter beside the server. With O(drift) the revision of the schema is compared with the one that the image wants.
    type: str
  postgres:
    description: Where the schema is, with O(drift), when it is in PostgreSQL.
    type: dict
    suboptions:
      address:
        description: Host and port, as pods call it.
        type: str
        required: true
      database:
        description: The database.
        type: str
        required: true
      role:
        description: Who signs in.
        type: str
        required: true
      namespace:
        description: Namespace of the Secrets.
        type: str
        required: true
      credentials:
        description: The Secret whose key C(password) holds the role's password.
        type: str
        required: true
      superuser_credentials:
        description: The same of role C(postgres), who signs in instead from outside the cluster.
        type: str
        required: true
extends_documentation_fragment:
  - mlops.tracking.cluster
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: See that the server answers from its database
  mlops.tracking.mlflow_check:
    context: kind-tracking

- name: See that the last training of an experiment is complete, in the database and in the bucket
  mlops.tracking.mlflow_check:
    context: kind-tracking
    experiment: churn
    storage:
      endpoint: http://minio.storage.svc.cluster.local:9000
      bucket: training-results
      prefix: mlflow-artifacts
      credentials:
        namespace: training
        name: r2-credentials

- name: See that a run is what its Job said it wrote
  mlops.tracking.mlflow_check:
    context: kind-tracking
    run_id: d60c2f863e3c4afa97f31628a070d798
    params:
      learning_rate: 0.01
    metrics:
      test_accuracy: 0.965034965034965
      train_loss: [[0, 0.137], [1, 0.109]]
    model_versions:
      - name: churn
        version: 3
        stage: Production
        aliases: [champion]
"""

RETURN = r"""
objects:
  description: "One row: the run that was compared, or the server."
  returned: success, and when a run differs
  type: list
  elements: dict
  contains:
    ref: {description: "The run or the server.", type: str, sample: "Run orderly-hen-670"}
    action: {description: "V(unchanged), as nothing is written, or V(failed).", type: str}
    changes: {description: The paths that change., type: list, elements: str}
    duration: {description: Seconds the write took., type: float}
    tries: {description: How many times it was tried., type: int}
    readiness: {description: "V(equal) or V(differs) for a run.", type: str}
    error: {description: "Why it failed, without secrets.", type: str, returned: when it failed}
server:
  description: What answered. V(experiments) is how many there are.
  returned: success
  type: dict
  sample: {version: 3.17.2, experiments: 4}
run:
  description: The run that was compared.
  returned: when a run was asked for
  type: dict
  sample:
    run_id: d60c2f863e3c4afa97f31628a070d798
    experiment_id: "1"
    name: orderly-hen-670
    artifact_uri: mlflow-artifacts:/1/d60c2f863e3c4afa97f31628a070d798/artifacts
compared:
  description: How much was compared. V(digests) of the V(artifacts) were compared by digest, the others by size.
  returned: when a run was asked for
  type: dict
  sample: {params: 5, tags: 2, metrics: 3, values: 60, model_versions: 1, artifacts: 10, bytes: 67812, digests: 10}
summary:
  description: The same in one sentence.
  returned: success, and when a run differs
  type: str
  sample: "Run orderly-hen-670: 60 values of 3 metrics, 5 params, 2 tags, 1 model version, 10 artifacts equal in MLflow and in the bucket"
error:
  description: What differs; RV(ignore:differences) has C(what), C(expected) and C(found) of each.
  returned: failure
  type: dict
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import findings_between
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.check import Bucket
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.drift import artifact_root, revisions
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import Expected, find_run
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.report import check_run, counted
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Login, Server
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.reading import SUPERUSER, revision
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import (
    CONNECTION_ARGUMENTS,
    CONNECTION_RULES,
    Storage,
    Target,
)
from ansible_collections.mlops.tracking.plugins.module_utils.storage.content import digest_of, sizes_below

JSON = Any

VERSION = {
    "name": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "stage": {"type": "str"},
    "aliases": {"type": "list", "elements": "str"},
    "run_id": {"type": "str"},
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "tracking_uri": {"type": "str", "default": "http://mlflow.monitoring.svc.cluster.local:5000"},
    "run_id": {"type": "str"},
    "experiment": {"type": "str"},
    "status": {
        "type": "str",
        "choices": ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"],
        "default": "FINISHED",
    },
    "params": {"type": "dict"},
    "metrics": {"type": "dict"},
    "tags": {"type": "dict"},
    "model_versions": {"type": "list", "elements": "dict", "options": VERSION},
    "artifacts": {"type": "dict"},
    "largest_digest": {"type": "int", "default": 64 << 20},
    "artifacts_destination": {"type": "str"},
    "exporter": {"type": "str"},
    "postgres": {
        "type": "dict",
        "options": {
            name: {"type": "str", "required": True, "no_log": False}
            for name in ("address", "database", "role", "namespace", "credentials", "superuser_credentials")
        },
    },
    "storage": {
        "type": "dict",
        "options": {
            **CONNECTION_ARGUMENTS,
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "default": ""},
        },
        **CONNECTION_RULES,
    },
}


class StorageBucket:
    """Straight access to the buckets of a storage server, in the form the comparison asks for."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def sizes(self, root: Location) -> Mapping[str, int]:
        return sizes_below(self._storage, root.bucket, root.key)

    def digest(self, place: Location) -> str:
        return digest_of(self._storage, place.bucket, place.key)


@contextmanager
def opened(parameters: Mapping[str, Any], cluster: Cluster) -> Iterator[tuple[MlflowClient, Bucket | None]]:
    """The server and, where it is named, the storage."""
    with ExitStack() as stack:
        reached = stack.enter_context(reach(cluster, parameters["tracking_uri"]))
        transport = stack.enter_context(Transport(reached.url, host_header=reached.host_header))
        bucket = None
        if parameters["storage"]:
            target = Target.from_parameters(parameters["storage"])
            bucket = StorageBucket(stack.enter_context(target.connect(cluster)))
        yield MlflowClient(transport), bucket


def present_revision(cluster: Cluster, named: Mapping[str, Any]) -> str:
    """The revision that the schema in PostgreSQL has."""
    inside = cluster.access.inside
    secret = SecretReference(named["namespace"], named["credentials" if inside else "superuser_credentials"])
    password = read_secret(cluster, secret, ["password"])["password"]
    with reach(cluster, f"postgresql://{named['address']}") as reached:
        server = Server(reached.url, named["address"])
        with server.session(Login(named["role"] if inside else SUPERUSER, password), named["database"]) as session:
            return revision(session)


def states(parameters: Mapping[str, Any], cluster: Cluster, client: MlflowClient) -> tuple[JSON, JSON]:
    """The server as it is and as it is described, of what is asked for and can be told."""
    found: dict[str, str] = {}
    described: dict[str, str] = {}
    if parameters["artifacts_destination"]:
        parts = urlsplit(parameters["artifacts_destination"])
        destination = Location(parts.netloc, parts.path.strip("/"))
        default = client.experiment("Default")
        if default is not None:
            found["artifact_root"] = artifact_root(default.artifact_location, destination)
            described["artifact_root"] = str(destination)
    if parameters["exporter"]:
        with reach(cluster, parameters["exporter"]) as reached:
            told = revisions(reached.url)
        present = present_revision(cluster, parameters["postgres"]) if parameters["postgres"] else told.present
        if told.wanted and (present or parameters["postgres"]):
            found["schema_revision"], described["schema_revision"] = present, told.wanted
    return found, described


def plan(parameters: Mapping[str, Any], cluster: Cluster, mode: Mode) -> Plan:
    """Reads and compares; there is nothing to carry out."""
    if mode.only is not None:
        return Plan(None, None, Outcome(summary="What a server answers follows from objects: nothing to put right"))
    expected = Expected.from_parameters(parameters)
    subject = f"MLflow {parameters['tracking_uri']}"
    storage = parameters["storage"] or {}
    destination = Location(storage.get("bucket", ""), storage.get("prefix", "").strip("/"))
    with opened(parameters, cluster) as (client, bucket):
        server: dict[str, Any] = {"version": client.version(), "experiments": len(list(client.experiments()))}
        if not (parameters["run_id"] or parameters["experiment"]):
            experiments = counted(server["experiments"], "experiment")
            summary = f"MLflow {server['version']} answers from its database, which holds {experiments}"
            row = Result(subject, Action.UNCHANGED)
            if mode.drift:
                row.findings = findings_between(*states(parameters, cluster, client))
            return Plan({}, {}, Outcome([row], summary, {"server": server}))
        run = find_run(client, parameters["run_id"], parameters["experiment"])
        report = check_run(client, run, expected, bucket, destination, largest=parameters["largest_digest"])
    row = Result(f"Run {run.name}", Action.UNCHANGED, readiness="equal")
    return Plan({}, {}, Outcome([row], report.sentence(), {"server": server, **report.as_result()}))


def main() -> None:
    run_module(
        ARGUMENTS,
        plan,
        mutually_exclusive=[("run_id", "experiment")],
    )


if __name__ == "__main__":
    main()
