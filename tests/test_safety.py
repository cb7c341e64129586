"""A hostile store and a hostile configuration do no harm: they are shown as text, or refused."""

import html.parser
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from support import configurations, stored
from support.stores import empty_store

from analysis import compare, lessons
from analysis.answers import Answer, decide
from analysis.data import load
from analysis.page import as_html
from analysis.printing import show
from experiments import export, train, ui
from experiments.tracking import pages, queries
from experiments.tracking.errors import Damaged
from experiments.tracking.locations import local_folder
from experiments.tracking.reader import Reader

pytestmark = pytest.mark.errstate(under="ignore")

# What would run, break out of its place, or move the cursor, if it were taken for more than text.
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% for x in y %}",
    "'; DROP TABLE runs; --",
    "../../../etc/passwd",
    "$\\frac{1}{$",
    "[red]loud[/red] [link=file:///etc/passwd]",
    "\x1b[2J\x1b]0;title\x07",
    "${oc.env:HOME}",
    "%s %(x)s {0}",
]


class Page(html.parser.HTMLParser):
    """The tags, links and text of a page."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def uri(tmp_path_factory, tmp_path, monkeypatch):
    uri = empty_store(tmp_path_factory, tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


def two(uri, experiment="xor", **more):
    """A sweep of two runs; (id of the sweep, ids of the runs)."""
    configs = [configurations.config(epochs=3, seeds=2, lr=lr) for lr in (0.1, 1.0)]
    return stored.sweep(uri, experiment, configs, **more)


def sql(uri, *statements):
    """Changes a store behind MLflow's back, which would refuse some of this."""
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as connection, connection:
        for statement, *values in statements:
            connection.execute(statement, values)


def folder(uri, run_id):
    return local_folder(MlflowClient(uri).get_run(run_id).info.artifact_uri)


# --- names, tags and params -----------------------------------------------------------------------


def vandalize(uri, parent, ids, text):
    """Writes `text` wherever a store has text that somebody chose."""
    sql(
        uri,
        ("UPDATE runs SET name = ?", text),
        *[
            ("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", key, text, run_id)
            for run_id in ids
            for key in (text, "mlflow.note.content", "mlflow.source.git.repoURL")
        ],
        ("UPDATE tags SET value = ? WHERE key IN ('mlflow.user', 'scratchml.command')", text),
        ("UPDATE params SET value = ? WHERE key = 'activation' AND run_uuid = ?", text, ids[0]),
        ("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", text, text, ids[0]),
        ("INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
         "VALUES (?, 1.0, 1, 1, 0, ?)", text, ids[0]),
    )  # fmt: skip
    listed = [{"run_id": run_id, "name": text, "status": "FINISHED"} for run_id in ids]
    listed.append({"run_id": None, "name": text, "status": "FAILED"})
    summary = {"command": f"python -m experiments.train -m 'lr={text}'", "runs": listed}
    (folder(uri, parent) / "sweep.json").write_text(json.dumps(summary))


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_store_stay_texts(uri, tmp_path, capsys, text):
    parent, ids = two(uri)
    vandalize(uri, parent, ids, text)
    data = load("xor", uri)
    assert set(data.runs.activation) == {text, "sigmoid"} and set(data.runs.name) == {text}
    assert len(data.nets) == 4 and data.missing == (text,)
    # the report
    [verdict] = [decide(lesson, uri) for lesson in lessons.some(["xor"])]
    page, plain = (Page(as_html([v])) for v in (verdict, Answer(verdict.lesson)))
    assert "script" not in page.tags and "img" not in page.tags
    assert set(page.tags) <= {*plain.tags, "ul", "li", "dl", "dt", "dd", "a"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(v.startswith(("#", "http://127")) for n, v in page.attributes if n == "href")
    show([verdict])
    # a figure of the sweep
    out = tmp_path / "compare.png"
    words = ["xor", "--x", "lr", "--y", "train/loss", "--hue", "activation", "--uri", uri]
    assert compare.main([*words, "--out", str(out)]) == 0
    assert "<script" not in out.with_suffix(".svg").read_text()
    # a net carried away
    assert export.main([ids[0], "--uri", uri, "--to", str(tmp_path / "model")]) == 0
    said = capsys.readouterr()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said.out + said.err)
    made = {path.name for path in tmp_path.iterdir() if not path.name.startswith("mlflow.db")}
    assert made == {"compare.csv", "compare.png", "compare.svg", "mlartifacts", "model"}


@pytest.mark.parametrize("text", HOSTILE)
def test_links_into_mlflows_pages_hold_nothing_but_ids(uri, monkeypatch, capsys, text):
    parent, ids = two(uri)
    vandalize(uri, parent, ids, text)
    sql(uri, ("UPDATE experiments SET name = ? WHERE name = 'xor'", text))
    client = MlflowClient(uri)

    def ask(base, what, login, **query):
        """What a server answers, in the shape of MLflow's REST interface."""
        if what == "experiments/search":
            found = client.search_experiments()
            return {"experiments": [{"experiment_id": e.experiment_id, "name": e.name}
                                    for e in found]}  # fmt: skip
        if what == "experiments/set-experiment-tag":
            return client.set_experiment_tag(query["experiment_id"], query["key"], query["value"])
        runs = client.search_runs(query["experiment_ids"], query["filter"], 1, 1, query["order_by"])
        return {"runs": [
            {"info": {"run_id": r.info.run_id, "run_name": r.info.run_name,
                      "experiment_id": r.info.experiment_id},
             "data": {name: [{"key": k, "value": v} for k, v in getattr(r.data, name).items()]
                      for name in ("metrics", "params", "tags")}}
            for r in runs]}  # fmt: skip

    monkeypatch.setattr(pages, "_ask", ask)
    links = [link for _, link in pages.links("http://127.0.0.1:5000")]
    assert len(links) == 2
    for link in links:
        assert re.fullmatch(r"http://127\.0\.0\.1:5000/#/experiments[\w/?&=%.`-]*", link), link
    ui._present(uri, "http://127.0.0.1:5000", browser=False)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", capsys.readouterr().out)


@pytest.mark.parametrize(
    "written",
    [
        "no JSON",
        "[" * 100_000,
        "[]",
        '{"command": 7}',
        '{"command": "x", "runs": [7]}',
        '{"command": "x", "runs": [{"run_id": ["x"], "name": "x"}]}',
        '{"command": "x", "runs": [{"run_id": "x\' OR 1=1 --", "name": "x"}]}',
        '{"command": "x", "runs": [{"run_id": "../../../etc/passwd", "name": "x"}]}',
        b'{"command": "\xff", "runs": []}',
    ],
    ids=lambda text: str(text[:60]),
)
def test_a_list_of_runs_that_no_sweep_writes_is_refused(uri, capsys, written):
    parent, _ = two(uri)
    data = written if isinstance(written, bytes) else written.encode()
    (folder(uri, parent) / "sweep.json").write_bytes(data)
    with pytest.raises(Damaged, match=rf"sweep.json of run {parent} \(sweep\) is damaged \("):
        load("xor", uri)
    verdict = decide(lessons.some(["xor"])[0], uri)
    assert "is damaged" in verdict.problem and verdict.summary == "could not be decided"
    with pytest.raises(SystemExit, match="2"):
        compare.main(["xor", "--x", "lr", "--y", "train/loss", "--uri", uri])
    assert "is damaged" in capsys.readouterr().err


# --- files ----------------------------------------------------------------------------------------


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def pickled(path):
    file = io.BytesIO()
    np.savez(file, seed=np.array([0, 1]), **{"weights/W1": np.array([Bomb(path)], dtype=object)})
    return file.getvalue()


def test_no_reader_unpickles(uri, tmp_path, capsys):
    _, ids = two(uri)
    for run_id in ids:
        (folder(uri, run_id) / "nets.npz").write_bytes(pickled(tmp_path / "touched"))
    with pytest.raises(Damaged, match=r"is damaged \(.*allow_pickle=False"):
        load("xor", uri).arrays(ids[0])
    assert export.main([ids[0], "--to", str(tmp_path / "model")]) == 2
    assert "is damaged" in capsys.readouterr().err
    assert not (tmp_path / "touched").exists() and not (tmp_path / "model").exists()


def test_no_reader_unpacks_more_than_the_file_has(uri, tmp_path, capsys):
    _, ids = two(uri)
    np.savez_compressed(folder(uri, ids[0]) / "nets.npz", seed=np.zeros(2**18))  # 2 MiB, of nothing
    with pytest.raises(Damaged, match=r"is damaged \(it unpacks to"):
        load("xor", uri).arrays(ids[0])
    assert export.main([ids[0], "--to", str(tmp_path / "model")]) == 2
    assert "is damaged (it unpacks to" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nets.npz", "config.yaml"])
def test_no_reader_follows_a_link_out_of_its_folder(uri, tmp_path, capsys, name):
    _, ids = two(uri)
    path = folder(uri, ids[0]) / name
    path.rename(tmp_path / name)
    path.symlink_to(tmp_path / name)
    if name == "nets.npz":
        with pytest.raises(Damaged, match="leads out of its folder"):
            load("xor", uri).arrays(ids[0])
    assert export.main([ids[0], "--to", str(tmp_path / "model")]) == 2
    said = capsys.readouterr().err
    assert re.search(rf"{name} of run {ids[0]} \(.*\) leads out of its folder", said)


@pytest.mark.parametrize(
    "written",
    [
        "!!python/object/apply:pathlib.Path.touch [TOUCHED]",
        "lr: !!python/object/apply:os.system ['touch TOUCHED']",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
        "[" * 10_000,
        "- just\n- a list",
        "lr: 0.1",
        "model: <script>",
        "\x00\x01",
        "seeds: 100000000000000000000000",
        f"seeds: {'9' * 4301}",
        "lr: 0.1\n" * 200_000,
        "a: &a [1]\nb: *a",
    ],
    ids=lambda text: text[:20],
)
def test_a_configuration_in_a_store_is_data(uri, tmp_path, capsys, written):
    _, ids = two(uri)
    touched = tmp_path / "touched"
    path = folder(uri, ids[0]) / "config.yaml"
    path.write_text(written.replace("TOUCHED", str(touched)))
    assert export.main([ids[0], "--to", str(tmp_path / "model")]) == 2
    said = capsys.readouterr().err
    assert re.search(rf"config.yaml of run {ids[0]} \(.*\) is not one of scratchml's \(", said)
    assert len(said.splitlines()) == 1 and len(said) < 5000
    assert not touched.exists()


def test_a_list_of_a_million_runs_costs_no_more_than_the_runs_that_there_are(uri, monkeypatch):
    parent, ids = two(uri)
    reader = Reader(uri)
    listed = [f"{i:032x}" for i in range(100_000)] + ids
    monkeypatch.setattr(queries, "MANY", 1000)
    asked = []
    everything = reader.queries.all

    def all_of_them(*words, **more):
        asked.append(words)
        return everything(*words, **more)

    monkeypatch.setattr(reader.queries, "all", all_of_them)
    found = reader.queries.finished(reader.queries.experiment("xor"), listed)
    assert set(found) == set(ids) and len(asked) == 1
    with open(folder(uri, parent) / "sweep.json", "wb") as file:
        file.truncate(2**40)  # it has holes, and takes no place on the disk
    with pytest.raises(
        Damaged, match=r"sweep.json of run .* is damaged \(it has 1,099,511,627,776"
    ):
        reader.sweep("xor")


def damaged(arrays):
    """Arrays that a run cannot have, by what is wrong with them."""
    huge = np.zeros(10**5)
    return {
        "no seeds": {k: v for k, v in arrays.items() if k != "seed"},
        "other seeds": arrays | {"seed": np.array([-5, 2**40])},
        "words for seeds": arrays | {"seed": np.array(["0", "1"])},
        "more nets": arrays | {"seed": np.arange(3)},
        "no weights": {k: v for k, v in arrays.items() if not k.startswith("weights/")},
        "odd weights": arrays | {"weights/../../x": arrays["weights/W1"]},
        "weights named file": arrays | {"weights/file": arrays["weights/W1"]},
        "other weights": arrays | {"weights/W1": np.stack([huge, huge])},
        "weights of words": arrays | {"weights/W1": np.full((2, 2, 2), "x")},
        "weights not finite": arrays | {"weights/W1": np.full((2, 2, 2), np.inf)},
        "two numbers a net": arrays | {"final/train/loss": np.zeros((2, 1))},
        "numbers for truth values": arrays | {"final/diverged": np.zeros(2)},
    }


def test_arrays_that_no_run_can_have_are_refused(uri, tmp_path, capsys):
    _, ids = two(uri)
    path = folder(uri, ids[0]) / "nets.npz"
    with np.load(path) as file:
        arrays = dict(file)
    for what, changed in damaged(arrays).items():
        np.savez(path, **changed)
        assert export.main([ids[0], "--to", str(tmp_path / "model")]) == 2, what
        said = capsys.readouterr().err
        assert re.search(rf"nets.npz of run {ids[0]} \(.*\) is damaged \(", said), what
        assert "Traceback" not in said, what
        assert not (tmp_path / "model").exists()


# --- configuration --------------------------------------------------------------------------------

EVIL = {
    "a tag of YAML": ("lr: !!python/object/apply:os.system ['touch TOUCHED']",
                      "could not determine a constructor"),
    "a target": ("lr: {_target_: os.system, command: touch TOUCHED}",
                 "lr must be a number > 0; got {'_target_'"),
    "a launcher": ("hydra: {launcher: {_target_: os.system}}",
                   "Invalid plugin 'os.system': not the hydra_plugins package"),
    "a sweeper": ("hydra: {sweeper: {_target_: os.system}}",
                  "Invalid plugin 'os.system': not the hydra_plugins package"),
    "a launcher's argument": ("hydra: {launcher: {command: touch TOUCHED}}",
                              "Key 'command' not in 'StackedLauncherConf'"),
    "a callback": ("hydra: {callbacks: {x: {_target_: os.system, command: touch TOUCHED}}}",
                   "os.system"),
    "no mapping": ("- 1", "lesson/evil"),
    "no YAML": ("a: [", "while parsing"),
    "no text": ("\x00", "special characters are not allowed"),
}  # fmt: skip


@pytest.mark.parametrize("what", EVIL)
def test_a_file_of_the_configuration_cannot_run_code(uri, tmp_path, capsys, what):
    written, expected = EVIL[what]
    touched = tmp_path / "touched"
    (tmp_path / "conf" / "lesson").mkdir(parents=True)
    file = tmp_path / "conf" / "lesson" / "evil.yaml"
    file.write_text(f"# @package _global_\n{written.replace('TOUCHED', str(touched))}\n")
    status = train.main(["-m", "--config-dir", str(tmp_path / "conf"), "+lesson=evil", "epochs=1"])
    said = capsys.readouterr().err
    assert status == 2 and expected in said and "Traceback" not in said
    assert not touched.exists()
    assert MlflowClient(uri).search_experiments(filter_string="name = 'scratchml'") == []


LAUGHS = "\n".join(  # each line stands for nine times the line before
    ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    + [f"a{i}: &a{i} [{', '.join(9 * [f'*a{i - 1}'])}]" for i in range(1, 9)]
)
HUGE = {
    "aliases of aliases": (LAUGHS, "it stands for more than 10,000 values"),
    "an alias of itself": ("a: &a [*a]", "its alias *a stands inside of its own value"),
    "many values": ("start: [" + "1, " * 10_000 + "1]", "it stands for more than 10,000 values"),
    "many bytes": (f"experiment: {'x' * 2**20}", "a configuration has at most 1,048,576"),
    "depth": (f"a: {'[' * 100}{']' * 100}", "it is nested too deeply"),
}


@pytest.mark.parametrize("what", HUGE)
def test_a_file_of_the_configuration_that_stands_for_gigabytes_is_refused(tmp_path, capsys, what):
    written, expected = HUGE[what]
    folder = tmp_path / "conf"
    (folder / "lesson").mkdir(parents=True)
    (folder / "lesson" / "huge.yaml").write_text(f"# @package _global_\n{written}\n")
    words = ["--config-dir", str(folder), "+lesson=huge"]
    for given in (words, ["-m", *words], ["-m", "+lesson=huge", f"hydra.searchpath=[{folder}]"]):
        assert train.main(given) == 2
        said = capsys.readouterr().err
        assert f"huge.yaml is refused: {expected}" in said or f"and {expected}" in said
        assert "Traceback" not in said


def test_a_main_file_that_stands_for_gigabytes_is_refused(tmp_path, capsys):
    (tmp_path / "config.yaml").write_text(LAUGHS)
    assert train.main(["--config-path", str(tmp_path)]) == 2
    assert "config.yaml is refused: it stands for more than" in capsys.readouterr().err


def test_a_file_may_have_aliases(uri, tmp_path):
    """They are usual in YAML, and a few cost nothing."""
    (tmp_path / "lesson").mkdir()
    file = tmp_path / "lesson" / "mine.yaml"
    file.write_text("# @package _global_\nlr: &one 1\nmomentum: 0\nepochs: *one\nseeds: *one\n")
    assert train.main(["--config-dir", str(tmp_path), "+lesson=mine", "executor=serial"]) == 0


@pytest.mark.parametrize(
    "word",
    [
        "lr={_target_:os.system,command:ls}",
        "hydra.launcher._target_=os.system",
        "hydra.sweeper._target_=os.system",
        "+hydra.callbacks.x={_target_:subprocess.Popen,args:[ls]}",
        "experiment='${oc.env:NO_SUCH_VARIABLE}'",
        "lr='${oc.env:HOME}'",
        "seed='${oc.decode:\"__import__(1)\"}'",
    ],
)
def test_a_word_of_the_command_cannot_run_code(uri, capsys, word):
    assert train.main(["-m", word, "epochs=1", "seeds=1"]) == 2
    said = capsys.readouterr().err
    assert said and "Traceback" not in said


def test_what_a_user_names_to_hydra_is_imported(uri, tmp_path, monkeypatch, capsys):
    # Not promised: these keys are Hydra's, for plugins of one's own (docs/safety.md).
    (tmp_path / "own_callbacks.py").write_text(
        "from hydra.experimental.callback import Callback\n"
        "class Own(Callback):\n"
        "    def on_multirun_start(self, **_):\n"
        "        print('called')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    words = ["-m", "+hydra.callbacks.own._target_=own_callbacks.Own", "epochs=1", "seeds=1"]
    assert train.main([*words, "executor=serial"]) == 0
    assert "called" in capsys.readouterr().out
