"""Takes the README's screenshots from the running stack: make pictures.

MLflow's page with the proof's run, and MinIO's console with the bucket that holds its artifacts. Credentials are read
from the cluster's Secret and typed into the login form; they are neither printed nor stored.
"""

from __future__ import annotations

import argparse
import json
import urllib.request
from pathlib import Path

from browser import Browser, open_browser

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)

HERE = Path(__file__).parent


def latest_proof(mlflow: str) -> tuple[str, str]:
    """Experiment and run id of the newest run of experiment training-proof."""
    found = _post(
        f"{mlflow}/api/2.0/mlflow/experiments/search", {"filter": "name = 'training-proof'", "max_results": 1}
    )
    experiment = found["experiments"][0]["experiment_id"]
    runs = _post(f"{mlflow}/api/2.0/mlflow/runs/search", {"experiment_ids": [experiment], "max_results": 1})
    return experiment, runs["runs"][0]["info"]["run_id"]


def _post(url: str, body: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def take_mlflow(browser: Browser, mlflow: str) -> None:
    """The run's overview and its metrics."""
    experiment, run = latest_proof(mlflow)
    page = f"{mlflow}/#/experiments/{experiment}/runs/{run}"
    browser.open(page)
    browser.press("button[data-component-id='mlflow.assistant.chat_panel.close']")
    browser.see("Registered models")
    browser.picture(HERE / "mlflow-run.png")
    browser.open(f"{page}/model-metrics")
    browser.picture(HERE / "mlflow-metrics.png", settle=6)


def take_minio(browser: Browser, console: str, bucket: str, prefix: str, cluster: Cluster) -> None:
    """The bucket as the console shows it to root."""
    root = read_secret(cluster, SecretReference("storage", "minio-root"), ["root-user", "root-password"])
    browser.open(f"{console}/login")
    browser.fill("#accessKey", root["root-user"])
    browser.fill("#secretKey", root["root-password"])
    browser.press("#do-login")
    browser.see("Acknowledge").click()
    browser.see(bucket)
    browser.open(f"{console}/browser/{bucket}/{prefix}/")
    browser.picture(HERE / "minio-bucket.png", settle=6)


def main() -> None:
    """Takes every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--node", default="127.0.0.1", help="where the NodePorts are (default: %(default)s)")
    parser.add_argument("--context", default="kind-tracking", help="kubeconfig context (default: %(default)s)")
    parser.add_argument("--bucket", default="training-results", help="default: %(default)s")
    options = parser.parse_args()
    with open_browser() as browser, Cluster(context=options.context) as cluster:
        mlflow = f"http://{options.node}:30500"
        take_mlflow(browser, mlflow)
        artifacts = "/".join(["mlflow-artifacts", *latest_proof(mlflow), "artifacts"])
        take_minio(browser, f"http://{options.node}:30901", options.bucket, artifacts, cluster)


if __name__ == "__main__":
    main()
