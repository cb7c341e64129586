"""Functions of one's own, in a file that the command names: all that entries of ours can do."""

import importlib
import os

import numpy as np
import pytest
from support import configurations, own_code, sweeps
from support.own_code import KNOBS, TEXT, config, use
from support.stores import empty_store
from support.tolerances import PARITY

from analysis.data import load
from experiments import export, own, train
from experiments.errors import ConfigError
from experiments.schema import own_entries
from experiments.schema.defaults import defaults
from experiments.schema.fingerprint import differences
from experiments.schema.help import help_text
from experiments.schema.reach import TABLES
from experiments.schema.sources import shape
from experiments.tracking.errors import Missing
from scratchml import portable
from scratchml.activations import ACTIVATIONS
from scratchml.datasets import DATASETS, no_constraints
from scratchml.sampling import sample

pytestmark = pytest.mark.usefixtures("own_command")

WORDS = [f"{knob}={value}".replace("'", "") for knob, value in KNOBS.items()]


@pytest.fixture(autouse=True)
def no_rows_left():
    """A net that is loaded brings its activation into the table; a test leaves none behind."""
    before = set(ACTIVATIONS)
    yield
    for name in set(ACTIVATIONS) - before:
        del ACTIVATIONS[name]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A folder with mine.py and a store, in which an entry of each kind was swept over."""
    folder = tmp_path_factory.mktemp("own")
    uri = empty_store(tmp_path_factory, folder)
    (folder / "mine.py").write_text(TEXT)
    assert launch(folder, uri, "seed=0,10", "seeds=3", "epochs=60") == 0
    return folder, uri


def launch(folder, uri, *more):
    words = ["-m", f"code={folder / 'mine.py'}", *WORDS, *more, "experiment=own", "--uri", uri]
    return train.main([*words, *([] if "executor" in str(more) else ["executor=serial"])])


# --- a sweep, and what can be done with it --------------------------------------------------------


def test_a_sweep_over_an_entry_of_each_kind_is_trained_stored_and_read(swept):
    folder, uri = swept
    data = load("own", uri, "all", code=folder / "mine.py").select(seed=[0, 10], seeds=3)
    assert len(data.runs) == 2 and len(data.nets) == 6
    for run_id in data.runs.run_id:
        arrays, examples = data.arrays(run_id), data.examples(run_id, index=1)
        assert examples.X.shape == (40, 2) and set(np.unique(examples.Y)) == {0, 1}
        outputs = data.net(run_id, index=1)(examples.X)
        loss = np.abs(outputs - examples.Y).mean()
        assert arrays["final/train/loss"][1] == pytest.approx(loss, rel=PARITY)
        # Every weight starts at .5 or -.5 and moves by .01 an epoch: .705 is 21 epochs away.
        assert np.all(arrays["curve/largest"][:, 0] == 0.5)
        assert set(arrays["final/epochs"]) == {21} and np.all(arrays["final/largest"] > 0.705)


def test_the_text_of_the_file_is_stored_with_the_run(swept):
    _, uri = swept
    for run in sweeps.children(uri, "own"):
        assert sweeps.file(run, "code/mine.py").decode() == TEXT


def test_the_same_command_trains_nothing_and_more_seeds_only_the_new_ones(swept, capsys):
    assert launch(*swept, "seed=0,10", "seeds=3", "epochs=60") == 0
    assert "2 runs: 2 done already, 0 to train" in capsys.readouterr().out
    assert launch(*swept, "seeds=4", "epochs=60") == 0
    assert "3 of 4 nets are stored" in capsys.readouterr().out


def test_an_edited_line_is_trained_again_and_the_reason_is_said(tmp_path, tmp_path_factory, capsys):
    uri = empty_store(tmp_path_factory, tmp_path)
    words = ["-m", f"code={tmp_path / 'mine.py'}", "activation=swish,tanh", "seeds=2", "epochs=5"]
    for text in (TEXT, TEXT.replace("BETA = 1.0", "BETA = 1.5")):
        (tmp_path / "mine.py").write_text(text)
        assert train.main([*words, "executor=serial", "--uri", uri]) == 0
    said = capsys.readouterr().out
    assert (
        "2 runs: 1 done already, 1 to train\n1 run to train again; changed since the last " in said
    )
    assert "changed since the last time: the code of activation swish\n" in said


def test_workers_have_the_code_too(swept):
    folder, uri = swept
    words = (
        "seed=0",
        "seeds=3",
        "epochs=60",
        "resume=false",
        "executor.workers=1",
        "executor=local",
    )
    assert launch(folder, uri, *words) == 0
    runs = [run for run in sweeps.children(uri, "own") if run.data.params["seeds"] == "3"]
    arrays = [sweeps.file(run, "nets.npz") for run in runs if run.data.params["seed"] == "0"]
    assert len(arrays) == 2 and arrays[0] == arrays[1]


def test_a_single_run_can_have_them(swept, capsys):
    folder, uri = swept
    words = [f"code={folder / 'mine.py'}", "dataset=bowl", "n_samples=20", "n_features=3"]
    words += ["activation=swish", "seeds=2", "epochs=9", "lr=0.1", "experiment=one", "--uri", uri]
    assert train.main(words) == 0
    data = load("one", uri, code=folder / "mine.py")
    assert data.examples().X.shape == (20, 3) and data.net()(np.ones((5, 3))).shape == (5, 1)


def test_what_needs_code_says_how_to_name_it_and_all_else_needs_none(swept):
    folder, uri = swept
    data = load("own", uri, "all").select(seed=10)
    assert set(data.nets.activation) == {"swish"} and len(data.curves)
    for ask, what in ((data.examples, "dataset plaid"), (data.net, "activation swish")):
        with pytest.raises(Missing) as refused:
            ask()
        assert str(refused.value) == (
            f"{what} is not one of scratchml's; name the file that has it: "
            'load(..., code="mine.py"), or --code mine.py'
        )


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [("return z * sigmoid(BETA * z)", "return z * sigmoid(BETA * z) + 0.0", True),
     ('"""One entry', '"""Two entries', False)],
)  # fmt: skip
def test_code_that_has_changed_since_evaluates_nothing(swept, tmp_path, old, new, refused):
    _, uri = swept
    (tmp_path / "mine.py").write_text(TEXT.replace(old, new))
    data = load("own", uri, "all", code=tmp_path / "mine.py").select(seed=10)
    assert data.examples().X.shape == (40, 2)
    if refused:
        with pytest.raises(Missing, match="^the code of activation swish has changed since the"):
            data.net()
    else:
        assert data.net()(np.zeros((1, 2))).shape == (1, 1)


def test_an_exported_net_brings_its_activation_along(swept, tmp_path, capsys):
    folder, uri = swept
    data = load("own", uri, "all", code=folder / "mine.py").select(seed=10)
    options = [data.run_id, "--seed", "11", "--uri", uri, "--to", str(tmp_path / "model")]
    assert export.main(options) == 2
    assert capsys.readouterr().err.strip() == (
        "activation swish is not one of scratchml's; name the file that has it: --code mine.py"
    )
    assert export.main([*options, "--code", str(folder / "mine.py")]) == 0
    net = portable.load(tmp_path / "model" / "data" / "net")
    X = data.examples(index=1).X
    assert net.predict(X) == pytest.approx(data.net(index=1)(X), rel=PARITY)
    assert [name for name in ACTIVATIONS if name.startswith("swish ") and len(name) > 60]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [("return z * sigmoid(BETA * z)", "return 2.0 * z * sigmoid(BETA * z)", "activation swish"),
     ("X[:, 0] * X[:, 1] > 0", "X[:, 0] * X[:, 1] > 0.1", "dataset plaid"),
     ('"""One entry', '"""Two entries', None)],
)  # fmt: skip
def test_a_net_is_not_exported_with_code_that_has_changed_since(
    swept, tmp_path, capsys, old, new, what
):
    _, uri = swept
    (tmp_path / "mine.py").write_text(TEXT.replace(old, new))
    run_id, to = load("own", uri, "all").select(seed=10).run_id, tmp_path / "model"
    words = [run_id, "--uri", uri, "--to", str(to), "--code", str(tmp_path / "mine.py")]
    assert export.main(words) == (2 if what else 0)
    err = capsys.readouterr().err
    if what:
        assert err.startswith(f"the code of {what} has changed since the run was trained; train")
        assert len(err.splitlines()) == 1 and not to.exists()


def test_defaults_of_a_data_set_are_those_of_its_function():
    use(TEXT)
    usual = defaults("plaid", "mlp")
    assert (usual["n_samples"], usual["noise"], usual["dataset"]) == (40, 0.05, "plaid")
    assert config("plaid", noise=0.2).name().startswith("plaid mlp sigmoid w=2")
    with pytest.raises(ConfigError, match="^n_samples must be a whole number >= 1 for dataset b"):
        config("bowl", n_features=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["+code=mine.py"], "code is named on the command line only, without a plus: code=mine.py"),
        (["--code=mine.py"], "--code=mine.py: a knob has no dashes; write code=mine.py"),
        (["code="], "a file of code must be NAME.py"),
        (["code=mine.py,nowhere.py"], "nowhere.py: there is no such file in "),
        (["code=mine.py", "activation=swosh"], "got 'swosh'; did you mean swish?"),
    ],
)
def test_a_wrong_word_about_code_is_one_sentence(tmp_path, monkeypatch, capsys, words, said):
    (tmp_path / "mine.py").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    assert train.main(words) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.splitlines()) == 1


def test_help_lists_them():
    use(TEXT)
    said = " ".join(help_text().split())
    for word in ("swish", "plaid", "absolute", "signs", "halves", "largest", "far"):
        assert word in said


# --- what an edit trains again --------------------------------------------------------------------

EDITS = {  # what is edited: (old text, new text), and the parts of the identity that change
    "a comment": ("BETA = 1.0", "BETA = 1.0  # of swish", []),
    "a docstring": ('"""Two inputs, two classes: whether', '"""Whether', []),
    "an added entry": ('{"swish": (swish, swish_slope)}',
                       '{"swish": (swish, swish_slope), "sine": (np.sin, lambda z, a: np.cos(z))}',
                       []),
    "a constant": ("BETA = 1.0", "BETA = 1.5", ["the code of activation swish"]),
    "a derivative": ("s + BETA * z * s", "s + z * BETA * s", ["the code of activation swish"]),
    "a data set": ("X[:, 0] * X[:, 1] > 0", "X[:, 0] * X[:, 1] > 0.1",
                   ["the code of dataset plaid"]),
    "another data set": ("(X * X).sum", "(2 * X * X).sum", []),
    "a function of two": ("np.abs(evaluation.theta).max", "abs(evaluation.theta).max",
                          ["the code of measure largest", "the code of stop far"]),
    "a loss": ("np.sign(A - Y) *", "1.0 * np.sign(A - Y) *", ["the code of loss absolute"]),
    "an optimizer": ("theta -= lr *", "theta -= 2 * lr *", ["the code of optimizer signs"]),
    "an initializer": ("[-0.5, 0.5]", "[-0.4, 0.4]", ["the code of init halves"]),
    "an imported function": ("import sigmoid", "import step as sigmoid",
                             ["the code of activation swish", "the code of loss absolute"]),
}  # fmt: skip


def identity(text, **knobs):
    use(text)
    return config(**KNOBS | knobs).identity()


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_what_reaches_it_and_nothing_else(edit):
    old, new, wanted = EDITS[edit]
    assert TEXT.count(old) >= 1
    assert differences(identity(TEXT), identity(TEXT.replace(old, new))) == wanted


WRAPPED = """
import functools
def twice(g):
    @functools.wraps(g)
    def wrapper(*arrays):
        return 1.0 * g(*arrays)
    return wrapper
"""
HELD = """
from dataclasses import dataclass
from typing import NamedTuple
@dataclass
class Scaled:
    by: float = 1.0
    def __call__(self, z):
        return self.by * swish(z)
class Slope(NamedTuple):
    by: float = 1.0
    def __call__(self, z, a):
        return self.by * swish_slope(z, a)
"""
RECURSIVE = """
def make(g):
    def f(*arrays, n=2):
        return g(*arrays) if not n else f(*arrays, n=n - 1)
    return f
"""
DEFAULTS = """
def scaled(by):
    return lambda z, by=by: by[0] * swish(z)
def sloped(by):
    def f(z, a, *, by=by):
        return by[0] * swish_slope(z, a)
    f.power = by[1]
    return f
"""
LIVE = {  # entries that are objects: what stands before the table, the entry, and edits that count
    "wrappers": (WRAPPED, "(twice(swish), twice(swish_slope))",
                 [("return 1.0 *", "return 2.0 *"), ("z * sigmoid(", "2 * z * sigmoid("),
                  ("return s +", "return 2 * s +")]),
    "a wrapper of a package's function": (WRAPPED, "(twice(np.tanh), swish_slope)",
                                          [("return 1.0 *", "return 2.0 *"), ("tanh", "sin")]),
    "callable objects": (HELD, "(Scaled(), Slope())",
                         [("self.by * swish(", "self.by + swish("), ("Scaled()", "Scaled(2.0)"),
                          ("self.by * swish_slope", "self.by + swish_slope"),
                          ("Slope()", "Slope(2.0)"), ("z * sigmoid(", "2 * z * sigmoid(")]),
    "functions with values as defaults": (DEFAULTS, "(scaled([1.0]), sloped([1.0, 7.0]))",
                                          [("(scaled([1.0])", "(scaled([2.0])"),
                                           ("sloped([1.0,", "sloped([2.0,"), ("7.0]", "8.0]")]),
    "a function that calls itself": (RECURSIVE, "(make(swish), make(swish_slope))",
                                     [("n=2", "n=3"), ("z * sigmoid(", "2 * z * sigmoid("),
                                      ("return s +", "return 2 * s +")]),
}  # fmt: skip


@pytest.mark.parametrize("kind", LIVE)
def test_all_that_an_entry_is_made_of_is_a_part_of_it(kind):
    before, entry, edits = LIVE[kind]
    table = 'ACTIVATIONS = {"swish": '
    text = TEXT.replace(f"{table}(swish, swish_slope)", f"{before}\n{table}{entry}")
    assert identity(text) == identity(text)
    for old, new in edits:
        assert old in text
        edited = differences(identity(text), identity(text.replace(old, new)))
        assert edited == ["the code of activation swish"], old


def test_code_that_a_run_does_not_use_is_no_part_of_it():
    use(TEXT)
    with_code = config(activation="tanh").identity()
    own_entries.use([])
    assert config(activation="tanh").identity() == with_code


def test_a_table_of_ours_that_their_code_uses_is_reached_whole(monkeypatch):
    text = TEXT.replace("import sigmoid", "import ACTIVATIONS as OURS").replace(
        "sigmoid(", 'OURS["sigmoid"].f('
    )
    before = identity(text)
    own_source = own_code.own.code_of("own_code_mine")
    from experiments.schema import reach

    pieces = reach.reach(ACTIVATIONS["swish"].f)
    assert own_source in reach.codes(pieces)
    assert any(piece.startswith("scratchml.elementary sigmoid\n") for piece in pieces)
    assert before["activation swish"] != identity(TEXT)["activation swish"]


def test_the_version_of_a_package_that_their_code_uses_is_a_part(monkeypatch):
    import scipy

    text = TEXT.replace("return z * sigmoid(BETA * z)", "return z * expit(BETA * z)")
    text = text.replace("import numpy as np", "import numpy as np\nfrom scipy.special import expit")
    before = identity(text), identity(text, activation="tanh")
    monkeypatch.setattr(scipy, "__version__", "99")
    use("x = 1\n")
    assert differences(before[0], identity(text)) == ["the code of activation swish"]
    assert differences(before[1], identity(text, activation="tanh")) == []


# --- rows that are refused ------------------------------------------------------------------------

REFUSED = {  # (old text, new text): what is said
    ('{"swish": (', '{"tanh": ('): "mine.py, line 57: activation tanh is there already; give yours",
    ("(swish, swish_slope)", "swish"):
        "mine.py, line 57: activation swish must be Activation(f, df, ...) or (f, df); got functio",
    ("(swish, swish_slope)", "(swish, 3)"):
        "mine.py, line 57: activation swish must be Activation(f, df, ...) or (f, df); got tuple",
    ("def swish_slope(z, a)", "def swish_slope(z)"):
        "mine.py, line 57: the derivative of activation swish must take (z, a); got (z): too many",
    ("swish_slope)}", "swish_slope), 'a b': 1}"):
        "a name in ACTIVATIONS must be of letters, digits and _; got 'a b'",
    ('("sigmoid", "absolute")', '"absolute"'):
        "mine.py, line 59: a key of LOSSES must be (OUTPUT, NAME), where OUTPUT is one of ['identi",
    ('("sigmoid", "absolute")', '("sigmoid", "cross_entropy")'):
        "mine.py, line 59: loss cross_entropy is there already",
    ("lr, momentum, t)", "lr)"): "mine.py, line 60: optimizer signs must take (theta, gradient, ",
    ('("n_features",)', '("size",)'): "must take (rng, n_samples, size=...); got (rng, n_samples",
    ("*, noise=0.05", "*, size=3"): "mine.py, line 58: dataset plaid has a knob 'size'; knobs of d",
    ("    return X + noise", "    return X\n    return X + noise"):
        "mine.py, line 21: dataset plaid must return X and y; got float64 of shape (16, 2)",
    ("Stop(far, needs_stop_at=True)", "(3, far)"): "stop far must be Stop(f, ...) or (f); got tup",
    ('"plaid": plaid', '"iris": plaid'): "mine.py, line 58: dataset iris means something else; ",
    ('"plaid": plaid', '"turned": plaid'): "mine.py, line 58: dataset turned means something else",
    ('"halves": halves', '"given": halves'): "mine.py, line 61: init given means something else",
    ('"largest": largest', '"solved": largest'): "mine.py, line 62: measure solved means something",
    ('"swish": (', '"null": ('): "mine.py, line 57: activation null means something else; give yo",
    ("ACTIVATIONS = {", "ACTIVATIONS = 3 #"):
        "mine.py, line 57: ACTIVATIONS must be a dict, name -> entry",
}  # fmt: skip


@pytest.mark.parametrize("edit", REFUSED, ids=lambda edit: edit[1])
def test_a_row_that_is_wrong_is_said_with_file_and_line(edit):
    text = TEXT.replace(*edit)
    before = {name: dict(kind.table) for name, kind in own_entries.KINDS.items()}
    with pytest.raises(ConfigError) as refused:
        use(text)
    assert REFUSED[edit] in str(refused.value) and "\n" not in str(refused.value)
    own_entries.use([])
    assert before == {name: dict(kind.table) for name, kind in own_entries.KINDS.items()}


@pytest.mark.parametrize(
    "line",
    [
        'ACTIVATIONS["tanh"] = ACTIVATIONS["relu"]',
        'ACTIVATIONS["mine"] = ACTIVATIONS["relu"]',
        'del ACTIVATIONS["tanh"]\nx = 1 / 0',
    ],
)
def test_our_tables_stay_as_they_are_whatever_a_file_does(line):
    before = dict(ACTIVATIONS)
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"^mine.py, line [13]: (ACTIVATIONS of|ZeroDiv)"):
            use(f"from scratchml.activations import ACTIVATIONS\n{line}\n")
        assert before == ACTIVATIONS


TARGETS = {  # targets of a plain function: what is said, and the row that is advised
    "np.arange(n_samples) % 3": (
        "makes whole numbers up to 2; write Dataset(make, ..., problem=\"multiclass\", n_outputs=3)"
        ", or return floats for a regression", 'Dataset(make, problem="multiclass", n_outputs=3)'),
    "np.arange(2 * n_samples).reshape(-1, 2) % 2": (
        "makes 2 labels; write Dataset(make, ..., problem=\"multilabel\", n_outputs=2)",
        'Dataset(make, problem="multilabel", n_outputs=2)'),
    "rng.random((n_samples, 3))": (
        "makes y of (16, 3); a number an example is y (N,), and several columns, (N, K), are "
        "labels of 0 and 1", None),
    "(np.arange(n_samples) % 2).reshape(-1, 1)": (
        "makes y of (16, 1); a number an example is y (N,), and several columns, (N, K), are "
        "labels of 0 and 1", None),
    "2 * (np.arange(n_samples) % 2) - 1": (
        "makes whole numbers from -1 to 1; classes are 0, 1, ..., and numbers of a regression are "
        "floats", None),
    "np.arange(n_samples) % 3 / 2": (None, "make"),
    "np.arange(n_samples) % 2 > 0": (None, "make"),
}  # fmt: skip


@pytest.mark.parametrize("targets", TARGETS)
def test_targets_of_a_plain_function_are_told_or_asked_about(targets):
    said, advised = TARGETS[targets]
    text = (
        "import numpy as np\nfrom scratchml.datasets import Dataset\n"
        f"def make(rng, n_samples=12):\n    return rng.random((n_samples, 2)), {targets}\n"
    )
    if said is not None:
        with pytest.raises(ConfigError) as refused:
            use(text + 'DATASETS = {"turns": make}\n')
        assert str(refused.value) == f"mine.py, line 5: dataset turns {said}"
    if advised is not None:
        use(text + f'DATASETS = {{"turns": {advised}}}\n')
        turns = config("turns", epochs=3, seeds=2)
        data = sample(turns.knobs(), np.random.default_rng(0), 0)
        assert data.Y.shape == shape(turns)[::2]
        configurations.train(turns)


ASKED = {  # a fact that is asked before training: what is said of it
    "size=lambda knobs: 40.0": "the size of dataset bowl must be a whole number >= 1; got 40.0",
    "size=lambda knobs: 'no'": "the size of dataset bowl must be a whole number >= 1; got 'no'",
    "size=lambda knobs: [40]":
        "the size of dataset bowl must be a whole number >= 1; got list of 1",
    **{f"constraints=lambda knobs: {out}":
       f"the constraints of dataset bowl must be a list of sentences; got {seen}"
       for out, seen in (("[3]", "(3,)"), ("3", "3"), ("'no'", "'no'"))},
    "constraints=lambda knobs: no": "NameError: name 'no' is not defined",
}  # fmt: skip


@pytest.mark.parametrize("field", ASKED)
def test_what_is_asked_before_training_is_guarded_by_what_it_must_be(field):
    use(TEXT.replace('"n_features", "regression")', f'"n_features", "regression", {field})'))
    with pytest.raises(ConfigError) as refused:
        config("bowl", n_features=2, n_samples=None)
    assert ASKED[field] in str(refused.value) and str(refused.value).startswith("mine.py, line 58")


def test_a_function_of_a_module_of_ours_is_guarded_by_what_it_is(monkeypatch):
    """Only the function that has no sentences needs no guard."""
    use(TEXT)
    row = DATASETS["bowl"]
    assert row.constraints is no_constraints and row.make.__wrapped__ is not None
    tables = TEXT.replace('"n_features", "regression")', '"n_features", "regression", size=f)')
    use("from scratchml.datasets import all_knobs\ndef f(knobs): return 2.5\n"
        "f.__module__ = all_knobs.__module__\n" + tables)  # fmt: skip
    with pytest.raises(ConfigError, match="size of dataset bowl must be a whole number"):
        config("bowl", n_features=2, n_samples=None)


@pytest.mark.parametrize("place", sorted(TABLES))
def test_each_table_of_ours_stays_as_it_is(place):
    module, _, name = place.rpartition(".")
    table = getattr(importlib.import_module(module), name)
    before = dict(table)
    for change in (f"{name}.popitem()", f"{name}['mine'] = next(iter({name}.values()))"):
        try:
            with pytest.raises(ConfigError, match=f"^mine.py, line 1: {name} of scratchml must st"):
                use(f"from {module} import {name}\n{change}\n")
            assert before == table
        finally:
            table.update(before)
            table.pop("mine", None)


@pytest.mark.parametrize("name", sorted({place.rpartition(".")[2] for place in TABLES}))
def test_a_table_of_a_file_is_never_passed_over(name):
    """It adds to ours, or it is refused: here a row that no table can have."""
    with pytest.raises(ConfigError, match=rf"^mine.py, line 2: .*{name}"):
        use(f"\n{name} = {{3: None}}\n")


@pytest.mark.parametrize("place", sorted(TABLES))
def test_a_table_of_ours_that_a_file_imports_is_not_theirs(place):
    module, _, name = place.rpartition(".")
    use(f"from {module} import {name}\n")
    assert own_entries.added(own.NAMED["mine.py"]) == []


# --- errors while nets train ----------------------------------------------------------------------

FAULTS = {  # (old text, new text): what is said
    ("return z * sigmoid(BETA * z)", "return 1 / (z - z)"):
        "mine.py, line 12: activation swish returned inf for",
    ("return z * sigmoid(BETA * z)", "raise SystemExit(3)"): "mine.py, line 13: SystemExit: 3",
    ("return z * sigmoid(BETA * z)", "return undefined"):
        "mine.py, line 13: NameError: name 'undefined' is not defined",
    ("return z * sigmoid(BETA * z)", "return np.log(z)"):
        "mine.py, line 12: activation swish returned NaN for -",
    ("return z * sigmoid(BETA * z)", "return z[0]"):
        "mine.py, line 12: activation swish must return numbers of the shape of z, (3, 40, 4); got",
    ("return z * sigmoid(BETA * z)", "z *= 2; return z"):
        "mine.py, line 13: ValueError: output array is read-only",
    ("    s = sigmoid(BETA * z)", "    a[:] = 0; s = z"):
        "mine.py, line 17: ValueError: assignment destination is read-only",
    ("return s + BETA", "return 'no' # "):
        "mine.py, line 16: the derivative of activation swish must return numbers of the shape of ",
    (".sum(axis=-1).mean(axis=-1)", ".sum()"):
        "mine.py, line 32: loss absolute must return numbers of the shape of nets, (R,), (3,); got",
    ("return np.sign(A - Y)", "Y -= A; return np.sign(A - Y)"):
        "mine.py, line 38: ValueError: output array is read-only",
    ("theta -= lr * np.sign(gradient)", "return theta - lr * gradient"):
        "mine.py, line 41: optimizer signs must change theta in place and return nothing",
    ("theta -= lr * np.sign(gradient)", "theta -= np.sign(gradient) / 0 * 0"):
        "mine.py, line 41: optimizer signs made theta NaN in step 1, from a finite gradient",
    ("theta -= lr * np.sign(gradient)", "gradient *= lr; theta -= gradient"):
        "mine.py, line 42: ValueError: output array is read-only",
    ("sum(a * b for a, b in shapes.values())", "3"):
        "mine.py, line 45: init halves must return numbers of the shape of parameters, (P,), (17,)",
    ("return np.abs(evaluation.theta).max(axis=1)", "return 3"):
        "mine.py, line 49: measure largest must return a number for each of 3 nets, (R,), or for ",
    ("return np.abs(evaluation.theta).max(axis=1)", "evaluation.theta[:] = 0; return 0"):
        "mine.py, line 50: ValueError: assignment destination is read-only",
    ("return largest(evaluation) > stop_at", "return True"):
        "mine.py, line 53: stop far must return true or false for each of 3 nets, (R,); got True",
    ("(n_samples, 2))", "(n_samples if n_samples == 16 else 3, 2))"):
        "mine.py, line 21: dataset plaid must make 40 examples, X (N, D) and y (N,); got (3, 2)",
}  # fmt: skip


@pytest.mark.parametrize("edit", FAULTS, ids=lambda edit: edit[1])
def test_a_fault_while_nets_train_is_one_sentence_with_their_line(edit):
    use(TEXT.replace(*edit))
    with pytest.raises(Exception) as raised:
        configurations.train(config(**KNOBS | {"seeds": 3, "epochs": 60}))
    said = str(raised.value)
    assert said.startswith(FAULTS[edit]) and "\n" not in said


def test_one_that_fails_does_not_stop_the_others(tmp_path, tmp_path_factory, capsys):
    uri = empty_store(tmp_path_factory, tmp_path)
    text = TEXT.replace("return z * sigmoid(BETA * z)", "return 1 / 0 if len(z) else z")
    (tmp_path / "mine.py").write_text(text)
    words = [f"code={tmp_path / 'mine.py'}", "activation=swish,tanh", "seeds=2", "epochs=9"]
    assert train.main(["-m", *words, "executor=serial", "--uri", uri]) == 1
    said = "failed: swish xor mlp w=2 lr=1 uniform x2: mine.py, line 13: ZeroDivisionError: "
    assert said in capsys.readouterr().err
    runs = {run.data.params["activation"]: run for run in sweeps.children(uri)}
    assert runs["tanh"].info.status == "FINISHED" and runs["swish"].info.status == "FAILED"
    assert runs["swish"].data.tags["scratchml.error"].startswith("mine.py, line 13: ZeroDivision")
    assert (
        "in swish\n    return 1 / 0 if len(z)"
        in sweeps.file(runs["swish"], "traceback.txt").decode()
    )
    assert train.main([*words[:1], "activation=swish", *words[2:], "--uri", uri]) == 1
    assert "mine.py, line 13: ZeroDivisionError: division by zero" in capsys.readouterr().err


# --- whose code runs ------------------------------------------------------------------------------

MARK = "import pathlib\npathlib.Path(r'{}').write_text('ran')\n"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("code: {path}\n", "code is named on the command line only"),
        ("hydra: {{sweeper: {{grids: [{{+code: [{path}]}}]}}}}\n", "code is named on the command"),
        ("hydra: {{sweeper: {{grids: [{{code: [{path}]}}]}}}}\n", "Could not override 'code'"),
        (
            "hydra: {{sweeper: {{params: {{+code: {path}}}}}}}\n",
            "code is named on the command line",
        ),
        ("model: evil.py:Net\n", "model must be one of"),
        ("model: {path}:Net\n", "model must be one of"),
        ("hydra: {{sweeper: {{grids: [{{model: ['{path}:Net']}}]}}}}\n", "model/"),
        ("activation: {path}\n", "activation must be one of"),
        ("executor: {{name: serial, code: {path}}}\n", "executor.code is not a knob"),
    ],
)
def test_a_file_of_configuration_runs_no_code(
    tmp_path, tmp_path_factory, monkeypatch, capsys, file, said
):
    monkeypatch.chdir(tmp_path)
    uri = empty_store(tmp_path_factory, tmp_path)
    (tmp_path / "evil.py").write_text(MARK.format(tmp_path / "ran"))
    conf = tmp_path / "conf" / "lesson"
    conf.mkdir(parents=True)
    text = file.format(path=tmp_path / "evil.py")
    (conf / "evil.yaml").write_text(f"# @package _global_\nseeds: 2\nepochs: 2\n{text}")
    words = ["-m", "+lesson=evil", "--config-dir", str(tmp_path / "conf"), "--uri", uri]
    assert train.main(words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "ran").exists() and not own.NAMED
    assert not sweeps.children(uri)


def test_reading_a_run_runs_no_code(swept, monkeypatch):
    """The stored text is never executed, wherever it is read."""
    folder, uri = swept
    monkeypatch.chdir(folder)
    executed = []
    monkeypatch.setattr(own, "module", executed.append)
    data = load("own", uri, "all")
    assert len(data.nets) and len(data.curves)
    with pytest.raises(Missing):
        data.select(seed=10).net()
    assert export.main([data.runs.run_id[0], "--uri", uri, "--to", "nowhere"]) == 2
    assert not executed and os.listdir(folder).count("nowhere") == 0
