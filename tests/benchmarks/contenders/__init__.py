"""Those who apply the same objects, each in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from contenders import engine, flux, helm, kubectl, kubernetes_core, limit, module_process, playbook
from contenders.contender import Contender, NotToBeHad

_FACTORIES: tuple[tuple[str, Callable[[Path], Contender]], ...] = (
    (module_process.NAME, module_process.contender),
    (engine.NAME, engine.contender),
    (playbook.NAME, playbook.contender),
    (kubectl.NAME, kubectl.contender),
    (kubernetes_core.ONE_TASK, kubernetes_core.in_one_task),
    (kubernetes_core.LOOP, kubernetes_core.in_a_loop),
    (helm.NAME, helm.contender),
    (flux.AS_CONTROLLER, flux.as_controller),
    (flux.EIGHT_AT_ONCE, flux.eight_at_once),
    (limit.NAME, limit.contender),
)


def contenders(root: Path) -> tuple[list[Contender], Mapping[str, str]]:
    """All that can be had, and of the others why not. What is not there is fetched and built, which takes minutes."""
    found: list[Contender] = []
    missing: dict[str, str] = {}
    for name, make in _FACTORIES:
        try:
            found.append(make(root))
        except NotToBeHad as error:
            missing[name] = str(error)
    return found, missing
