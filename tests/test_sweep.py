"""A sweep trains what is missing, stores each run whole, and says what became of it."""

import re
import sys
from types import SimpleNamespace

import pytest
from support.configurations import composed, config
from support.stores import empty_store
from support.sweeps import account, children, file, launch, parents, statuses, whole

from experiments import console
from experiments.errors import ConfigError, UserError
from experiments.running import parent as parent_run
from experiments.running import progress, summary
from experiments.running.checks import check
from experiments.running.ended import Ended
from experiments.running.ledger import Ledger
from experiments.running.saving import Saver
from experiments.running.session import Session
from experiments.running.sweep import launch_one
from experiments.tracking.store import Store, open_store

BAD = {"init": "normal", "init_scale": 1e200}
WILD = {"dataset": "blobs", "model": "linear", "lr": 100.0, "epochs": 500}


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


def lrs(*values):
    return [{"lr": float(value)} for value in values]


# --- what is trained ------------------------------------------------------------------------------


def test_each_configuration_becomes_a_whole_run_under_one_parent(uri):
    outcomes = launch(uri, *lrs(0.1, 1, 10))
    runs, [parent] = children(uri), parents(uri)
    assert {whole(run) for run in runs} == {config(lr=lr, seeds=2, epochs=20).fingerprint()
                                            for lr in (0.1, 1.0, 10.0)}  # fmt: skip
    assert {run.data.tags["mlflow.parentRunId"] for run in runs} == {parent.info.run_id}
    assert [outcome.run_id for outcome in outcomes] == [
        next(run.info.run_id for run in runs if run.data.params["lr"] == str(lr))
        for lr in (0.1, 1.0, 10.0)
    ]


def test_a_sweep_keeps_what_was_changed_and_not_committed(uri, monkeypatch):
    monkeypatch.setattr(parent_run, "patch", lambda: b"diff --git a/x b/x\n")
    launch(uri, *lrs(0.1))
    assert file(parents(uri)[0], "uncommitted.patch") == b"diff --git a/x b/x\n"


def test_the_same_sweep_again_trains_nothing(uri, capsys):
    first = launch(uri, *lrs(0.1, 1))
    assert "2 runs: 2 to train" in capsys.readouterr().out
    again = launch(uri, *lrs(0.1, 1))
    said = capsys.readouterr().out
    assert "2 runs: 2 done already, 0 to train" in said
    assert "best by train/loss" in said  # of all runs, whenever they were trained
    assert again == first
    assert len(children(uri)) == 2


def test_only_what_is_missing_is_trained(uri, capsys):
    launch(uri, *lrs(0.1, 1))
    launch(uri, *lrs(0.1, 1, 2, 3))
    assert "4 runs: 2 done already, 2 to train" in capsys.readouterr().out
    assert len({whole(run) for run in children(uri)}) == len(children(uri)) == 4


def test_resume_false_trains_anew_and_comes_to_the_same(uri, capsys):
    launch(uri, *lrs(0.1, 1))
    capsys.readouterr()
    launch(uri, *lrs(0.1, 1), resume=False)
    assert capsys.readouterr().out.startswith("2 runs: 2 to train\n")
    runs = children(uri)
    assert len(runs) == 4
    files = {(whole(run), file(run, "nets.npz")) for run in runs}
    assert len(files) == 2


def test_jobs_that_come_to_the_same_run_are_trained_once(uri, capsys):
    # Neither momentum nor the scale of zero weights has a meaning here.
    twins = [{"momentum": 0.1}, {"momentum": 0.2}, {"init": "zero"},
             {"init": "zero", "init_scale": 2.0}]  # fmt: skip
    one, two, three, four = launch(uri, *twins)
    assert one == two and three == four and one != three
    assert len(children(uri)) == 2
    said = capsys.readouterr().out
    assert "2 runs: 2 to train (2 jobs more would be the same as others)" in said


def test_a_stored_run_of_another_experiment_does_not_count(uri):
    launch(uri, *lrs(1), experiment="one")
    launch(uri, *lrs(1), experiment="two")
    assert len(children(uri, "one")) == len(children(uri, "two")) == 1


@pytest.fixture
def session():
    with Session() as session:
        yield session


@pytest.fixture
def started(session, monkeypatch):
    """How many workers of this machine there were whenever a store was opened, and in the end."""
    counts = []

    def count():
        lanes = session.pool.lanes if session.pool else ()
        return sum(lane.executor is not None for lane in lanes)

    def opening(*arguments):
        counts.append(count())
        return open_store(*arguments)

    monkeypatch.setattr("experiments.running.sweep.open_store", opening)
    return lambda: (*counts, count())


def test_workers_come_to_the_same_as_this_process(uri, session, started):
    launch(
        uri, *lrs(0.1, 1, 10), epochs=5000, experiment="there", executor="local", session=session
    )
    assert started() == (0, 1)  # what they cost together was known when the store had been asked
    launch(uri, *lrs(0.1, 1, 10), epochs=5000, experiment="here", session=session)
    here, there = (
        {whole(run): file(run, "nets.npz") for run in children(uri, name)}
        for name in ("here", "there")
    )
    assert here == there


def test_workers_of_this_machine_start_before_the_store_is_opened(uri, session, started):
    """They import meanwhile, and inherit nothing of it."""
    launch(uri, *lrs(1, 2), seeds=50, epochs=5000, executor="local", session=session)
    size = min(2, session.pool.size)
    assert started() == (size, size)


def test_no_worker_is_started_for_what_is_trained_sooner_here(uri, session, started):
    launch(uri, *lrs(1, 2), executor="local", session=session)
    assert started() == (0, 0)
    assert statuses(children(uri)) == {"FINISHED": 2}


def test_a_small_finished_sweep_starts_no_worker(uri, session, started):
    for executor in ("serial", "local"):
        launch(uri, *lrs(1), epochs=5000, executor=executor, session=session)
    assert started() == (0, 0, 0)


def test_finished_runs_are_stored_while_others_of_their_task_wait(uri, monkeypatch):
    stored, write_many = [], Store.write_many

    def counting(store, records, *parent):
        stored.append(len(records))
        return write_many(store, records, *parent)

    monkeypatch.setattr("experiments.running.saving.FLUSH", -1)
    monkeypatch.setattr(Store, "write_many", counting)
    launch(uri, *lrs(1, 2, 3))
    assert stored == [1, 1, 1, 1, 0]  # their parent, each as it is done, and none is left


# --- failures -------------------------------------------------------------------------------------


def test_one_failing_configuration_in_a_hundred(uri, capsys):
    good = [{"lr": 0.01 * (n + 1)} for n in range(99)]
    outcomes = launch(uri, *good[:50], BAD, *good[50:], epochs=2)
    assert [n for n, outcome in enumerate(outcomes) if outcome.error] == [50]
    assert outcomes[50].run_id is outcomes[50].objective is None
    runs, [parent] = children(uri), parents(uri)
    assert statuses(runs) == {"FINISHED": 99, "FAILED": 1}
    [failed] = [run for run in runs if run.info.status == "FAILED"]
    assert failed.data.tags["scratchml.error"].startswith("ValueError: weight_norm not finite")
    assert b"Traceback" in file(failed, "traceback.txt")
    assert failed.data.params["init_scale"] == "1e+200"
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["runs/failed"] == 1 and parent.data.metrics["runs/done"] == 99
    said = capsys.readouterr()
    assert said.err.count("failed: lr=1 normal") == 2  # at once, and in the end
    assert "99 runs of 198 nets trained, 1 failed" in said.out
    assert "Traceback" not in said.err + said.out


def test_many_failures_for_one_reason_are_said_a_few_times_and_counted(uri, capsys):
    bad = [BAD | {"lr": 0.01 * (n + 1)} for n in range(20)]
    launch(uri, *bad, *lrs(1))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 5
    assert said[3].startswith("failed: more, which are only counted from now on: ValueError")
    assert "and 19 others: ValueError" in said[4]


def test_what_failed_is_tried_again_and_can_be_asked_for_alone(uri, capsys, monkeypatch):
    monkeypatch.setattr("experiments.running.stacks.results", lambda *_: 1 / 0)
    launch(uri, *lrs(1, 2))
    monkeypatch.undo()
    launch(uri, *lrs(1, 2, 3), only="failed")
    assert "3 runs: 2 to train" in capsys.readouterr().out
    assert statuses(children(uri)) == {"FAILED": 2, "FINISHED": 2}
    [_, parent] = parents(uri)
    outcomes = [run["status"] for run in account(parent)["runs"]]
    assert outcomes == ["FINISHED", "FINISHED", "NOT TRAINED"]
    launch(uri, *lrs(1, 2, 3))
    assert "3 runs: 2 done already, 1 to train" in capsys.readouterr().out


def test_a_job_that_could_not_be_composed_fails_alone(uri, capsys):
    error = RuntimeError("no such file\nand more")
    good, bad = launch(uri, *lrs(1), error)
    assert good.error is None and bad.error is error
    assert "failed: lrr=1: RuntimeError: no such file\n" in capsys.readouterr().err
    [parent] = parents(uri)
    assert parent.data.metrics["runs"] == 2 and parent.data.metrics["runs/failed"] == 1


def test_a_run_that_diverges_is_finished_and_says_so(uri, capsys):
    outcomes = launch(uri, WILD, *lrs(1), seeds=3)
    assert not any(outcome.error for outcome in outcomes)
    wild, tame = (run for lr in ("100.0", "1.0") for run in children(uri)
                  if run.data.params["lr"] == lr)  # fmt: skip
    assert whole(wild) and whole(tame)
    assert wild.data.tags["scratchml.diverged"] == "true"
    assert "scratchml.diverged" not in tame.data.tags
    assert wild.data.metrics["diverged"] == 3
    assert max(wild.data.metrics.values()) < sys.float_info.max  # MLflow's word for infinity
    [parent] = parents(uri)
    assert parent.data.metrics["runs/diverged"] == 1 and parent.data.metrics["runs/failed"] == 0
    assert "2 runs of 6 nets trained, 1 with diverged nets" in capsys.readouterr().out


# --- refused before anything is trained -----------------------------------------------------------


def refused(uri, *choices, **common):
    with pytest.raises(ConfigError) as error:
        launch(uri, *choices, **common)
    assert children(uri) == parents(uri) == []
    return str(error.value)


def test_every_problem_is_said_once_and_how_often_it_occurs(uri):
    said = refused(uri, {"lr": -1.0}, {"lr": -1.0, "width": 3}, {"init": "foo"}, {"lr": 1.0})
    assert said.splitlines() == [
        "lr must be a number > 0; got -1.0  (2 of 4 runs)",
        next(line for line in said.splitlines() if line.startswith("init must be one of ['zero'")),
    ]
    assert said.endswith("got 'foo'  (1 of 4 runs)")
    assert "runs)" not in refused(uri, *lrs(-1, -1))


@pytest.mark.parametrize(
    "absurd, said",
    [
        ({"width": 10**6, "depth": 2}, r"one net needs about 67,\d+ GiB; the limit is 8 GiB"),
        ({"dataset": "moons", "n_samples": 10**12}, r"one net needs about 134,\d+ GiB"),
        ({"seeds": 10**9}, r"the results of 1,000,000,000 nets need about [\d,]+ GiB"),
    ],
)
def test_absurd_memory_is_refused_with_an_estimate(uri, absurd, said):
    assert re.search(said, refused(uri, absurd, {}))


@pytest.mark.parametrize(
    "name, values",
    [
        ("experiment", ["one", "two"]),
        ("resume", [True, False]),
        ("objective", ["solved", "train/loss"]),
        ("tracking", [{"uri": "sqlite:///a.db"}, {"uri": "sqlite:///b.db"}]),
    ],
)
def test_settings_that_differ_within_a_sweep_are_refused(name, values):
    with pytest.raises(ConfigError, match=f"{name} must be the same for all runs of a sweep"):
        check([composed(**{name: value}) for value in values])


def test_problems_of_settings_and_of_knobs_are_said_together(uri):
    said = refused(uri, *lrs(-1), objective="speed", only="some")
    assert [line.split()[0] for line in said.splitlines()] == ["lr", "objective", "only"]


@pytest.mark.parametrize(
    "executor, said",
    [
        ({"name": "dask", "workers": None, "address": None}, "executor=dask needs executor.addr"),
        ({"name": "local", "workers": None, "address": "tcp://a:1"}, "leave it out"),
        ({"name": "ray", "workers": None, "address": None}, "executor.name must be one of"),
    ],
)
def test_an_executor_that_cannot_be_is_refused(executor, said):
    with pytest.raises(ConfigError, match=said):
        check([composed() | {"executor": executor}])


# --- the parent run -------------------------------------------------------------------------------


def test_the_parent_run_tells_the_sweep(uri):
    launch(uri, *lrs(1))
    launch(uri, {"lr": 1.0, "width": 2}, {"lr": 1.0, "width": 3}, {"lr": 2.0, "width": 2}, BAD)
    _, parent = parents(uri)
    assert parent.info.run_name == "sweep of 4: lr, width, init, init_scale"
    assert parent.data.params["lr"] == "1.0, 2.0" and parent.data.params["width"] == "2, 3"
    counts = {k: v for k, v in parent.data.metrics.items() if k.startswith("runs")}
    assert counts == {"runs": 4, "runs/done": 3, "runs/failed": 1, "runs/diverged": 0}
    said = account(parent)
    assert said["experiment"] == "scratchml" and said["command"].startswith("python ")
    assert said["grid"] == {"lr": ["1.0", "2.0"], "width": ["2", "3"], "init": ["normal"],
                            "init_scale": ["1e+200"]}  # fmt: skip
    assert [run["new"] for run in said["runs"]] == [False, True, True, True]
    assert [run["status"] for run in said["runs"]] == ["FINISHED"] * 3 + ["FAILED"]
    assert said["runs"][3]["error"].startswith("ValueError: weight_norm")
    assert said["runs"][3]["run_id"] is None
    ids = {run.info.run_id for run in children(uri) if run.info.status == "FINISHED"}
    assert {run["run_id"] for run in said["runs"][:3]} == ids
    assert 0 < said["seconds"]["training"] < said["seconds"]["all"]


def test_all_launches_of_a_sweeper_are_one_sweep(uri, capsys):
    ledger = Ledger()
    first = launch(uri, *lrs(1, 2), ledger=ledger)
    second = launch(uri, *lrs(2, 3), ledger=ledger)
    assert first[1] == second[0]
    [parent] = parents(uri)
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["runs"] == 3 and len(account(parent)["runs"]) == 3
    assert account(parent)["grid"] == {"lr": ["1.0", "2.0", "3.0"]}
    assert len(children(uri)) == 3
    assert "1 run: 1 to train" in capsys.readouterr().out


def test_a_sweep_that_breaks_ends_as_failed_and_what_was_stored_stays(uri, monkeypatch):
    real, calls = Saver.complete, []

    def complete(self, *arguments):
        if calls:
            raise RuntimeError("a bug")
        calls.append(real(self, *arguments))
        self.flush()

    monkeypatch.setattr(Saver, "complete", complete)
    with pytest.raises(RuntimeError, match="a bug"):
        launch(uri, *lrs(1, 2, 3), {"width": 3})
    [run], [parent] = children(uri), parents(uri)
    assert whole(run) and parent.info.status == "FAILED"
    outcomes = [run["status"] for run in account(parent)["runs"]]
    assert sorted(outcomes) == ["FINISHED", *["NOT TRAINED"] * 3]


def test_workers_that_give_up_end_a_sweep_with_what_to_do(uri, monkeypatch):
    def run(self, *_):
        raise UserError("no worker lives")
        yield

    monkeypatch.setattr("experiments.executors.pool.Pool.run", run)
    said = "no worker lives; 0 of 2 runs are stored, and the same command goes on from there"
    with pytest.raises(UserError, match=said):
        launch(uri, *lrs(1, 2))
    assert [parent.info.status for parent in parents(uri)] == ["FAILED"]


def test_a_sweep_whose_process_died_is_marked_by_the_next(uri, monkeypatch):
    monkeypatch.setattr(parent_run, "close", lambda *_: None)
    launch(uri, *lrs(1))
    assert [run.info.status for run in parents(uri)] == ["RUNNING"]
    monkeypatch.undo()
    monkeypatch.setattr("experiments.tracking.store.is_dead", lambda name: True)
    launch(uri, *lrs(1))
    assert [run.info.status for run in parents(uri)] == ["KILLED", "FINISHED"]


# --- objectives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["train/loss", "solved", "gradient_norm"])
def test_the_objective_is_the_metric_of_the_run_trained_now_or_before(uri, name):
    first = launch(uri, *lrs(0.1, 1), objective=name)
    values = {run.data.params["lr"]: run.data.metrics[name] for run in children(uri)}
    assert [outcome.objective for outcome in first] == [values["0.1"], values["1.0"]]
    assert launch(uri, *lrs(0.1, 1), objective=name) == first


def test_never_solved_is_an_infinite_time_to_solve(uri):
    never, soon = launch(
        uri, {"lr": 1e-9}, {"lr": 1.0}, dataset="and", epochs=1000, objective="epochs_to_solve"
    )
    assert never.objective == float("inf") and 0 < soon.objective < 1000


def test_a_run_without_the_metric_has_no_objective(uri):
    [outcome] = launch(uri, *lrs(1), objective="test/loss")
    assert outcome.objective is None and outcome.error is None


# --- what the user sees ---------------------------------------------------------------------------


def test_the_best_runs_are_shown_with_what_was_varied(uri, capsys):
    launch(uri, *({"lr": lr, "width": width} for lr in (0.1, 1.0) for width in (2, 3, 4)))
    said = capsys.readouterr().out.splitlines()
    start = said.index("best by train/loss (median over seeds)")
    assert said[start + 1].split() == ["lr", "width", "train/loss", "solved", "diverged"]
    losses = [float(line.split()[2]) for line in said[start + 2 : start + 7]]
    assert losses == sorted(losses)
    stored = sorted(run.data.metrics["train/loss"] for run in children(uri))
    assert losses == pytest.approx(stored[:5], rel=1e-3)
    assert said[-2].startswith("6 runs of 12 nets trained in ")
    assert said[-1] == f"look: scratchml ui --uri {uri}   (experiment scratchml)"


def test_nets_that_stop_when_solved_are_ranked_by_how_fast_they_are(uri, capsys):
    """A net that stops when it has solved its task ends with the loss that it happens to have."""
    configs = {lr: config(lr=lr, stop="solved") for lr in (0.25, 0.5, 0.75)}
    finals = {
        "train/loss": {0.25: 0.1, 0.5: 0.2, 0.75: 0.3},
        "solved": {0.25: 0.5, 0.5: 1.0, 0.75: 1.0},
        "epochs_to_solve": {0.25: 1, 0.5: 200, 0.75: 100},
    }
    ranked_by = summary.ranking(configs.values(), "train/loss")
    summary.best(Ended(configs, finals, ranked_by, ["lr"], None))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "best by solved, then epochs_to_solve, then train/loss (median over seeds)"
    assert [float(line.split()[0]) for line in said[2:]] == [0.75, 0.5, 0.25]
    launch(uri, {"lr": 8.0}, dataset="and", model="logistic", stop="solved")
    [parent] = parents(uri)
    assert parent.data.tags["scratchml.ranked_by"] == "solved"  # so that MLflow's page does, too


def test_nets_that_stop_elsewhere_are_ranked_by_their_loss():
    for stop in ("never", "gradient", "no_progress"):
        stopped = [config(stop=stop, stop_at=None if stop == "never" else 1)]
        assert summary.ranking(stopped, "train/loss") == ("train/loss",)


def test_a_chosen_objective_ranks_the_runs(uri, capsys):
    launch(uri, *lrs(1e-9, 1), dataset="and", epochs=1000, objective="epochs_to_solve")
    said = capsys.readouterr().out.splitlines()
    start = said.index("best by epochs_to_solve, then train/loss (median over seeds)")
    assert [line.split()[0] for line in said[start + 2 : start + 4]] == ["1", "1e-09"]


@pytest.mark.parametrize(
    ("objective", "best"),
    [("train/loss", "0.25"), ("solved", "0.75"), ("epochs_to_solve", "0.75")],
)
def test_an_optimizing_sweeper_is_told_the_best_by_its_objective(capsys, objective, best):
    configs = {lr: config(lr=lr) for lr in (0.25, 0.5, 0.75)}
    finals = {
        "train/loss": {0.25: 0.1, 0.5: 0.2, 0.75: 0.3},
        "solved": {0.25: 0.1, 0.5: 0.2, 0.75: 0.3},
        "epochs_to_solve": {0.5: 20, 0.75: 10},  # a run of which no net has solved it has none
    }
    said = summary.best_so_far(Ended(configs, finals, (objective,), ["lr"], None), objective)
    assert said.startswith(f"best of 3 so far: {objective} ") and said.endswith(f"lr={best}")


def test_an_objective_that_no_run_has_is_said():
    ended = Ended({1: config()}, {"test/loss": {}}, ("test/loss",), [], None)
    found = summary.best_so_far(ended, "test/loss")
    assert found == "none of 1 run so far has test/loss"


# The tasks of two lessons with few seeds, on two workers: (cost, second at which it was done).
MEASURED = {
    "a dear task beside many cheap ones": [
        *[(3.7e7, 66.6), (6.6e5, 7.6), (6.5e5, 67.9), (4.1e5, 11.4), (4.1e5, 14.9)],
        *[(4.1e5, 18.5), (3.1e5, 21.7), (3.1e5, 24.6), (3.1e5, 27.1), (2.9e5, 29.9)],
        *[(2.9e5, 32.7), (2.9e5, 35.1), (6.2e4, 35.5)],
    ],
    "the last tasks are the dear ones for their cost": [
        *[(1.1e7, 6.2), (1.1e7, 7.4), (8.8e6, 6.5), (8.8e6, 7.0), (8.8e6, 10.3), (8.8e6, 10.7)],
        *[(7.2e6, 12.9), (7.2e6, 14.2), (4.9e6, 13.5), (2.5e6, 15.5), (2.5e6, 16.0)],
        *[(8.4e5, 18.2), (8.4e5, 20.4), (8.4e5, 21.1), (8.4e5, 22.8)],
        *[(6.1e3, 21.3), (6.1e3, 21.4), (6.1e3, 21.6), (6.1e3, 23.0)],
    ],
}


@pytest.mark.parametrize("sweep", MEASURED)
def test_the_time_that_is_left_is_roughly_right_to_the_end(sweep):
    tasks = [SimpleNamespace(cost=cost, done=done) for cost, done in MEASURED[sweep]]
    share, end = progress.Share(tasks, slots=2), max(task.done for task in tasks)
    for task in sorted(tasks, key=lambda task: task.done)[:-2]:
        said = console.remaining(task.done, share.done(task))
        assert 1 / 8 < said / (end - task.done) < 8


def test_where_there_is_no_terminal_a_line_now_and_then_tells_how_far_it_is(
    uri, session, capsys, monkeypatch
):
    monkeypatch.setattr(console, "EVERY", -1.0)
    session.title = "xor, 3 of 15 lessons"
    launch(uri, *({"width": width} for width in (2, 3, 4, 5)), session=session)
    lines = [line for line in capsys.readouterr().err.splitlines() if "% · " in line]
    assert [int(line.partition("%")[0]) for line in lines] == sorted(
        int(line.partition("%")[0]) for line in lines
    )
    assert lines[-1].startswith("100% · xor, 3 of 15 lessons · 4 of 4 runs · ")
    assert re.search(r"\d+ nets/s · [\d.]+ s left$", lines[0])


def test_the_store_can_be_read_while_a_sweep_writes(uri, monkeypatch):
    seen, real = [], Saver.flush

    def flush(self):
        real(self)
        with open_store(uri) as store:
            seen.append(len(store.values("train/loss")))

    monkeypatch.setattr(Saver, "flush", flush)
    monkeypatch.setattr("experiments.running.saving.FLUSH", 0.0)
    launch(uri, *({"width": width} for width in (2, 3, 4)))
    assert seen == [1, 2, 3, 3]


# --- splits of real data --------------------------------------------------------------------------

SPLIT = {"dataset": "digits", "model": "logistic", "epochs": 1, "seeds": 3}


def test_a_split_that_leaves_a_class_out_is_said(uri, capsys):
    few, all_of_them = {"n_samples": 6, "test_fraction": 0.001}, {"n_samples": 500}
    launch(uri, SPLIT | few, SPLIT | all_of_them, {"epochs": 3})
    sentence = ("the training examples of 3 of 3 nets have none of some class; "
                "the held-out examples of 3 of 3 nets have none of some class")  # fmt: skip
    said = capsys.readouterr().err
    assert re.findall(r"classes left out: .*n_samples=6[^:]*: (.*)", said) == [sentence]
    tags = {run.data.params["dataset"] + run.data.params.get("n_samples", ""):
            run.data.tags.get("scratchml.missing_classes") for run in children(uri)}  # fmt: skip
    assert tags == {"digits6": sentence, "digits500": None, "xor": None}
    launch_one(composed(tracking={"uri": uri}, **SPLIT | few, resume=False))
    assert sentence in capsys.readouterr().err


def test_each_net_says_what_its_split_left_out(uri):
    launch(uri, SPLIT | {"n_samples": 20, "seeds": 6})
    [run] = children(uri)
    table = file(run, "nets.csv").decode().splitlines()
    column = table[0].split(",").index("train/missing_classes")
    missing = [int(row.split(",")[column]) for row in table[1:]]
    assert len(missing) == 6 and 0 <= min(missing) < max(missing)
