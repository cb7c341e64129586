"""A store that is not a file holds the same rows as one that is, and who reads sees no difference.

Sweeps are launched as a user does, on PostgreSQL, on MLflow's server, and on both, one behind the
other. What is compared was read with MLflow's own client.
"""

from types import SimpleNamespace

import pandas as pd
import pytest
from support.stores import empty_store
from support.sweeps import children, parents, statuses
from test_store import seen

from analysis import compare, reproduce
from analysis.data import load
from experiments import train

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")
# With the large learning rate nets diverge.
SWEEP = ["model=linear", "dataset=xor,moons", "lr=0.1,1e30", "seeds=3", "epochs=50"]
OWN = ("mlflow.parentRunId", "mlflow.user")  # tags in which no two sweeps are alike


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A store in a file, to compare with: its URI, with the sweep in it."""
    uri = empty_store(tmp_path_factory, tmp_path_factory.mktemp("file"))
    assert launch(uri, "scratchml") == 0
    return uri


def launch(uri, experiment, *words):
    where = [f"tracking.uri={uri}", f"experiment={experiment}", "executor=serial"]
    return train.main(["-m", *SWEEP, *where, *words])


def timeless(uri, run):
    """What a client sees of a run, without the times in it and the runs and files it refers to."""
    found = seen(SimpleNamespace(uri=uri), run.info.run_id)
    info = {k: found["info"][k] for k in ("run_name", "status", "lifecycle_stage", "user_id")}
    tags = {k: v for k, v in found["tags"].items() if k not in OWN}
    curves = {k: [row[1:] for row in rows] for k, rows in found["histories"].items()}
    return found | {"info": info, "tags": tags, "histories": curves}


def named(uri, experiment):
    """{name: all of a run}."""
    return {run.info.run_name: timeless(uri, run) for run in children(uri, experiment)}


def test_a_sweep_leaves_the_same_rows_and_again_it_trains_nothing(file, uri, experiment, capsys):
    assert launch(uri, experiment) == 0
    here, there = named(file, "scratchml"), named(uri, experiment)
    assert here == there
    assert len(here) == 4
    (sweep,) = parents(uri, experiment)
    assert (sweep.data.metrics["runs/done"], sweep.data.metrics["runs/diverged"]) == (4, 2)

    before = [run.info.run_id for run in children(uri, experiment)]
    capsys.readouterr()
    assert launch(uri, experiment) == 0
    assert "4 runs: 4 done already, 0 to train" in capsys.readouterr().out
    assert [run.info.run_id for run in children(uri, experiment)] == before
    assert statuses(parents(uri, experiment)) == {"FINISHED": 2}


def test_who_reads_sees_the_same_frames_and_figures(file, uri, experiment, tmp_path):
    launch(uri, experiment)
    here, there = load("scratchml", file), load(experiment, uri)
    for mine, theirs in ((here.runs, there.runs), (here.nets, there.nets)):
        pd.testing.assert_frame_equal(
            mine.drop(columns="run_id"), theirs.drop(columns="run_id"), check_like=True
        )
    pd.testing.assert_frame_equal(here.curves.drop(columns="run_id"),
                                  there.curves.drop(columns="run_id"))  # fmt: skip
    figures = {}
    for store, name in ((file, "scratchml"), (uri, experiment)):
        out = tmp_path / name / "compare.csv"
        words = [name, "--x", "dataset", "--y", "train/accuracy", "--uri", store]
        assert compare.main([*words, "--out", str(out.with_suffix(".png"))]) == 0
        figures[store] = out.read_bytes()
    assert figures[file] == figures[uri]


def test_a_run_of_its_own_is_watched_and_ends(uri, experiment):
    words = ["seeds=2", "epochs=50", "model=logistic"]
    assert train.main([*words, f"tracking.uri={uri}", f"experiment={experiment}"]) == 0
    (run,) = children(uri, experiment)
    assert run.info.status == "FINISHED" and "scratchml.process" not in run.data.tags


def test_a_lesson_is_reproduced_and_its_claims_are_read_again(on_postgresql, tmp_path, capfd):
    words = ["--uri", on_postgresql.uri]
    assert reproduce.main(["xor", "--quick", *words, "--out", str(tmp_path)]) == 0
    assert "7 of 7 claims hold" in capfd.readouterr().out
    assert (tmp_path / "quick" / "xor.png").exists() or list(tmp_path.rglob("xor.png"))
