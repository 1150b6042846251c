"""MLflow's own client, which logs every 0.25 s until a tag of its run says stop. It runs in a pod, as a training Job's.

Its last line is what it knows: {run, acknowledged, longest_seconds}.
"""

from __future__ import annotations

import json
import time

from mlflow import MlflowClient

client = MlflowClient()
experiment = client.create_experiment(f"throughout {time.time()}")
run = client.create_run(experiment, run_name="throughout").info.run_id
number, longest = 0, 0.0
while number % 4 or "stop" not in client.get_run(run).data.tags:
    began = time.monotonic()
    client.log_metric(run, "tick", float(number), step=number)
    longest = max(longest, time.monotonic() - began)
    number += 1
    print(number, flush=True)
    time.sleep(0.25)
client.set_terminated(run)
print(json.dumps({"run": run, "acknowledged": number, "longest_seconds": longest}), flush=True)
