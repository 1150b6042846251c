"""A run over a set with an inventory: what may come to be is recorded first, what is no longer described goes last.

Whenever such a run is cut off, the inventory names every object it has made, so the next run knows all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.apply import Application
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.rows import Rows, begun
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.delete import Deletion
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import Inventory
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_plan import InventoryPlan


@dataclass(frozen=True)
class PresentRun:
    """Makes a set so, and then deletes what its inventory holds beyond it."""

    plan: InventoryPlan
    application: Application
    deletion: Deletion

    def carry_out(self, predictions: Sequence[Prediction], record: Prediction) -> list[Result]:
        """Writes what was predicted; `record`: of the inventory itself. Raises SetFailed with every object's result."""
        rows = self.application.begin(predictions)
        rows.update(begun([*self.plan.others, record]))
        home = self.plan.record.name.home
        self.application.apply([each for each in predictions if each.reference == home])
        _write(self.plan, self.plan.union(predictions), record, rows)
        self.application.apply([each for each in predictions if each.reference != home])
        self.application.await_all()
        self.deletion.carry_out(self.plan.others, rows)
        _write(self.plan, self.plan.final(predictions, self.application.uids), record, rows)
        return list(rows.values())


@dataclass(frozen=True)
class ReadyRun:
    """Deletes what the inventory holds beyond a set that earlier calls applied, once that set is ready."""

    plan: InventoryPlan
    application: Application
    deletion: Deletion

    def carry_out(self, predictions: Sequence[Prediction], record: Prediction) -> list[Result]:
        """Waits, prunes and records. Raises SetFailed with every object's result."""
        rows = self.application.begin(predictions)
        rows.update(begun([*self.plan.others, record]))
        self.application.await_all()
        self.deletion.carry_out(self.plan.others, rows)
        _write(self.plan, self.plan.settled(predictions), record, rows)
        return list(rows.values())


@dataclass(frozen=True)
class AbsentRun:
    """Deletes a set, described or recorded, and then its inventory, unless something of it is kept."""

    plan: InventoryPlan
    deletion: Deletion

    def carry_out(self, predictions: Sequence[Prediction], record: Prediction) -> list[Result]:
        """Deletes what was predicted. The inventory's own namespace goes last, and takes it along."""
        doomed = [*predictions, *self.plan.others]
        rows = begun([*doomed, record])
        name = self.plan.record.name.home
        home = [each for each in doomed if each.reference == name and each.action is Action.DELETED]
        self.deletion.carry_out([each for each in doomed if each not in home], rows)
        if home:
            self.deletion.carry_out(home, rows)
            rows[record.reference].action = record.action
        else:
            _write(self.plan, self.plan.final([], {}), record, rows)
        return list(rows.values())


def _write(plan: InventoryPlan, wanted: Inventory, record: Prediction, rows: Rows) -> None:
    row, before = rows[record.reference], plan.record.live
    try:
        plan.record.write(wanted)
    except TrackingError as error:
        row.action, row.error = Action.FAILED, error.sentence()
        raise SetFailed(error.what, rows.values(), why=error.why, mend=error.mend) from None
    if plan.record.live is not before:
        row.action, row.changes = record.action, record.changes
