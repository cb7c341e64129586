"""Reproducing lessons: sweeps, verdicts, figures, page and report; the second time, nothing."""

import os
import re
import signal
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.checkout import Checkout
from support.seen import Page
from support.stores import empty_store
from test_report import BROKEN, MOVES, WIDTH
from test_store import reader
from test_ui import processes

from analysis import reproduce
from analysis.conclusion import describe, store_page
from analysis.data import load
from experiments.schema import commandline

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")

LESSON = """\
# @package _global_
defaults:
  - override /model: mlp
experiment: {name}
epochs: {epochs}
seeds: 30
hydra: {{sweeper: {{grids: [{{width: [2, 3]}}]}}}}
"""


def lesson(project, name, source, epochs=3):
    project.write(f"conf/lesson/{name}.yaml", LESSON.format(name=name, epochs=epochs))
    if source:
        project.write(f"analysis/lessons/{name}.py", textwrap.dedent(source))


def plain(text):
    """Lines without the times in them, and with one space for many."""
    lines = (" ".join(re.sub(r"[\d.]+ s\b", "N s", line).split()) for line in text.splitlines())
    return [line for line in lines if line]


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project whose lessons are these."""
    project = Checkout(tmp_path_factory, "project")
    for folder, names in (("conf/lesson", "*.yaml"), ("analysis/lessons", "[!_]*.py")):
        for path in (project.root / folder).glob(names):
            path.unlink()
    lesson(project, "moves", MOVES)
    lesson(project, "width", WIDTH)
    return project


@pytest.fixture(scope="module")
def story(project):
    """What happens, command after command; the tests below look at it from all sides."""
    figures, told = project.root / "figures", {}

    def run(name, command):
        code, out, err = project.run(command)
        told[name] = SimpleNamespace(
            code=code, out=plain(out), err=err, files=times(figures), sweeps=sweeps(project)
        )

    run("first", "python -m analysis.reproduce")
    run("quick", "python -m analysis.reproduce moves --quick seed=100")
    lesson(project, "broken", BROKEN)
    lesson(project, "refused", MOVES, epochs=-1)
    lesson(project, "unanswered", None)
    run("trouble", "python -m analysis.reproduce broken refused unanswered moves --verbose")
    return told


def sweeps(project):
    """{experiment: how many sweeps, runs and reports it has}."""
    client = reader(project.uri)
    experiments = {e.experiment_id: e.name for e in client.search_experiments()}
    found = {}
    for number, name in experiments.items():
        for run in client.search_runs([number]):
            key = name, run.data.tags["scratchml.kind"]
            found[key] = found.get(key, 0) + 1
    return found


def test_every_lesson_is_told_in_a_line_and_what_failed_in_another(story):
    first = story["first"]
    assert first.out == [
        "moves 2 runs of 60 nets trained in N s",
        "width 2 runs of 60 nets trained in N s",
        "moves 1 of 1 claims hold",
        "width Of 60 <nets> | some & more.",
        "does not hold caveat: No net exists: 60 of 60 nets (one would falsify; 60 nets)",
        "2 of 3 claims hold, on 120 nets",
        "1 claim rests on a p-value; with one error rate of .05 for all of them (Holm) no verdict "
        "would change",
        "3 claims: exploratory; `scratchml register` seals them for fresh seeds",
        "2 lessons in N s",
        *[line for line in first.out if line.startswith("look: ")],
    ]
    assert len(first.out) == 10
    assert re.sub(r"(?m)^\d+% · .*\n", "", first.err) == ""  # progress, on a slow machine
    assert first.code == 1  # a claim does not hold


def test_the_second_time_nothing_is_trained_and_nothing_is_drawn(story):
    first, again = story["first"], story["trouble"]
    assert "moves 2 runs done already in N s" in again.out
    assert again.sweeps["moves", "run"] == again.sweeps["width", "run"] == 2
    pictures = [name for name in first.files if name.endswith((".png", ".svg", ".webp", ".json"))]
    assert len(pictures) == 7
    assert {n: again.files[n] for n in pictures} == {n: first.files[n] for n in pictures}


def test_page_and_figures_are_kept_in_mlflow(story, project, tmp_path):
    assert story["first"].sweeps["report", "report"] == 1
    assert story["trouble"].sweeps["report", "report"] == 1
    client = reader(project.uri)
    number = client.get_experiment_by_name("report").experiment_id
    (run,) = client.search_runs([number])
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"claims": 3.0, "claims/hold": 2.0}
    names = [file.path for file in client.list_artifacts(run.info.run_id)]
    assert names == ["index.html", "moves.png", "moves.webp", "report.csv", "width.png"]
    for name in ("moves.png", "width.png", "moves.webp"):
        kept = Path(client.download_artifacts(run.info.run_id, name, tmp_path))
        assert kept.read_bytes() == (project.root / "figures" / name).read_bytes()


def test_an_answer_is_the_description_of_its_experiment(story, project):
    client = reader(project.uri)
    tags = {e.name: e.tags.get("mlflow.note.content") for e in client.search_experiments()}
    question = "Do wide nets solve <XOR> & co | more often?"
    assert tags["width"] == f"**{question}** Of 60 <nets> | some & more."
    assert tags["moves"] is None  # it has no answer


def test_mlflow_lists_the_experiments_of_lessons_in_their_order(tmp_path_factory, tmp_path):
    uri = empty_store(tmp_path_factory, tmp_path)
    names = ["xor", "depth", "and"]
    answers = [
        SimpleNamespace(
            sentence="So it is.", lesson=SimpleNamespace(name=name, question="Is it?", nets_of=None)
        )
        for name in names
    ]
    for shown in (answers[::-1], answers):  # made in another order before
        describe(shown, uri=uri)
    found = reader(uri).search_experiments(order_by=["last_update_time DESC"])
    assert [each.name for each in found if each.name != "Default"] == names


def test_a_page_is_kept_once_and_the_one_made_last_ends_last(tmp_path_factory, tmp_path):
    """One page, another, and the first again: two runs, of which the first was made last."""
    uri = empty_store(tmp_path_factory, tmp_path)
    for page in (b"A", b"B", b"A"):
        store_page({"index.html": page}, [True, False], uri)
        time.sleep(0.01)  # MLflow counts milliseconds
    client = reader(uri)
    number = client.get_experiment_by_name("report").experiment_id
    runs = client.search_runs([number], order_by=["attributes.end_time DESC"])
    pages = []
    for run in runs:
        path = client.download_artifacts(run.info.run_id, "index.html", tmp_path)
        pages.append(Path(path).read_bytes())
    assert pages == [b"A", b"B"]


def test_the_quick_version_says_so_and_leaves_the_whole_one_alone(story, project):
    first, quick = story["first"], story["quick"]
    assert quick.code == 0
    assert quick.out[0] == "moves 2 runs of 48 nets trained in N s"
    assert "intervals are wide" in quick.out[-3]
    assert quick.files == first.files
    page = Page((project.root / "figures" / "quick" / "index.html").read_text())
    assert "This is the quick version" in page.text
    assert "scratchml lessons moves seed=100 --quick" in page.text
    assert "Do wide nets" not in page.text  # was not asked for, and has no quick runs
    assert "quick version" not in (project.root / "figures" / "index.html").read_text()
    assert quick.sweeps["report", "report"] == 1  # only whole ones are kept
    assert len(load("moves", project.uri).nets) == 60
    assert load("moves-quick", project.uri).nets.seed.tolist() == 2 * [*range(100, 124)]
    assert not (project.root / "figures" / "quick" / "moves.webp").exists()  # takes longest to draw


def test_one_lesson_that_fails_does_not_stop_the_others(story, project):
    trouble = story["trouble"]
    assert trouble.code == 1
    assert trouble.out[:4] == [
        "broken 2 runs of 60 nets trained in N s",
        "refused no sweep in N s",
        "unanswered 2 runs of 60 nets trained in N s",
        "moves 2 runs done already in N s",
    ]
    assert "epochs must be a whole number >= 0; got -1" in trouble.err
    assert "unanswered has a sweep and no analysis/lessons/unanswered.py" in trouble.err
    assert "holds It moves: 1 of 1 nets; 2 frames (one exception falsifies; 1 net)" in trouble.out
    assert "failed KeyError: 'none'" in trouble.out
    assert any(line.startswith("not run") and "refused" in line for line in trouble.out)


def test_the_page_keeps_the_lessons_that_were_not_asked_for(story, project):
    assert not any("width:" in line for line in story["trouble"].out)
    assert "Do wide nets solve" in Page((project.root / "figures/index.html").read_text()).text


def test_an_unknown_lesson_is_said_before_anything_is_done(capsys):
    assert reproduce.main(["xor", "xro", "--uri", "sqlite:////nowhere/at.all"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("no lesson xro; there are ")
    assert all(name in said.err for name in commandline.options("lesson"))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("sed=1", "sed is not a knob; did you mean seed?"),
        ("experiment=x", "experiment=x is not for this command"),
        ("tracking.uri=x", "tracking.uri=x is not for this command"),
        ("+lesson=xor", "+lesson=xor is not for this command"),
    ],
)
def test_a_knob_that_is_none_or_is_not_for_all_lessons_is_refused(word, said, capsys):
    assert reproduce.main(["xor", word, "--uri", "sqlite:////nowhere/at.all"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.splitlines()[0].startswith(said)) == ("", True)


def test_a_store_that_cannot_be_used_ends_it_at_once(tmp_path, capfd):
    (tmp_path / "mlflow.db").write_text("dear diary" * 1000)
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert reproduce.main(["xor", "perceptron", "--uri", uri, "--out", str(tmp_path)]) == 3
    said = capfd.readouterr()
    assert "file is not a database" in said.err
    assert "perceptron" not in said.out


def test_ctrl_c_stops_it_and_leaves_no_process(project, story):
    lesson(project, "long", MOVES, epochs=100_000_000)
    with project.start("python -m analysis.reproduce long", start_new_session=True) as process:
        try:
            while not running(project.uri, "long"):
                assert process.poll() is None
                time.sleep(0.2)
            os.killpg(process.pid, signal.SIGINT)
            assert "Ctrl-C again" in process.stderr.readline()
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "the same command goes on from there" in err
    assert "Traceback" not in err
    deadline = time.time() + 20
    while processes(process.pid) and time.time() < deadline:  # the system takes its time
        time.sleep(0.1)
    assert processes(process.pid) == {}


def running(uri, experiment):
    client = reader(uri)
    found = client.get_experiment_by_name(experiment)
    return found and client.search_runs([found.experiment_id], "attributes.status = 'RUNNING'")
