"""The launcher and the sweeper do what Hydra expects of them, and are found wherever installed."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hydra import initialize_config_dir
from hydra._internal.callbacks import Callbacks
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.core.singleton import Singleton
from hydra.core.utils import JobStatus
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import HydraContext, RunMode
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from experiments.errors import ConfigError
from experiments.running import sweep
from experiments.running.ledger import Outcome
from experiments.running.session import Session
from experiments.schema import defaults
from experiments.schema.own_files import in_hydra
from hydra_plugins.scratchml_stacked._grids import expand, literal

ROOT = Path(__file__).resolve().parent.parent
CONF = {
    "config.yaml": """\
defaults:
  - _self_
  - dataset: xor
  - override hydra/launcher: stacked
  - override hydra/sweeper: stacked
  - override hydra/hydra_logging: none
  - override hydra/job_logging: none
lr: 0.1
n: 1
start: null
experiment: scratchml
hydra: {sweep: {dir: ., subdir: .}, output_subdir: null}
""",
    "numbered.yaml": "defaults: [config, _self_]\nnumber: ${hydra:job.num}\n",
    "dataset/xor.yaml": "# @package _global_\ndataset: xor\n",
    "dataset/moons.yaml": "# @package _global_\ndataset: moons\n",
    "dataset/rings.yaml": "# @package _global_\ndataset: rings\n",
    "lesson/depth.yaml": """\
# @package _global_
experiment: depth
n: 5
hydra: {sweeper: {grids: [{lr: [1, 2], dataset: moons}, {dataset: [xor]}]}}
""",
    "lesson/plain.yaml": "# @package _global_\nexperiment: plain\n",
    "lesson/width.yaml": """\
# @package _global_
defaults:
  - override /hydra/launcher: basic
experiment: width
""",
    "lesson/same.yaml": """\
# @package _global_
defaults:
  - override /hydra/launcher: stacked
experiment: same
""",
}


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    for name, text in CONF.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def app(conf, tmp_path, monkeypatch):
    """Hydra, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    with initialize_config_dir(str(conf), job_name="train", version_base="1.3"):
        yield GlobalHydra.instance().hydra


@pytest.fixture
def launched(monkeypatch):
    """What would be trained: a run's objective is its lr, and n=13 fails."""
    calls = []

    def launch(configs, overrides, ledger, session):
        calls.append(SimpleNamespace(ledger=ledger, configs=configs, overrides=overrides))
        outcomes = []
        for config in configs:
            error = config if isinstance(config, Exception) else None
            if error is None and config["n"] == 13:
                error = RuntimeError("unlucky")
            objective = None if error else config["lr"]
            outcomes.append(Outcome(None, objective, error))
        return outcomes

    monkeypatch.setattr(sweep, "launch", launch)
    return calls


def ours(task=lambda cfg: None):
    """A task function that the plugins know as scratchml's."""
    task.scratchml_session = Session()
    return task


def multirun(app, *overrides, name="config", task=None):
    task = ours(task) if task else ours()
    [*batches] = app.multirun(name, task, ["hydra.mode=MULTIRUN", *overrides])
    return [job for batch in batches for job in batch]


def knobs(call, *names):
    return [tuple(config[name] for name in names) for config in call.configs]


# --- grids ----------------------------------------------------------------------------------------


def jobs(grids, *arguments, params=None, loader=None):
    return [" ".join(job) for job in expand(grids, params, arguments, loader)]


def test_grids_are_products_one_after_the_other():
    grids = [{"lr": [0.1, 1], "init": ["he", None]}, {"width": 3, "bias": False}]
    assert jobs(grids) == [
        "lr=0.1 init=he",
        "lr=0.1 init=null",
        "lr=1 init=he",
        "lr=1 init=null",
        "width=3 bias=false",
    ]


@pytest.mark.parametrize(
    "arguments",
    ["", "lr=1,2", "lr=1,2 n=3 lr=4,5", "a=range(3) b=choice(x,'y,z') +c=1 ++d=[1,2],[3]",
     "lr=a,b ++n=1", "a=tag(t,choice(b,c)) b=sort(3,1,2)", "dataset=glob(*,exclude=m*) a=''"],
)  # fmt: skip
@pytest.mark.parametrize("params", [{}, {"lr": "7,8", "q": "range(2)"}])
def test_without_grids_jobs_are_those_of_the_basic_sweeper(app, arguments, params):
    parser = OverridesParser.create(config_loader=app.config_loader)
    words = [*(f"{k}={v}" for k, v in params.items()), *arguments.split()]
    [theirs] = BasicSweeper.split_arguments(parser.parse_overrides(words), None)
    assert expand(None, params, arguments.split(), app.config_loader) == theirs


def test_the_command_line_replaces_an_axis_in_every_grid():
    grids = [{"lr": [1, 2], "n": [3]}, {"n": [4, 5]}]
    assert jobs(grids, "n=6") == ["lr=1 n=6", "lr=2 n=6", "n=6"]
    assert jobs(grids, "n=6,7") == ["lr=1 n=6", "lr=1 n=7", "lr=2 n=6", "lr=2 n=7", "n=6", "n=7"]
    assert jobs(grids, "++n=6") == ["lr=1 ++n=6", "lr=2 ++n=6", "++n=6"]


def test_the_command_line_multiplies_grids_that_lack_the_axis():
    assert jobs([{"lr": [1, 2]}, {"n": [3]}], "seed=0,1", "epochs=9") == [
        "lr=1 seed=0 epochs=9",
        "lr=1 seed=1 epochs=9",
        "lr=2 seed=0 epochs=9",
        "lr=2 seed=1 epochs=9",
        "n=3 seed=0 epochs=9",
        "n=3 seed=1 epochs=9",
    ]


def test_grids_replace_params():
    assert jobs([{"lr": [1]}], params={"lr": "5,6", "n": "7,8"}) == ["lr=1 n=7", "lr=1 n=8"]


def test_a_job_that_comes_again_is_left_out():
    assert jobs([{"lr": [1, 2], "n": 3}, {"n": [3, 4], "lr": 1}]) == [
        "lr=1 n=3",
        "lr=2 n=3",
        "n=4 lr=1",
    ]


def test_a_text_is_read_as_on_the_command_line_and_a_list_is_taken_literally(app):
    assert jobs([{"n": "range(1,4)"}]) == ["n=1", "n=2", "n=3"]
    assert jobs([{"n": "1,x"}]) == ["n=1", "n=x"]
    assert jobs([{"n": "tanh"}]) == ["n=tanh"]
    assert jobs([{"n": ["1,x", "range(1,4)", "7"]}]) == ["n='1,x'", "n='range(1,4)'", "n='7'"]
    assert jobs([{"start": [[0, 1], [2, 3]]}]) == ["start=[0,1]", "start=[2,3]"]
    every = ["dataset=moons", "dataset=rings", "dataset=xor"]
    assert jobs([{"dataset": "glob(*)"}], loader=app.config_loader) == every


def test_interpolations_in_grids_are_resolved():
    config = OmegaConf.create({"few": [1, 2], "grids": [{"n": "${few}"}, {"n": "${few[1]}"}]})
    assert jobs(config.grids) == ["n=1", "n=2"]


@pytest.mark.parametrize(
    "grids, arguments, message",
    [
        ([{"n": []}], [], "n has no values"),
        (None, ["n=range(3,3)"], "n has no values"),
        (None, ["lr=interval(0,1)"], "lr=interval(0,1).*optuna"),
        ([{"lr": "interval(0,1)"}], [], "lr=interval(0,1).*optuna"),
    ],
)
def test_an_axis_must_have_values_that_can_be_listed(grids, arguments, message):
    with pytest.raises(ConfigError, match=message.replace("(", r"\(").replace(")", r"\)")):
        jobs(grids, *arguments)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars,
    lambda each: (
        st.lists(each) | st.dictionaries(st.from_regex("[a-z_]{1,9}", fullmatch=True), each)
    ),
    max_leaves=8,
)


@given(values)
def test_hydra_reads_a_literal_as_the_value_that_it_was_made_of(value):
    [override] = OverridesParser.create().parse_overrides([f"key={literal(value)}"])
    assert repr(override.value()) == repr(value)


# --- the launcher ---------------------------------------------------------------------------------


def test_all_jobs_are_handed_over_at_once_as_plain_mappings(app, launched):
    multirun(app, "lr=1,2", "dataset=xor,moons", "+new=x")
    [call] = launched
    assert [type(config) for config in call.configs] == [dict] * 4
    assert knobs(call, "lr", "dataset", "new") == [
        (1, "xor", "x"),
        (1, "moons", "x"),
        (2, "xor", "x"),
        (2, "moons", "x"),
    ]
    assert call.overrides[1] == ["lr=1", "dataset=moons", "+new=x"]
    assert "hydra" not in call.configs[0]


def test_each_job_comes_back_in_order_with_what_hydra_knows_of_it(app, launched, tmp_path):
    first, second = multirun(app, "lr=1,2", "n=3")
    assert [first.return_value, second.return_value] == [1, 2]
    assert second.status is JobStatus.COMPLETED
    assert second.overrides == ["lr=2", "n=3"]
    assert second.task_name == "train"
    assert second.working_dir == str(tmp_path)
    assert second.cfg == {"lr": 2, "n": 3, "start": None, "experiment": "scratchml"} | {
        "dataset": "xor"
    }
    assert second.hydra_cfg.hydra.job.num == 1
    assert second.hydra_cfg.hydra.overrides.task == ["lr=2", "n=3"]


def test_no_folders_and_files_are_made(app, launched, tmp_path):
    multirun(app, "lr=1,2")
    assert list(tmp_path.iterdir()) == []


def test_batches_are_launched_one_after_the_other_and_numbered_on(app, launched):
    done = multirun(app, "lr=1,2,3", "hydra.sweeper.max_batch_size=2", name="numbered")
    assert [knobs(call, "lr", "number") for call in launched] == [[(1, 0), (2, 1)], [(3, 2)]]
    assert [job.hydra_cfg.hydra.job.num for job in done] == [0, 1, 2]
    assert launched[0].ledger is launched[1].ledger


def test_strict_gives_the_same_sweep(app, launched):
    for strict in ("false", "true"):
        multirun(app, "lr=1,2", "dataset=moons,xor", f"hydra.launcher.strict={strict}")
    assert repr(launched[0].configs) == repr(launched[1].configs)


def test_a_failed_run_ends_the_sweep_as_failed_and_the_others_are_trained(app, launched, capsys):
    with pytest.raises(SystemExit) as end:
        multirun(app, "n=12,13,14")
    assert end.value.code == 1
    assert knobs(launched[0], "n") == [(12,), (13,), (14,)]
    assert "1 of 3 jobs failed" in capsys.readouterr().err


def test_a_sweep_that_cannot_be_composed_is_refused_before_it_starts(app, launched, capsys):
    with pytest.raises(SystemExit) as end:
        multirun(app, "lr=1,2,3", "dataset=xor,typo", "lrr=1,2", "hydra.sweeper.max_batch_size=1")
    assert end.value.code == 2
    assert launched == []
    said = capsys.readouterr().err
    assert said.count("Could not find 'dataset/typo'") == 1
    assert "Available options in 'dataset': moons rings xor" in " ".join(said.split())
    assert "search path" not in said.lower()
    assert said.count("Could not override 'lrr'.\nTo append to your config use +lrr=1") == 1


def test_of_many_jobs_that_cannot_be_composed_a_few_are_told(app, launched, capsys):
    with pytest.raises(SystemExit):
        multirun(app, "dataset=" + ",".join(f"typo{i}" for i in range(30)))
    assert capsys.readouterr().err.count("Could not find") == 20


def launcher(app, *overrides, name="config"):
    """The launcher as another sweeper would use it."""
    config = app.compose_config(name, ["hydra.mode=MULTIRUN", *overrides], RunMode.MULTIRUN)
    context = HydraContext(config_loader=app.config_loader, callbacks=Callbacks(config))
    return Plugins.instance().instantiate_launcher(
        hydra_context=context, task_function=ours(), config=config
    )


def test_under_other_sweepers_a_job_that_cannot_be_composed_fails_alone(app, launched):
    good, bad = launcher(app).launch([("lr=1",), ("lrr=1",)], initial_job_idx=4)
    assert good.return_value == 1
    assert bad.status is JobStatus.FAILED
    with pytest.raises(HydraException, match="lrr"):
        _ = bad.return_value
    assert isinstance(launched[0].configs[1], HydraException)


def test_jobs_none_of_which_can_be_composed_all_fail(app, launched):
    failed = launcher(app).launch([["lrr=1"], ["lrr=2"]], initial_job_idx=0)
    assert [job.status for job in failed] == [JobStatus.FAILED] * 2
    assert launched == []


def test_the_folder_of_the_sweep_is_there_for_sweepers_that_write_to_it(app, launched, tmp_path):
    launcher(app, "hydra.sweep.dir=results").launch([["lr=1"]], initial_job_idx=0)
    assert (tmp_path / "results").is_dir()


def test_many_small_launches_compose_each_choice_of_groups_once(app, launched, monkeypatch):
    ours = launcher(app)
    loader, loaded = ours.composer.loader, []
    load = loader.load_sweep_config
    monkeypatch.setattr(loader, "load_sweep_config", lambda *a: loaded.append(a[1]) or load(*a))
    for number in range(20):
        ours.launch([[f"lr={number}", "dataset=moons"]], initial_job_idx=number)
    assert loaded == [["dataset=moons"]]


# --- what is watched job by job -------------------------------------------------------------------

HEARD = []


class Listener(Callback):
    """Keeps something of its own between a job's start and its end, as callbacks do."""

    def on_multirun_start(self, config, **_):
        HEARD.append("sweep")

    def on_job_start(self, config, **_):
        self.number = config.hydra.job.num
        HEARD.append(f"start {self.number} {config.hydra.job.id} lr={config.lr}")

    def on_job_end(self, config, job_return, **_):
        value = job_return._return_value
        HEARD.append(f"end {self.number} {config.hydra.runtime.output_dir} {value!r}")

    def on_multirun_end(self, config, **_):
        HEARD.append("done")


class SweepListener(Callback):
    def on_multirun_end(self, config, **_):
        HEARD.append("done")


@pytest.fixture
def heard():
    HEARD.clear()
    return HEARD


def test_callbacks_hear_of_each_job_in_pairs(app, launched, heard, tmp_path):
    listen = "+hydra.callbacks.mine._target_=test_plugins.Listener"
    subdir = "hydra.sweep.subdir=${hydra.job.num}"
    with pytest.raises(SystemExit):
        multirun(app, "lr=1,2", "n=13,1", listen, subdir)
    assert heard[:5] == [
        "sweep",
        "start 0 0 lr=1",
        f"end 0 {tmp_path}/0 RuntimeError('unlucky')",
        "start 1 1 lr=1",
        f"end 1 {tmp_path}/1 1",
    ]
    assert len(launched) == 1  # stacked all the same
    heard.clear()
    multirun(app, "lr=1,2", listen)
    assert heard[-1] == "done"


def test_a_callback_of_the_sweep_costs_its_jobs_nothing(app, launched, heard, monkeypatch):
    module = sys.modules["hydra_plugins.scratchml_stacked.launcher"]  # as Hydra has loaded it
    monkeypatch.setattr(module, "run_job", None)
    multirun(app, "lr=1,2", "+hydra.callbacks.mine._target_=test_plugins.SweepListener")
    assert heard == ["done"]


def test_folders_of_jobs_are_made_for_who_wants_them(app, launched, tmp_path):
    multirun(app, "lr=1,2", "hydra.output_subdir=.hydra", "hydra.sweep.subdir=${hydra.job.num}")
    saved = OmegaConf.load(tmp_path / "1" / ".hydra" / "overrides.yaml")
    assert saved == ["lr=2"]


# --- lessons --------------------------------------------------------------------------------------


def test_a_lesson_brings_its_grids(app, launched):
    multirun(app, "+lesson=depth")
    assert knobs(launched[0], "experiment", "dataset", "lr", "n") == [
        ("depth", "moons", 1, 5),
        ("depth", "moons", 2, 5),
        ("depth", "xor", 0.1, 5),
    ]


def test_the_command_line_changes_a_lessons_grids(app, launched):
    multirun(app, "+lesson=depth", "lr=7", "n=1,2")
    assert knobs(launched[0], "dataset", "lr", "n") == [
        ("moons", 7, 1),
        ("moons", 7, 2),
        ("xor", 7, 1),
        ("xor", 7, 2),
    ]


def test_a_launcher_that_a_lesson_chooses_in_vain_is_reported(app, launched, capsys):
    with pytest.raises(SystemExit) as end:
        multirun(app, "+lesson=width", "lr=1,2")
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "lesson/width says `override /hydra/launcher: basic`" in said
    assert "say hydra/launcher=basic on the command line" in said
    assert launched == []
    multirun(app, "+lesson=width", "lr=1,2", "hydra/launcher=stacked")
    multirun(app, "+lesson=same", "lr=1,2")
    assert len(launched) == 2


def test_lessons_with_grids_cannot_be_swept_over(app, launched, capsys):
    with pytest.raises(SystemExit) as end:
        multirun(app, "+lesson=plain,depth")
    assert end.value.code == 2
    assert "lesson/depth has settings for Hydra itself" in capsys.readouterr().err
    assert launched == []
    multirun(app, "+lesson=plain,same", "lr=3")
    assert knobs(launched[0], "experiment") == [("plain",), ("same",)]


def test_files_of_the_search_path_are_checked_as_those_of_the_application(
    app, launched, capsys, tmp_path
):
    (tmp_path / "more/lesson").mkdir(parents=True)
    for name in ("depth", "width"):
        (tmp_path / f"more/lesson/{name}2.yaml").write_text(CONF[f"lesson/{name}.yaml"])
    more = f"hydra.searchpath=[{tmp_path / 'more'}]"
    for lesson, said in [
        ("plain,depth2", "lesson/depth2 has settings for Hydra itself"),
        ("width2", "lesson/width2 says `override /hydra/launcher: basic`"),
    ]:
        with pytest.raises(SystemExit) as end:
            multirun(app, f"+lesson={lesson}", more)
        assert end.value.code == 2
        assert said in capsys.readouterr().err
    assert launched == []
    multirun(app, "+lesson=depth2", more)
    assert len(launched[0].configs) == 3


def test_choices_of_ones_own_leave_nothing_in_hydra(app, monkeypatch):
    """A group that were left empty would be searched for every name that is said for it."""
    monkeypatch.setitem(defaults.OWN, ("flavour", "salt"), {"lr": 7})
    before = {*ConfigStore.instance().repo}
    with in_hydra():
        assert app.compose_config("config", ["+flavour=salt"], RunMode.RUN).lr == 7
    assert {*ConfigStore.instance().repo} == before


# --- in another application -----------------------------------------------------------------------


@pytest.fixture
def other(app):
    """Launches a task function that is not scratchml's; returns its jobs and what it has seen."""

    def multirun(*overrides, task=lambda cfg: cfg.lr):
        seen = []

        def watched(cfg):
            seen.append(cfg)
            return task(cfg)

        multirun.seen = seen
        batches = app.multirun("config", watched, ["hydra.mode=MULTIRUN", *overrides])
        return [job.return_value for batch in batches for job in batch]

    return multirun


def test_another_application_is_run_job_by_job_with_grids_too(other, launched):
    assert other("lr=3,4", "n=1") == [3, 4]
    assert other("+lesson=depth", "n=1,2") == [1, 1, 2, 2, 0.1, 0.1]
    assert [(cfg.lr, cfg.n, cfg.dataset) for cfg in other.seen] == [
        (1, 1, "moons"),
        (1, 2, "moons"),
        (2, 1, "moons"),
        (2, 2, "moons"),
        (0.1, 1, "xor"),
        (0.1, 2, "xor"),
    ]
    assert launched == []


def test_in_another_application_a_failed_job_ends_the_sweep_with_its_own_error(other):
    def task(cfg):
        if cfg.lr == 2:
            raise ValueError("too big")

    with pytest.raises(ValueError, match="too big"):
        other("lr=1,2,3", "hydra.sweeper.max_batch_size=1", task=task)
    assert [cfg.lr for cfg in other.seen] == [1, 2]


def test_in_another_application_mistakes_are_errors_of_hydras(other):
    for overrides, message in [
        (["lr=1,2", "dataset=xor,typo"], "Could not find 'dataset/typo'"),
        (["n=range(3,3)"], "n has no values"),
        (["lr=1,2", "hydra.sweeper.max_batch_size=0"], "max_batch_size must be at least 1; got 0"),
    ]:
        with pytest.raises(HydraException, match=message):
            other(*overrides)
        assert other.seen == []


def test_in_another_application_words_and_values_are_left_as_they_are(other):
    """Values that are missing or cannot be resolved concern the application when it reads them."""
    odd = ["+model=turned,xor", "+missing='???'", "+odd='${nowhere}'"]
    assert other("lr=1", *odd) == [1, 1]
    assert [cfg.model for cfg in other.seen] == ["turned", "xor"]


def test_multirun_yaml_is_left_where_hydra_leaves_it(app, other, launched, tmp_path):
    other("lr=1,2", "hydra.sweep.dir=theirs")
    saved = OmegaConf.load(tmp_path / "theirs/multirun.yaml")
    assert saved.hydra.overrides.task == ["lr=1,2"]
    multirun(app, "lr=1,2", "hydra.output_subdir=.hydra", "hydra.sweep.dir=ours")
    assert OmegaConf.load(tmp_path / "ours/multirun.yaml").lr == 0.1


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_without_jobs_is_refused(app, launched, capsys, size):
    with pytest.raises(SystemExit) as end:
        multirun(app, "lr=1,2", f"hydra.sweeper.max_batch_size={size}")
    assert end.value.code == 2
    said = f"hydra.sweeper.max_batch_size must be at least 1; got {size}"
    assert said in capsys.readouterr().err
    assert launched == []


# --- beside the launchers and sweepers of others --------------------------------------------------


def test_hydras_own_launcher_runs_our_jobs(app, launched, capsys):
    seen = []

    def task(cfg):
        seen.append((cfg.lr, cfg.dataset))
        if cfg.lr == 2:
            raise ValueError("too big")
        return cfg.lr

    with pytest.raises(SystemExit) as end:
        multirun(app, "+lesson=depth", "dataset=xor", "hydra/launcher=basic", task=task)
    assert end.value.code == 1
    assert seen == [(1, "xor"), (2, "xor"), (0.1, "xor")]
    said = capsys.readouterr().err
    assert "ValueError: too big" in said and "1 of 3 jobs failed" in said
    assert launched == []


def test_hydras_own_sweeper_uses_our_launcher(app, launched):
    done = multirun(app, "lr=1,2", "hydra/sweeper=basic")
    assert knobs(launched[0], "lr") == [(1,), (2,)]
    assert [job.return_value for job in done] == [1, 2]


def test_joblib_runs_our_jobs(app, launched):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    overrides = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=1"]
    done = multirun(app, "lr=1,2", *overrides, task=lambda cfg: cfg.lr + 1)
    assert [job.return_value for job in done] == [2, 3]


def test_optuna_optimizes_what_we_launch(app, launched, tmp_path):
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    app.multirun(
        "config",
        ours(),
        ["hydra.mode=MULTIRUN", "hydra/sweeper=optuna", "lr=interval(0.5,2.5)", "n=2"]
        + ["hydra.sweeper.n_trials=6", "hydra.sweeper.n_jobs=2", "dataset=choice(xor,moons)"],
    )
    lrs = [config["lr"] for call in launched for config in call.configs]
    assert [len(call.configs) for call in launched] == [2, 2, 2]
    best = OmegaConf.load(tmp_path / "optimization_results.yaml")
    assert best.best_value == min(lrs) == best.best_params.lr


# --- discovery ------------------------------------------------------------------------------------

FIND = """
import json, sys
before = set(sys.modules)
from hydra.core.plugins import Plugins
from hydra.core.config_store import ConfigStore
before |= set(sys.modules)
names = {plugin.__name__ for plugin in Plugins.instance().discover()}
module = sys.modules.get("hydra_plugins.scratchml_stacked")
print(json.dumps({
    "found": sorted(names & {"StackedLauncher", "StackedSweeper"}),
    "file": module and module.__file__,
    "imported": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


def find(cwd, path=(), prelude=""):
    """What a fresh Python finds: its working directory comes first, then `path`."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    script = [sys.executable, "-c", prelude + FIND]
    return json.loads(subprocess.check_output(script, cwd=cwd, env=env, text=True))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what packaging reads, so that nothing is built inside the repository."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    for name in ("hydra_plugins", "experiments", "conf"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    return folder


def build(checkout, kind):
    """The wheel that `pip install` (or `pip install -e`) makes, unpacked."""
    script = f"from setuptools import build_meta; print(build_meta.build_{kind}('dist-{kind}'))"
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=checkout, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    site = checkout.parent / f"site-{kind}"
    with zipfile.ZipFile(checkout / f"dist-{kind}" / made.stdout.split()[-1]) as wheel:
        wheel.extractall(site)
    return site


def test_hydra_finds_the_plugins_in_a_bare_checkout(checkout):
    seen = find(cwd=checkout)
    assert seen["found"] == ["StackedLauncher", "StackedSweeper"]
    assert Path(seen["file"]).is_relative_to(checkout)


def test_hydra_finds_the_plugins_from_elsewhere_by_the_path(checkout, tmp_path):
    seen = find(cwd=tmp_path, path=[checkout])
    assert Path(seen["file"]).is_relative_to(checkout)


def test_hydra_finds_the_plugins_in_an_installed_copy(checkout, tmp_path):
    site = build(checkout, "wheel")
    assert not (site / "hydra_plugins" / "__init__.py").exists()
    seen = find(cwd=tmp_path, path=[site])
    assert seen["found"] == ["StackedLauncher", "StackedSweeper"]
    assert Path(seen["file"]).is_relative_to(site)


def test_hydra_finds_the_plugins_in_an_editable_install(checkout, tmp_path):
    site = build(checkout, "editable")
    added = (
        f"import site, sys; site.addsitedir({str(site)!r}); sys.path.insert(0, sys.path.pop())\n"
    )
    seen = find(cwd=tmp_path, prelude=added)
    assert seen["found"] == ["StackedLauncher", "StackedSweeper"]
    assert Path(seen["file"]).is_relative_to(checkout)


def test_hydra_starts_without_importing_what_the_plugins_work_with(checkout):
    heavy = {"numpy", "mlflow", "pandas", "rich", "sqlalchemy", "experiments", "scratchml"}
    others = "import sys; sys.modules.update(dict.fromkeys(['joblib', 'optuna']))\n"
    assert heavy.isdisjoint(find(cwd=checkout, prelude=others)["imported"])


def test_hydra_may_scan_its_plugins_again(app, launched):
    """It does, for another application in the same process, and makes the classes anew."""
    state = Singleton.get_state()
    try:
        del Singleton._instances[Plugins]
        multirun(app, "lr=1,2")
    finally:
        Singleton.set_state(state)
    multirun(app, "lr=3")
    assert [knobs(call, "lr") for call in launched] == [[(1,), (2,)], [(3,)]]
