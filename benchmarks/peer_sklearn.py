"""The peer of `whole`: one net a Hydra job, scikit-learn's MLPClassifier, one MLflow run."""

import warnings

import hydra
import mlflow
from hydra.core.config_store import ConfigStore
from sklearn.neural_network import MLPClassifier

ConfigStore.instance().store(
    "config", {"lr": 0.1, "width": 2, "activation": "tanh", "seed": 0, "epochs": 1000}
)


@hydra.main(config_path=None, config_name="config", version_base="1.3")
def main(cfg):
    warnings.simplefilter("ignore")
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.set_experiment("peer")
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    net = MLPClassifier(
        (cfg.width,), activation=cfg.activation, solver="sgd", batch_size=4, tol=0.0,
        learning_rate_init=cfg.lr, max_iter=cfg.epochs, n_iter_no_change=cfg.epochs,
        random_state=cfg.seed,
    )  # fmt: skip
    with mlflow.start_run() as run:
        net.fit(X, y)
        mlflow.log_params(dict(cfg))
        curve = [mlflow.entities.Metric("loss", v, 1, t) for t, v in enumerate(net.loss_curve_)]
        mlflow.MlflowClient().log_batch(run.info.run_id, curve[::25])
        mlflow.log_metric("accuracy", net.score(X, y))


if __name__ == "__main__":
    main()
