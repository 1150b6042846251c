#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module postgres_server: who may sign in at a PostgreSQL, whose the database is, and which settings are in force."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_server
short_description: Keep the role, the database and the settings of a PostgreSQL as described
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Each role may sign in with the password that its Secret holds (it is tried) and has no more rights than are said; the first owns the
    database, to which nobody is let in but by a grant. Neither gives other settings to a session than are said. The server's settings are those of its configuration file.
  - What was changed by C(ALTER ROLE), C(ALTER DATABASE) or C(ALTER SYSTEM) is put back. A setting that needs a start of the server is in
    force after the next one. A database that is gone is not made anew.
  - With O(drift), what nobody described is told too, other roles and databases, and whether the superuser's password is that of its Secret.
  - The server is reached through a port-forward. In the cluster its superuser is let in from nowhere, so there everything is read as the
    first role, and nothing can be written.
  - Needs Python's library psycopg.
options:
  address:
    description: Host and port, as pods call it.
    type: str
    default: postgres.monitoring.svc:5432
  database:
    description: The database.
    type: str
    default: mlflow
  roles:
    description: The roles that may sign in, the owner of the database first.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the role.
        type: str
        required: true
      credentials:
        description: The Secret whose key C(password) holds its password.
        type: dict
        required: true
        suboptions:
          namespace: {description: Namespace of the Secret., type: str, required: true}
          name: {description: Name of the Secret., type: str, required: true}
      connection_limit:
        description: How many connections it may have at once. V(-1) is no limit.
        type: int
        default: -1
      member_of:
        description: Roles whose rights it has.
        type: list
        elements: str
        default: []
      settings:
        description: Settings that it signs in with.
        type: dict
        default: {}
  superuser_credentials:
    description: The Secret whose key C(password) holds the password of role C(postgres).
    type: dict
    required: true
    suboptions:
      namespace: {description: Namespace of the Secret., type: str, required: true}
      name: {description: Name of the Secret., type: str, required: true}
  settings:
    description: The server's settings, by their names, as its configuration file has them.
    type: dict
    default: {}
extends_documentation_fragment:
  - mlops.tracking.cluster
"""

EXAMPLES = r"""
- name: Keep MLflow's role, its database and the server's settings
  mlops.tracking.postgres_server:
    context: kind-tracking
    roles:
      - name: mlflow
        credentials: {namespace: monitoring, name: postgres-user-mlflow}
    superuser_credentials: {namespace: monitoring, name: postgres-superuser}
    settings:
      max_connections: 100
"""

RETURN = r"""
objects:
  description: What was, or in check mode would be, done to the role, the database and the settings. Empty where there is no PostgreSQL yet.
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: Which of them., type: str, sample: DatabaseRole mlflow}
    action: {description: "V(created), V(changed), V(unchanged) or V(failed).", type: str}
    changes: {description: The paths that change., type: list, elements: str}
    duration: {description: Not measured., type: float}
    tries: {description: Not counted., type: int}
    readiness: {description: Empty., type: str}
    error: {description: "Why it could not be looked at, without secrets.", type: str, returned: when it failed}
summary:
  description: The same in one line.
  returned: success
  type: str
  sample: "3 things of PostgreSQL: 3 unchanged"
error:
  description: What failed, why, and the mend.
  returned: failure
  type: dict
"""

from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.endpoint import ServiceAddress
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.change import plan_change
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Login, Server
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.reading import SUPERUSER
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.wanted import Wanted, WantedRole

SECRET: dict[str, Any] = {
    "type": "dict",
    "required": True,
    "options": {"namespace": {"type": "str", "required": True}, "name": {"type": "str", "required": True}},
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "address": {"type": "str", "default": "postgres.monitoring.svc:5432"},
    "database": {"type": "str", "default": "mlflow"},
    "roles": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "credentials": SECRET,
            "connection_limit": {"type": "int", "default": -1},
            "member_of": {"type": "list", "elements": "str", "default": []},
            "settings": {"type": "dict", "default": {}},
        },
    },
    "superuser_credentials": SECRET,
    "settings": {"type": "dict", "default": {}},
}


def login(cluster: Cluster, role: str, named: Parameters) -> Login:
    """The role with the password that the Secret holds."""
    secret = SecretReference(named["namespace"], named["name"])
    return Login(role, read_secret(cluster, secret, ["password"])["password"])


def texts(settings: Parameters) -> dict[str, str]:
    """Settings as PostgreSQL has them."""
    return {str(name): str(value) for name, value in settings.items()}


def wanted_role(cluster: Cluster, given: Parameters) -> WantedRole:
    """An item of option `roles`."""
    return WantedRole(
        login(cluster, given["name"], given["credentials"]),
        given["connection_limit"],
        tuple(given["member_of"]),
        texts(given["settings"]),
    )


def is_there(cluster: Cluster, url: str) -> bool:
    """Whether it is deployed already; in check mode it may be still to come."""
    address = ServiceAddress.from_url(url)
    return address is None or cluster.get(f"/api/v1/namespaces/{address.namespace}/services/{address.name}") is not None


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Looks at the server and says what would change."""
    address = parameters["address"]
    url = f"postgresql://{address}"
    if mode.check and not mode.drift and not is_there(cluster, url):
        return Plan(None, None, Outcome(summary=f"PostgreSQL {address} is not there yet, and begins as described"))
    superuser = None
    if not cluster.access.inside:
        superuser = login(cluster, SUPERUSER, parameters["superuser_credentials"])
    roles = [wanted_role(cluster, each) for each in parameters["roles"]]
    wanted = Wanted(address, roles, parameters["database"], texts(parameters["settings"]))

    def changing(drift: bool = False, write: bool = False) -> Plan:
        with reach(cluster, url) as reached:
            server = Server(reached.url, address)
            planned = plan_change(server, wanted, superuser, cluster.mask, drift=drift, only=mode.only)
            if write:
                planned.carry_out()
            return planned

    return replace(changing(mode.drift), carry_out=lambda: changing(write=True).outcome)


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
