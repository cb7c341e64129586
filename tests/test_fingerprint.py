"""A run's identity: what a configuration reaches, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.configurations import config

from experiments.schema import fingerprint, kept, source
from experiments.schema.reach import reach
from scratchml.activations import ACTIVATIONS

ROOT = Path(__file__).resolve().parents[1]

# Configurations, by what they show.
CHOSEN = {
    "xor tanh": {"activation": "tanh"},
    "xor relu": {"activation": "relu", "optimizer": "adam", "measure": ["dead_units"]},
    "moons": {"dataset": "moons", "n_samples": 20, "noise": 0.1},
    "perceptron": {"model": "perceptron", "stop": "solved"},
    "digits": {"dataset": "digits", "model": "sklearn_logistic"},
}
SCRIPT = """
import json, sys
from experiments.schema.config import Config
from experiments.schema.defaults import defaults
from experiments.schema.settings import SETTINGS
found = {}
for name, knobs in json.load(sys.stdin).items():
    usual = defaults(knobs.get("dataset", "xor"), knobs.get("model", "mlp"))
    found[name] = Config.from_mapping(usual | knobs).identity()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of what decides about numbers, to be edited."""
    root = tmp_path_factory.mktemp("project")
    for folder in ("scratchml", "experiments", "conf"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, root / folder, ignore=leave)
    return root


@pytest.fixture(scope="module")
def before(project):
    return identities(project)


def identities(root):
    """{name: identity} of the chosen configurations, as the project at `root` sees them."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(CHOSEN), cwd=root, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def changed(before, after):
    """{name: the parts that differ}, of the configurations of which any does."""
    found = {name: fingerprint.differences(before[name], after[name]) for name in before}
    return {name: parts for name, parts in found.items() if parts}


EDITS = {  # what is edited: (file, old text, new text) each, and what it changes
    "added entries and functions, comments, docstrings and annotations": (
        [("activations", "ACTIVATIONS = {",
          'ACTIVATIONS = {\n    "cube": Activation(np.cbrt, lambda z, a: z),'),
         ("sampling", "def stack(", "def new():\n    return 1\n\n\ndef stack("),
         ("stack", '"""', '# words\n"""Other words. '),
         ("training", "def run(self):", "def run(self) -> object:")],
        {},
    ),
    "formulas": (
        [("activations", "1.0 - a * a", "1.0 - a ** 2"),
         ("generators", "def moons(rng, n_samples,", "def moons(rng, n_samples, /,"),
         ("boolean", "def permutation(items, index)", "def permutation(items, index=0)"),
         ("optimizers", "EPSILON = ", "EPSILON = 2 * "),
         ("diagnostics", "(A == 0.0).all(axis=1)", "(A <= 0.0).all(axis=1)"),
         ("perceptron", '"identity", "step"', '"identity", "st" + "ep"')],
        {"xor tanh": ["the code of activation tanh", "the code of dataset xor"],
         "moons": ["the code of dataset moons"],
         "xor relu": ["the code of dataset xor", "the code of measure dead_units",
                      "the code of optimizer adam"],
         "perceptron": ["the code of dataset xor", "the code of model perceptron"]},
    ),
    "the loop": (
        [("training", "self.steps += 1", "self.steps += 2 - 1")],
        dict.fromkeys(CHOSEN, ["the code of training"]),
    ),
    "the median over nets": (
        [("../experiments/running/results", "if weight == 0.0:", "if not weight:")],
        dict.fromkeys(CHOSEN, ["the code of training"]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_what_reaches_it_and_nothing_else(project, before, edit):
    edits, wanted = EDITS[edit]
    kept = {project / "scratchml" / f"{name}.py": None for name, _, _ in edits}
    kept = {file: file.read_text() for file in kept}
    try:
        for name, old, new in edits:
            file = project / "scratchml" / f"{name}.py"
            assert old in file.read_text()
            file.write_text(file.read_text().replace(old, new, 1))
        assert changed(before, identities(project)) == wanted
    finally:
        for file, text in kept.items():
            file.write_text(text)


def test_versions_are_parts_where_they_matter(monkeypatch):
    ours, theirs = config(), config(**CHOSEN["digits"])
    old = ours.identity(), theirs.identity()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99")
    monkeypatch.setattr(np, "__version__", "77")
    said = f"numpy {old[0]['numpy']} -> 77"
    assert fingerprint.differences(old[0], ours.identity()) == [said]
    version = old[1]["scikit-learn"]
    wanted = [said, f"scikit-learn {version} -> 99"]
    assert fingerprint.differences(old[1], theirs.identity()) == wanted


def test_seeds_are_a_part_of_their_own():
    few, many = config(seeds=3).identity(), config(seeds=9, seed=2).identity()
    assert fingerprint.fingerprint(few) != fingerprint.fingerprint(many)
    assert fingerprint.without_seeds(few) == fingerprint.without_seeds(many)
    assert (fingerprint.seeds(few), fingerprint.seeds(many)) == (range(3), range(2, 11))
    assert fingerprint.differences(few, many) == []


def test_an_identity_is_read_back_and_nothing_else_is_one():
    parts = config().identity()
    assert fingerprint.from_text(fingerprint.to_text(parts)) == parts
    for bad in ("", "[]", "{}", '{"knobs": "a"}', '{"knobs": "a", "seeds": 3}',
                '{"knobs": "a", "seeds": "1:2:3"}', '{"knobs": "a", "seeds": "-1:2"}',
                fingerprint.to_text(parts | {"seeds": "0:" + "9" * 30})):  # fmt: skip
        with pytest.raises(ValueError):
            fingerprint.from_text(bad)


# --- reach ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one, other",
    [
        (partial(np.add, 1), partial(np.add, 2)),
        (partial(np.add, 1), partial(np.subtract, 1)),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        (np.arange(2000.0), np.where(np.arange(2000) == 1000, -1.0, np.arange(2000.0))),
        (np.tanh, np.sinh),
        (ACTIVATIONS["relu"], ACTIVATIONS["tanh"]),
        (np.vectorize(len), np.vectorize(abs)),
    ],
)
def test_different_objects_reach_different_things(one, other):
    assert reach(one) == reach(one) != reach(other) == reach(other)


def test_sets_and_generators_are_named_by_what_they_hold():
    words = [f"word {n}" for n in range(20)]
    assert reach(set(words)) == reach(set(reversed(words))) != reach(set(words[1:]))
    assert [text for text in reach(set(words))] == [f"({{{', '.join(sorted(map(repr, words)))}}})"]
    one, same, other = map(np.random.default_rng, (1, 1, 2))
    assert reach(one) == reach(same) != reach(other)


def test_lambdas_of_one_line_are_told_apart():
    """They are found by the places of their instructions."""
    bell, line = ACTIVATIONS["sigmoid"].df, ACTIVATIONS["identity"].df
    path = Path(ACTIVATIONS["tanh"].df.__code__.co_filename)
    where = source.Source("activations", source.facts_of(path.read_text(), "activations"))
    texts = {where.function(f.__code__).text for f in (bell, line)}
    assert texts == {"lambda z, a: a * (1.0 - a)", "lambda z, a: np.ones_like(z)"}


@pytest.mark.parametrize("damage", [None, "", "[1, 2]", '{"key": 1}'])
def test_facts_of_a_module_are_kept_until_it_changes(monkeypatch, tmp_path, damage):
    places = tmp_path / "file" / "no folder", tmp_path / "kept"
    module, made, facts_of = tmp_path / "module.py", [], source.facts_of
    (tmp_path / "file").touch()
    module.write_text("def f(x):\n    return x + 1\n")
    monkeypatch.setattr(kept, "PLACES", places)
    monkeypatch.setattr(source, "facts_of", lambda *known: made.append(known) or facts_of(*known))

    def pieces():
        return source.Source("module", kept.facts("module", module)).statements["f"]

    first = pieces()
    assert pieces() == first and len(made) == 1
    if damage is not None:
        (places[1] / "module.json").write_text(damage)
        assert pieces() == first and len(made) == 2
    module.write_text("def f(x):\n    return x + 2\n")
    assert "x + 2" in pieces()[0].text


def test_facts_need_no_folder(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(kept, "PLACES", (tmp_path / "file" / "no folder",))
    found = source.Source("source", kept.facts("source", Path(source.__file__)))
    assert "facts_of" in found.statements


def test_every_table_of_named_entries_is_an_end():
    """Otherwise each added entry would change the identity of every run."""
    from experiments.schema import reach as module

    core = reach(*fingerprint.COMMON)
    for table in module.TABLES:
        name = table.rpartition(".")[2]
        assert not any(
            text.split("\n")[0] == table.replace(f".{name}", f" {name}") for text in core
        )
