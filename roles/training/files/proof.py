"""The proof: a training Job as any user writes it, which says in one line what it left in MLflow.

It trains a real model on a real data set (breast cancer, Wisconsin; it comes with scikit-learn), logs what a training
logs, registers the model, loads it back in each way a user can, and compares the predictions. All it knows of the
stack are the environment variables every training Job has. Its last line is the evidence: what was written and the
digest of every file, for somebody else to compare with what the server and the bucket hold. It is JSON in base64,
because logs are shown with the values of the Job's Secret taken out, and an access key may be as plain a word as
the name of the experiment.
"""

# ruff: noqa: E402 - what mlflow reads from its environment must be there before it is imported

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import pathlib
import tempfile
import time
import warnings
from typing import Any

# Nothing of a proof is sent to anybody outside the cluster, and nobody reads its progress bars.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
warnings.filterwarnings("ignore", category=FutureWarning)  # stages are deprecated, and still used

import matplotlib.pyplot as pyplot
import mlflow
import numpy
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ALIAS = "champion"
STAGE = "Production"
PARAMETERS = {"data_set": "breast_cancer", "learning_rate": 0.01, "penalty": 0.001, "epochs": 20, "seed": 7}
History = dict[str, list[tuple[int, float]]]


def train() -> tuple[Pipeline, numpy.ndarray, History]:
    """A classifier, the features held out, and the metrics of each epoch as {name: [(epoch, value), ...]}."""
    features, labels = load_breast_cancer(return_X_y=True)
    seed = PARAMETERS["seed"]
    train_x, test_x, train_y, test_y = train_test_split(features, labels, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(train_x)
    classifier = SGDClassifier(
        loss="log_loss",
        alpha=PARAMETERS["penalty"],
        learning_rate="constant",
        eta0=PARAMETERS["learning_rate"],
        random_state=seed,
    )
    model = make_pipeline(scaler, classifier)
    history: History = {"train_loss": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(int(PARAMETERS["epochs"])):
        classifier.partial_fit(scaler.transform(train_x), train_y, classes=[0, 1])
        measured = {
            "train_loss": log_loss(train_y, model.predict_proba(train_x)),
            "test_loss": log_loss(test_y, model.predict_proba(test_x)),
            "test_accuracy": model.score(test_x, test_y),
        }
        mlflow.log_metrics({name: float(value) for name, value in measured.items()}, step=epoch)
        for name, value in measured.items():
            history[name].append((epoch, float(value)))
    return model, test_x, history


def draw(history: History, path: pathlib.Path) -> None:
    """The losses over the epochs, as a person looks at them in the UI."""
    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name in ("train_loss", "test_loss"):
        axes.plot(*zip(*history[name], strict=True), label=name)
    axes.set(xlabel="epoch", ylabel="log loss", title="Breast cancer, logistic regression by SGD")
    axes.legend()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(folder: pathlib.Path, prefix: str = "") -> dict[str, str]:
    """{path below the folder: SHA-256} of every file in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {prefix + path.relative_to(folder).as_posix(): digest(path) for path in files}


def log_files(history: History, folder: pathlib.Path) -> dict[str, str]:
    """Logs a plot and a table; returns the digests of the files as they were before they were sent."""
    (folder / "plots").mkdir()
    draw(history, folder / "plots" / "loss.png")
    rows = [
        f"{epoch},{train},{test}"
        for (epoch, train), (_, test) in zip(history["train_loss"], history["test_loss"], strict=True)
    ]
    (folder / "loss.csv").write_text("\n".join(["epoch,train_loss,test_loss", *rows]) + "\n", encoding="utf-8")
    mlflow.log_artifacts(str(folder))
    return digests(folder)


def register(model: Pipeline, features: numpy.ndarray, name: str) -> tuple[Any, dict[str, str]]:
    """Logs and registers the model with its signature, gives it alias and stage; returns (info, digests by path)."""
    info = mlflow.sklearn.log_model(
        model,
        name="model",
        signature=mlflow.models.infer_signature(features, model.predict(features)),
        input_example=features[:2],
        pip_requirements=mlflow.sklearn.get_default_pip_requirements(),
        registered_model_name=name,
    )
    client = mlflow.MlflowClient()
    version = str(info.registered_model_version)
    client.set_registered_model_alias(name, ALIAS, version)
    client.transition_model_version_stage(name, version, STAGE, archive_existing_versions=True)
    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(artifact_uri=info.model_uri, dst_path=folder)
        found = digests(pathlib.Path(path), "model/")
    found.pop("model/registered_model_meta", None)  # a note the client leaves beside what it downloads
    return info, found


def load_back(model: Pipeline, features: numpy.ndarray, run_id: str, name: str) -> list[str]:
    """Loads the model in each way a user can; fails where one of them predicts anything else."""
    expected = model.predict_proba(features)
    ways = [f"runs:/{run_id}/model", f"models:/{name}@{ALIAS}", f"models:/{name}/{STAGE}"]
    for uri in ways:
        predicted = mlflow.sklearn.load_model(uri).predict_proba(features)
        if not numpy.array_equal(expected, predicted):
            raise SystemExit(f"The model loaded from {uri} predicts something else than the one that was logged.")
    return ways


def prove(name: str, state: str) -> dict[str, Any]:
    """One run from the first parameter to the last prediction; returns the evidence."""
    started = time.monotonic()
    experiment = mlflow.set_experiment(name)
    tags = {"purpose": "proof", "state": state}
    with mlflow.start_run(tags=tags) as run, tempfile.TemporaryDirectory() as folder:
        run_id = run.info.run_id
        mlflow.log_params(PARAMETERS)
        model, features, history = train()
        artifacts = log_files(history, pathlib.Path(folder))
        info, model_digests = register(model, features, name)
        loaded = load_back(model, features, run_id, name)
        artifacts.update(model_digests)
        mlflow.log_dict(artifacts, "digests.json")
    version = {
        "name": name,
        "version": str(info.registered_model_version),
        "aliases": [ALIAS],
        "stage": STAGE,
        "run_id": run_id,
    }
    return {
        "experiment": name,
        "experiment_id": experiment.experiment_id,
        "run_id": run_id,
        "params": {key: str(value) for key, value in PARAMETERS.items()},
        "metrics": history,
        "tags": tags,
        "model_versions": [version],
        "artifacts": artifacts,
        "loaded": loaded,
        "mlflow_version": mlflow.__version__,
        "seconds": round(time.monotonic() - started, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="training-proof", help="experiment and registered model")
    parser.add_argument("--state", default="by-hand", help="what is proved: the digest of the deployed state")
    arguments = parser.parse_args()
    evidence = prove(arguments.name, arguments.state)
    print(f"Run {evidence['run_id']}: loaded back as {', '.join(evidence['loaded'])} in {evidence['seconds']} s")
    print(f"evidence {base64.b64encode(json.dumps(evidence).encode()).decode()}", flush=True)


if __name__ == "__main__":
    main()
