"""A client that writes to an MLflow server all the time, and knows which writes were acknowledged."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field

import urllib3

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport


@dataclass
class Writer:
    """Makes a run with a param and a metric again and again. acknowledged: {run: (number, what of it)}.

    every: seconds between two runs. with_artifacts: each run gets a file too, through the server.
    """

    url: str
    every: float = 0.05
    with_artifacts: bool = False
    acknowledged: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    refusals: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(60)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Until so many more runs are acknowledged."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, f"{len(self.acknowledged)} of {wanted} runs were written"
            time.sleep(0.05)

    def _write(self) -> None:
        number = 0
        with Transport(self.url, timeout=5.0) as transport:
            while not self._is_over.is_set():
                number += 1
                with contextlib.suppress(MlflowError):
                    self._one(transport, number)
                    continue
                self.refusals += 1
                self._is_over.wait(self.every)

    def _one(self, transport: Transport, number: int) -> None:
        made = transport.post("runs/create", {"experiment_id": "0", "run_name": f"run-{number}"})
        run = made["run"]["info"]["run_id"]
        done: set[str] = set()
        self.acknowledged[run] = (number, done)
        transport.post("runs/log-parameter", {"run_id": run, "key": "number", "value": str(number)})
        done.add("param")
        transport.post(
            "runs/log-metric", {"run_id": run, "key": "loss", "value": 1 / number, "timestamp": 1, "step": 0}
        )
        done.add("metric")
        transport.post("runs/update", {"run_id": run, "status": "FINISHED"})
        done.add("end")
        if self.with_artifacts and self._is_kept(run, str(number).encode()):
            done.add("artifact")
        self._is_over.wait(self.every)

    def _is_kept(self, run: str, content: bytes) -> bool:
        address = f"{self.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/number.txt"
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            return urllib3.request("PUT", address, body=content, timeout=5.0, retries=False).status == 200
        return False
