"""Four clients at once on one store, as on four machines: nothing is lost and nothing twice."""

import uuid
from collections import Counter

import pytest
from support.sweeps import account, children, command, finish, parents, start, statuses

GRID = ["-m", "activation=sigmoid,tanh,relu", "executor=serial", "seeds=2", "epochs=100"]
# The first two are the same, and each has three runs in common with the next one.
LR = ("lr=1,2", "lr=1,2", "lr=2,3", "lr=3,4")


@pytest.fixture
def new(request, postgres, tmp_path, monkeypatch):
    """A database of PostgreSQL in which MLflow's tables have not been made."""
    monkeypatch.setenv("MLFLOW_DEFAULT_ARTIFACT_ROOT", (tmp_path / "files").as_uri())
    return postgres.create(f"new_{uuid.uuid4().hex}")


def four_at_once(uri, experiment, tmp_path):
    """Each has a folder of its own for locks, as if it were on another machine."""
    clients = []
    for number, lr in enumerate(LR):
        (tmp_path / str(number)).mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(tmp_path / str(number)))
            clients.append(start(uri, *GRID, lr, f"experiment={experiment}"))
    ended = [finish(client) for client in clients]
    assert [status for status, _ in ended] == [0] * 4, ended
    assert not [said for _, said in ended if "Traceback" in said or "locked" in said]


def nothing_lost_nothing_twice(uri, experiment):
    runs = {run.info.run_id: run for run in children(uri, experiment)}
    assert statuses(runs.values()) == {"FINISHED": len(runs)}
    prints = {i: run.data.tags["scratchml.fingerprint"] for i, run in runs.items()}
    assert len(set(prints.values())) == 12
    # A run that two sweeps found missing at the same moment is trained by both, and by no third.
    assert max(Counter(prints.values()).values()) <= 3
    assert statuses(parents(uri, experiment)) == {"FINISHED": 4}
    return prints


def test_four_sweeps_on_a_database_that_has_no_tables_yet(new, tmp_path):
    four_at_once(new, "together", tmp_path)
    prints = nothing_lost_nothing_twice(new, "together")
    for parent in parents(new, "together"):
        told = {run["run_id"]: run["fingerprint"] for run in account(parent)["runs"]}
        assert len(told) == len(set(told.values())) == 6 and told.items() <= prints.items()


@pytest.mark.parametrize("behind", ["on_sqlite", "on_postgresql"])
def test_four_sweeps_on_one_server(behind, experiment, tmp_path, request):
    uri = request.getfixturevalue(behind).uri
    four_at_once(uri, experiment, tmp_path)
    nothing_lost_nothing_twice(uri, experiment)
    status, said = command(uri, *GRID, "lr=1,2,3,4", f"experiment={experiment}")
    assert status == 0 and "12 runs: 12 done already, 0 to train" in said, said
