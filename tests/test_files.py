"""A file of the user's as a data set: read, encoded, split, swept, read back and exported."""

import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest
from support.configurations import config, differing, train
from support.stores import empty_store
from support.tolerances import ROUNDING

from analysis.data import load
from experiments import export
from experiments import train as command
from experiments.errors import ConfigError
from experiments.schema import datafile, fingerprint, sources
from experiments.schema.encoding import encode
from experiments.tracking.errors import Missing
from scratchml.sampling import Examples, balanced
from scratchml.splitting import SPLITS

TABLE = pd.DataFrame({
    "age": [31.0, 45.0, 28.0, 60.0, 52.0, 37.0],
    "job": ["cook", "nurse", "cook", "clerk", "nurse", "clerk"],
    "member": [True, False, True, True, False, False],
    "buys": ["yes", "no", "yes", "no", "no", "yes"],
})  # fmt: skip
WANTED = np.array([
    # age, clerk, cook, nurse, member
    [31, 0, 1, 0, 1], [45, 0, 0, 1, 0], [28, 0, 1, 0, 1],
    [60, 1, 0, 0, 1], [52, 0, 0, 1, 0], [37, 1, 0, 0, 0],
], dtype=float)  # fmt: skip


# --- reading --------------------------------------------------------------------------------------

WRITERS = {
    "t.csv": lambda table, path: table.to_csv(path, index=False),
    "t.csv.gz": lambda table, path: table.to_csv(path, index=False),
    "t.data.CSV": lambda table, path: table.to_csv(path, index=False),
    "semicolons.csv": lambda table, path: table.to_csv(path, index=False, sep=";"),
    "tabs.csv": lambda table, path: table.to_csv(path, index=False, sep="\t"),
    "marked.csv": lambda table, path: table.to_csv(path, index=False, encoding="utf-8-sig"),
    "t.tsv": lambda table, path: table.to_csv(path, index=False, sep="\t"),
    "t.parquet": lambda table, path: table.to_parquet(path),
    "t.feather": lambda table, path: table.to_feather(path),
    "t.jsonl": lambda table, path: table.to_json(path, orient="records", lines=True),
    "t.jsonl.gz": lambda table, path: table.to_json(path, orient="records", lines=True),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_numbers(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](TABLE, path)
    examples, encoding = encode(datafile.read(str(path)), ("buys",))
    assert np.array_equal(examples.X, WANTED)
    assert examples.y.tolist() == [1, 0, 1, 0, 0, 1] and encoding.classes == ("no", "yes")
    assert [column.name for column in encoding.columns] == ["age", "job", "member"]
    assert encoding.columns[1].words == ("clerk", "cook", "nurse")


def test_arrays_of_an_archive_are_columns(tmp_path):
    np.savez(tmp_path / "t.npz", X=np.arange(12.0).reshape(6, 2), y=np.array([1, 2, 1, 2, 2, 1]))
    table = datafile.read(str(tmp_path / "t.npz"))
    assert list(table.columns) == ["X0", "X1", "y"]
    examples, encoding = encode(table, ("y",))
    assert examples.X.tolist() == np.arange(12.0).reshape(6, 2).tolist()
    assert examples.y.tolist() == [0, 1, 0, 1, 1, 0] and encoding.classes == ("1", "2")


def test_a_file_of_names_with_blanks_and_quotes(tmp_path):
    (tmp_path / "a b.csv").write_text('"the age", what\n1,"x, y"\n2,"z ""q"""\n3,"x, y"\n')
    examples, encoding = encode(datafile.read(str(tmp_path / "a b.csv")), ("what",))
    assert encoding.columns[0].name == "the age" and encoding.classes == ("x, y", 'z "q"')


BROKEN = {
    "t.csv": [(b"", "cannot be read as .csv"), (b"a,b\n", "has no rows"),
              (b"\x00\x01\x02", "cannot be read as .csv|has no rows"),
              (b"\xff\xfea\n", "cannot be read as .csv"), (b"a,b\n1,2,3,4\n1\n", "cannot be read")],
    "t.parquet": [(b"PAR1 and nothing", "cannot be read as .parquet")],
    "t.feather": [(b"nothing", "cannot be read as .feather")],
    "t.jsonl": [(b"{", "cannot be read as .jsonl"), (b"[1, 2", "cannot be read as .jsonl")],
    "t.npz": [(b"PK", "cannot be read as .npz")],
    "t.csv.gz": [(b"no gzip", "cannot be read as .csv")],
    "t.pkl": [(b"", "ends in .csv, .tsv, .parquet")],
    "t": [(b"", "ends in .csv, .tsv, .parquet")],
}  # fmt: skip


@pytest.mark.parametrize(
    "name, data, said", [(name, *each) for name, all_ in BROKEN.items() for each in all_]
)
def test_a_file_that_is_no_table_is_one_sentence(tmp_path, name, data, said):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=said) as refused:
        encode(datafile.read(str(path)), ("b",))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "path", ["https://example.org/t.csv", "s3://bucket/t.csv", "none.csv", "."]
)
def test_only_files_of_this_machine_are_read(path):
    with pytest.raises(ConfigError, match="path"):
        datafile.read(path)


def test_pickles_in_an_archive_are_not_loaded(tmp_path):
    np.savez(tmp_path / "t.npz", X=np.array([{}, []], dtype=object))
    with pytest.raises(ConfigError, match="cannot be read as .npz"):
        datafile.read(str(tmp_path / "t.npz"))


# --- encoding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y, problem, kind, found, classes",
    [
        (["b", "a", "b", "a"], None, "binary", [1, 0, 1, 0], ("a", "b")),
        ([-1, 1, 1, -1], None, "binary", [0, 1, 1, 0], ("-1", "1")),
        ([True, False, True, True], None, "binary", [1, 0, 1, 1], ("0", "1")),
        ([0.5, 2.5, 2.5, 0.5], None, "binary", [0, 1, 1, 0], ("0.5", "2.5")),
        ([1, 2, 3, 3, 2, 1], "multiclass", "multiclass", [0, 1, 2, 2, 1, 0], ("1", "2", "3")),
        ([1, 2, 3, 3, 2, 1], "regression", "regression", [1, 2, 3, 3, 2, 1], None),
        ([0.1, 0.7, 3.5, 9.0], None, "regression", [0.1, 0.7, 3.5, 9.0], None),
        (["x", "y", "z", "x", "y", "z"], None, "multiclass", [0, 1, 2, 0, 1, 2], ("x", "y", "z")),
    ],
)
def test_targets_say_what_the_problem_is(y, problem, kind, found, classes):
    table = pd.DataFrame({"x": np.arange(len(y)), "y": y})
    examples, encoding = encode(table, ("y",), problem=problem)
    assert (examples.problem, examples.y.tolist(), encoding.classes) == (kind, found, classes)


def test_several_targets_are_a_regression_of_several_numbers():
    table = pd.DataFrame({"x": [1, 2, 3], "a": [0.0, 1.0, 0.5], "b": [3, 2, 1]})
    examples, _ = encode(table, ("a", "b"))
    assert examples.problem == "regression" and examples.y.tolist() == [[0, 3], [1, 2], [0.5, 1]]


N = 12
REFUSED = [
    ({"x": [*range(N)], "y": [1] * N}, {}, "target y is constant"),
    ({"x": [*range(N)], "y": [3.5] * N}, {"problem": "regression"}, "target y is constant"),
    (
        {"x": [*range(N)], "y": [1, 2, 3] * 4},
        {},
        "whole numbers 1 to 3, which may be classes or amo",
    ),
    (
        {"x": [*range(N)], "y": list("abc") * 4},
        {"problem": "regression"},
        "holds words, so that it is",
    ),
    (
        {"x": [*range(N)], "y": list("abc") * 4},
        {"problem": "binary"},
        "has 3 classes, so that problem",
    ),
    ({"x": [*range(N)], "y": list("abcdefghijkl")}, {}, "target y has 12 classes in 12 rows"),
    ({"x": ["1", "2", "?", "4", "5", "6"] * 2, "y": [0, 1] * 6}, {}, "words among numbers, '[?]'"),
    ({"x": ["1", "2", "3"] * 4, "y": [0, 1] * 6}, {}, "column x holds numbers as texts, '1'; mend"),
    ({"x": [f"w{i}" for i in range(300)], "y": [0, 1] * 150}, {}, "300 different words in 300 row"),
    ({"x": pd.date_range("2020", periods=N), "y": [0, 1] * 6}, {}, "column x holds dates"),
    ({"x": [1.0, np.inf] * 6, "y": [0, 1] * 6}, {}, "column x has values that are infinite"),
    ({"y": [0, 1] * 6}, {}, "no column to learn from"),
    ({"x": [*range(N)], "y": [0, 1] * 6}, {"features": ("z",)}, "features: there is no column 'z'"),
    (
        {"x": [*range(N)], "y": [0, 1] * 6},
        {"features": ("x", "y")},
        "a feature and a target; got y",
    ),
    ({"x": [None, 1.0] * 6, "y": [0, 1] * 6}, {}, "missing in 6 of 12 rows: 6 in x; missing=drop"),
    ({"x": [None] * N, "y": [0, 1] * 6}, {"missing": "drop"}, "every row has a missing value"),
    (
        {"x": [*range(N)], "y": [0, None] * 6},
        {"missing": "mean"},
        "missing in 6 of 12 rows: 6 in y",
    ),
]


@pytest.mark.parametrize("columns, how, said", REFUSED)
def test_what_cannot_be_learned_from_is_refused_with_the_remedy(columns, how, said):
    with pytest.raises(ConfigError, match=said):
        encode(pd.DataFrame(columns), ("y",), **how)


def test_missing_values_are_dropped_or_kept_to_be_filled():
    table = TABLE.copy()
    table.loc[1, "age"], table.loc[3, "job"] = np.nan, None
    examples, encoding = encode(table, ("buys",), missing="drop")
    assert np.array_equal(examples.X, WANTED[[0, 2, 4, 5]]) and encoding.dropped == 2
    examples, encoding = encode(table, ("buys",), missing="mean")
    assert np.isnan(examples.X[1, 0]) and examples.X[3, 1:4].tolist() == [0, 0, 0]
    assert np.isnan(examples.X).sum() == 1 and encoding.dropped == 0


def test_words_that_only_python_would_read_as_numbers_are_words():
    table = pd.DataFrame({"x": ["1_0", "2_0", "3_0"] * 4, "y": [0, 1] * 6})
    _, encoding = encode(table, ("y",))
    assert encoding.columns[0].words == ("1_0", "2_0", "3_0")


# --- weights --------------------------------------------------------------------------------------


def test_a_row_of_weight_two_is_a_row_that_stands_there_twice(tmp_path, monkeypatch):
    """From the same weights, with all examples in each step: equal nets, up to rounding."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=30), "z": rng.normal(size=30)})
    table["y"] = (table.x + 0.5 * rng.normal(size=30) > 0).astype(int)
    table["w"] = np.tile([1, 2, 0], 10)
    table.to_csv("weighted.csv", index=False)
    table.loc[table.index.repeat(table.w)].to_csv("repeated.csv", index=False)
    one, other = (
        config(dataset="file", path=path, target=["y"], features=["x", "z"], weights=weights,
               test_fraction=0.0, scaling="none", epochs=50, seeds=3)
        for path, weights in (("weighted.csv", "w"), ("repeated.csv", None))
    )  # fmt: skip
    one, other = train(one), train(other)
    for name in ("weights/W1", "weights/W2", "curve/train/loss"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9)


def test_balanced_classes_count_alike():
    y = np.array([0] * 90 + [1] * 10)
    weights = balanced(y, 2)
    assert weights[y == 0].sum() == pytest.approx(weights[y == 1].sum()) == pytest.approx(50)
    rare = {"dataset": "spector", "model": "logistic", "width": None, "depth": None}
    rare |= {"activation": None, "epochs": 300, "seeds": 2}
    plain, even = train(config(**rare)), train(config(**rare, class_weight="balanced"))
    assert np.all(even["weights/b1"] > plain["weights/b1"])  # the rare class is named more often


@pytest.mark.parametrize("values", [[1, -1, 2], [0, 0, 0], ["a", "b", "c"], [1, np.inf, 1]])
def test_weights_that_are_none_are_refused(values):
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": ["a", "b", "a"], "w": values})
    with pytest.raises(ConfigError, match="weights=w: they must be numbers >= 0, and not all 0"):
        encode(table, ("y",), weights="w")


# --- splits ---------------------------------------------------------------------------------------

LABELS = np.repeat([0, 1, 2], [70, 25, 5])
GROUPS = np.arange(100) % 13


@pytest.mark.parametrize("split", SPLITS)
def test_splits_have_no_example_on_both_sides_and_the_same_sizes_for_every_seed(split):
    groups = (np.arange(100) >= 80).astype(int) if split == "column" else GROUPS
    examples = Examples("multiclass", np.arange(100.0)[:, None], LABELS, 3, groups)
    sizes = set()
    for seed in range(20):
        train, test = SPLITS[split](examples, 20, None, np.random.default_rng(seed))
        assert len({*train, *test}) == len(train) + len(test)
        sizes.add((len(train), len(test)))
        few, same = SPLITS[split](examples, 20, 10, np.random.default_rng(seed))
        assert len(few) == 10 and set(few) <= set(train) | set(range(100)) - set(test)
        assert not set(few) & set(same)
        if split == "stratified":
            assert np.bincount(LABELS[test]).tolist() == [14, 5, 1]
            assert np.bincount(LABELS[few]).sum() == 10
        if split == "group":
            assert not set(GROUPS[train]) & set(GROUPS[test])
    [(n_train, n_test)] = sizes
    assert n_test == 20 and n_train == {"group": 100 - 20 - 7}.get(split, 80)


# --- the whole way --------------------------------------------------------------------------------


@pytest.fixture
def people(tmp_path, monkeypatch):
    """A folder with people.csv: words, missing values, an unbalanced class."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pd.DataFrame({
        "name": [f"p{i}" for i in range(300)],
        "age": rng.normal(40, 12, 300).round(1),
        "job": rng.choice(["cook", "nurse", "clerk"], 300),
    })  # fmt: skip
    z = 0.1 * (table.age - 45) + 2 * (table.job == "nurse") - 1
    table["buys"] = np.where(rng.random(300) < 1 / (1 + np.exp(-z)), "yes", "no")
    table.loc[::29, "age"] = np.nan
    table.to_csv("people.csv", index=False)
    return table


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


FILE = ("dataset=file", "path=people.csv", "target=buys", "features=[age,job]", "missing=mean")


def sweep(uri, *words):
    several = ["-m", *FILE, "model=logistic,mlp", "seeds=2", "epochs=20", "executor=serial"]
    return command.main([*several, "experiment=people", *words, "--uri", uri])


def test_a_sweep_over_a_file_is_stored_read_and_exported(people, uri, tmp_path, capsys):
    assert sweep(uri) == 0
    data = load("people", uri)
    assert len(data.nets) == 4 and set(data.runs.problem) == {"binary"}
    assert {"curve/test/loss", "curve/test/accuracy"} <= data.arrays(data.runs.run_id[0]).keys()
    for run_id in data.runs.run_id:
        examples = data.examples(run_id, index=1)
        assert examples.X.shape == (225, 4) and examples.X_test.shape == (75, 4)
        np.testing.assert_allclose(examples.X.mean(axis=0), 0, atol=1e-12)
        assert data.net(run_id, index=1)(examples.X).shape == (225, 1)
    described = json.loads(next(tmp_path.rglob("data.json")).read_text())
    assert described["classes"] == ["no", "yes"] and described["targets"] == ["buys"]
    run_id = data.runs.run_id[0]
    assert export.main([run_id, "--seed", "1", "--to", str(tmp_path / "model"), "--uri", uri]) == 0

    import mlflow

    raw = mlflow.pyfunc.load_model(str(tmp_path / "model")).predict(people)
    examples = data.examples(run_id, index=1)
    ours = data.net(run_id, index=1)(np.concatenate([examples.X, examples.X_test]))
    np.testing.assert_allclose(np.sort(raw[:, 0]), np.sort(ours[:, 0]), rtol=ROUNDING)
    unseen = pd.DataFrame({"age": [30, 41], "job": ["pilot", None]})  # whole numbers, new words
    assert np.isfinite(mlflow.pyfunc.load_model(str(tmp_path / "model")).predict(unseen)).all()


def test_one_changed_label_trains_again_and_a_column_that_is_not_used_does_not(people, uri, capsys):
    sweep(uri)
    people["name"] = "somebody"
    people.to_csv("people.csv", index=False)
    capsys.readouterr()
    sweep(uri)
    assert "2 done already, 0 to train" in capsys.readouterr().out
    old = load("people", uri)
    people.loc[7, "buys"] = "no" if people.buys[7] == "yes" else "yes"
    people.to_csv("people.csv", index=False)
    sweep(uri)
    said = capsys.readouterr().out
    assert "2 runs to train again; changed since the last time: the content of the data" in said
    with pytest.raises(Missing, match="have changed since it was trained"):
        old.examples(old.runs.run_id[0])
    new = load("people", uri)
    assert set(new.runs.run_id).isdisjoint(old.runs.run_id)
    new.examples(new.runs.run_id[0])


def test_a_file_that_moved_is_the_same_data(people, uri, tmp_path, capsys):
    sweep(uri)
    (tmp_path / "people.csv").rename(tmp_path / "moved.csv")
    capsys.readouterr()
    sweep(uri, "path=moved.csv")
    assert "2 done already, 0 to train" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, said",
    [
        (["path=null"], "path must be a text for dataset file; got null"),
        (["target=null"], "target must be a text"),
        (["target=sold"], "people.csv: target: there is no column 'sold'; there are name, age"),
        (["missing=null"], "people.csv: values are missing in 11 of 300 rows: 11 in age"),
        (["split=group"], "split_by must be the name of a column for split=group; got null"),
        (["split_by=job"], "split_by must be null for split=random; got 'job'"),
        (["split=column", "split_by=job"], "two values, train and test"),
        (
            ["split=stratified", "test_fraction=0"],
            "split=stratified needs held-out examples; got te",
        ),
        (["split=group", "split_by=job", "test_fraction=0"], "split=group needs held-out examples"),
        (
            ["n_samples=280"],
            "n_samples must be at most 225 for dataset file with test_fraction=0.25",
        ),
        (["noise=0.1"], "noise has no meaning for dataset file"),
        (["split=stratified", "target=age", "features=[job]", "missing=drop"], "needs classes"),
        (
            ["model=linear", "problem=multiclass"],
            "target buys has 2 classes, so that problem=binary",
        ),
    ],
)
def test_what_is_wrong_with_a_command_is_said_before_anything_trains(
    people, uri, capsys, words, said
):
    with pytest.raises(SystemExit):
        raise SystemExit(sweep(uri, *words))
    out, err = capsys.readouterr()
    assert said in err and "Traceback" not in err and "to train" not in out


@pytest.mark.parametrize(
    "change",
    [
        {"target": ["member"]},
        {"features": ["age"]},
        {"missing": "median"},
        {"weights": "member"},
        {"split": "stratified"},
        {"split": "group", "split_by": "job"},
    ],
)
def test_every_knob_of_a_file_matters_but_its_place(people, change):
    people["member"] = people.job == "nurse"
    people.to_csv("people.csv", index=False)
    base = {"dataset": "file", "path": "people.csv", "target": ["buys"], "missing": "mean"}
    base |= {"features": ["age", "job"]}
    one, other = config(**base), config(**base | change)
    assert one.fingerprint() != other.fingerprint() and one.name() != other.name()
    assert change.items() <= other.canonical().items() and one.canonical()["problem"] == "binary"
    people.to_csv("copy.csv", index=False)
    assert config(**base | {"path": "copy.csv"}).fingerprint() == one.fingerprint()


def test_the_knobs_of_a_file_belong_to_a_file(people):
    for knob in ("path", "features", "problem", "missing", "split_by"):
        value = {"problem": "binary", "missing": "drop", "features": ["a"]}.get(knob, "a")
        with pytest.raises(ConfigError, match=f"{knob} has no meaning for dataset xor"):
            config(**{knob: value})


@pytest.mark.parametrize("fraction", [0.0, 0.3])
def test_a_random_split_is_the_usual_one_and_a_net_of_it_has_its_own_bits(fraction):
    """Also where nothing is held out: then no net shuffles examples that all nets share."""
    knobs = {"dataset": "spector", "model": "logistic", "width": None, "depth": None}
    knobs |= {"activation": None, "epochs": 20, "batch_size": 5, "test_fraction": fraction}
    usual, named = config(**knobs, seeds=4), config(**knobs, seeds=4, split="random")
    assert named.fingerprint() == usual.fingerprint()
    whole = train(named)
    assert differing(whole, train(usual)) == set()
    alone = train(config(**knobs, seed=2, seeds=1, split="random"))
    third = {name: a if name == "epoch" else a[2:3] for name, a in whole.items()}
    assert differing(alone, third) == set()


@pytest.mark.parametrize("split", ["stratified", "group", "column"])
def test_every_split_is_trained(people, uri, split, capsys):
    people["side"] = np.where(np.arange(300) % 3 == 0, "test", "train")
    people.to_csv("people.csv", index=False)
    by = {"stratified": [], "group": ["split_by=job"], "column": ["split_by=side"]}[split]
    words = ["features=[age]", f"split={split}", *by]
    assert sweep(uri, *words) == 0
    data = load("people", uri)
    examples = data.examples(data.runs.run_id[0])
    assert len(examples.X_test) == {"column": 100}.get(split, 75)


def test_shipped_data_sets_have_the_sizes_that_the_table_says():
    for name, (n, d, k) in {
        "iris": (120, 4, 3),
        "wine": (134, 13, 3),
        "diabetes": (354, 10, 1),
    }.items():
        one = config(dataset=name, model="linear", width=None, depth=None, activation=None)
        assert sources.shape(one) == (n, d, k)
        examples = sources.load(one.knobs())
        assert len(examples.X) == sources.source(name).n_samples


def test_packed_text_that_unpacks_without_end_is_not_our_case(tmp_path):
    """A file of the user's own is trusted in size; this only shows that gzip is read."""
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"x,y\n1,0\n2,1\n3,1\n"))
    examples, _ = encode(datafile.read(str(tmp_path / "t.csv.gz")), ("y",))
    assert examples.y.tolist() == [0, 1, 1]
    assert re.fullmatch("[0-9a-f]+", fingerprint._digest("x"))
