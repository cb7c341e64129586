"""The peer of `harness`: one MLflow run a Hydra job, as both libraries' guides do it."""

import hydra
import mlflow
from hydra.core.config_store import ConfigStore
from mlflow.entities import Metric

knobs = {f"knob{i}": i for i in range(19)}
ConfigStore.instance().store("config", {"lr": 1.0, "rows": 250, **knobs})


@hydra.main(config_path=None, config_name="config", version_base="1.3")
def main(cfg):
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.set_experiment("peer")
    with mlflow.start_run() as run:
        mlflow.log_params(dict(cfg))
        metrics = [Metric(f"key{i % 6}", 0.5, 1, i) for i in range(cfg.rows)]
        mlflow.MlflowClient().log_batch(run.info.run_id, metrics)


if __name__ == "__main__":
    main()
