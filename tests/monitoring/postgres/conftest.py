"""Runs against any stack whose MLflow is on PostgreSQL: KUBECONFIG and KUBERNETES_CONTEXT say where.

Its inventory has the monitoring_* variables of molecule/default/molecule.yml: short intervals, and the contact point.
"""

from __future__ import annotations

from conftest import cluster

__all__ = ["cluster"]
