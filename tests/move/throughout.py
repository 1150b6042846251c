"""MLflow's own client, which logs every 0.25 s until a tag of its run says stop. It runs in a pod, as a training Job's.

Each time it also changes a tag of a run that has ended. Its last line is what it knows:
{run, ended, acknowledged, longest_seconds}.
"""

from __future__ import annotations

import json
import time

from mlflow import MlflowClient

client = MlflowClient()
experiment = client.create_experiment(f"throughout {time.time()}")
run = client.create_run(experiment, run_name="throughout").info.run_id
ended = client.create_run(experiment, run_name="ended").info.run_id
client.set_terminated(ended)
number, longest = 0, 0.0
while number % 4 or "stop" not in client.get_run(run).data.tags:
    began = time.monotonic()
    client.log_metric(run, "tick", float(number), step=number)
    client.set_tag(ended, "last", str(number))
    longest = max(longest, time.monotonic() - began)
    number += 1
    print(number, flush=True)
    time.sleep(0.25)
client.set_terminated(run)
told = {"run": run, "ended": ended, "acknowledged": number, "longest_seconds": longest}
print(json.dumps(told), flush=True)
