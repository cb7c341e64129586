"""Files of data that are odd or hostile: each is learned from, or is refused in one sentence."""

import csv
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather

from experiments.errors import ConfigError
from experiments.schema import datafile
from experiments.schema.encoding import encode

N = 12


def refused(table, target=("y",), **how):
    """The one sentence by which a table is refused."""
    with pytest.raises(ConfigError) as error:
        encode(table, target, **how)
    assert "\n" not in str(error.value)
    return str(error.value)


def unreadable(path):
    """The one sentence by which a file is refused."""
    with pytest.raises(ConfigError) as error:
        datafile.read(str(path))
    assert "\n" not in str(error.value)
    return str(error.value)


# --- targets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y",
    [
        [5.8, 9.9, 14.4],  # from 5.8 in steps of 1 to below 8.8 are four numbers in float64, not 3
        [2**60 + 3 * 2**8 * i for i in range(N)],
        [0.5, 1.5, 2.5],
        [-3.0, -1.0, 0.0],
        [1e300, -1e300, 0.0],
    ],
)
def test_numbers_that_do_not_count_up_are_a_regression(y):
    examples, _ = encode(pd.DataFrame({"x": np.arange(len(y)), "y": y}), ("y",))
    assert examples.problem == "regression" and examples.y.tolist() == [float(one) for one in y]


def test_whole_numbers_that_are_one_number_in_float64_are_constant():
    table = pd.DataFrame({"x": range(N), "y": [2**60 + 3 * i for i in range(N)]})
    assert refused(table) == "target y is constant: 1.15292e+18 in each of 12 rows"


@pytest.mark.parametrize("problem", [None, "regression", "multiclass"])
def test_infinite_targets_are_refused_one_or_several(problem):
    table = pd.DataFrame({"x": range(N), "a": np.arange(N) / 7, "y": [-np.inf, 1.0, 2.5] * 4})
    assert refused(table, problem=problem) == "target y has values that are infinite"
    if problem != "multiclass":
        table["x2"] = 1.0
        said = refused(table, ("a", "y"), problem=problem)
        assert said == "target y has values that are infinite"


def test_no_column_is_named_twice_and_a_target_has_a_name():
    table = pd.DataFrame({"x": range(N), "y": [0, 1] * 6})
    assert refused(table, ()) == "target must name a column, or several; got []"
    assert refused(table, ("y", "y")) == "target names a column twice; got y"
    assert refused(table, features=("x", "x")) == "features names a column twice; got x"


# --- cells ----------------------------------------------------------------------------------------

CELLS = {"lists": [[1, 2], [3]], "objects": [{"a": 1}, {"a": 2}], "in few rows": [[1], None]}


@pytest.mark.parametrize("role", ["features", "target", "weights", "by"])
@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_cell_that_is_a_list_or_an_object_is_refused(tmp_path, ending, kind, role):
    table = pd.DataFrame({"x": range(N), "y": [0, 1] * 6, "odd": CELLS[kind] * 6})
    path = tmp_path / f"t.{ending}"
    if ending == "jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_parquet(path)
    how = {"target": ("y",), "features": ("x",)}
    how |= {role: "odd" if role in ("weights", "by") else ("odd",)}
    said = refused(datafile.read(str(path)), **how)
    assert said.startswith("column odd holds lists or objects; ")


# --- reading --------------------------------------------------------------------------------------


def test_the_separator_is_counted_and_not_guessed(tmp_path, monkeypatch):
    """The standard library's guess takes half a minute for a first line of so many quotes."""

    def guess(*arguments):
        raise AssertionError("a separator was guessed")

    monkeypatch.setattr(csv.Sniffer, "sniff", guess)
    (tmp_path / "quotes.csv").write_text(',"a' * 20_000 + "\n")
    unreadable(tmp_path / "quotes.csv")
    (tmp_path / "t.csv").write_text('"a,b,c";x|"d|e|f|g"\n1;2\n3;4\n')
    assert list(datafile.read(str(tmp_path / "t.csv")).columns) == ["a,b,c", 'x|"d|e|f|g"']
    (tmp_path / "one.csv").write_text("only\n1\n2\n")
    assert list(datafile.read(str(tmp_path / "one.csv")).columns) == ["only"]


def test_json_that_is_nested_without_end_is_one_sentence(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("[" * 200_000)
    assert "cannot be read as .jsonl: maximum recursion depth" in unreadable(path)
    path.write_text(json.dumps({"x": 1})[:-1] + ', "y": ' + "9" * 5_000 + "}")
    assert "cannot be read as .jsonl: Exceeds the limit" in unreadable(path)


def test_whatever_a_reader_raises_for_lack_of_memory_is_one_sentence(tmp_path, monkeypatch):
    def too_large(file):
        raise MemoryError

    path = tmp_path / "t.npz"
    path.write_bytes(b"")
    monkeypatch.setitem(datafile.READERS, ".npz", too_large)
    assert unreadable(path) == f"{path} cannot be read as .npz: MemoryError"


def test_a_feather_file_whose_words_lie_elsewhere_is_one_sentence(tmp_path):
    """A flipped bit in a place of a word ended the process: Arrow believes what it maps."""
    places = np.array([0, 1, 2**30, 3], dtype=np.int32)
    words = pa.StringArray.from_buffers(3, pa.py_buffer(places), pa.py_buffer(b"abc"))
    feather.write_feather(
        pa.table({"y": words}), tmp_path / "t.feather", compression="uncompressed"
    )
    assert "cannot be read as .feather: " in unreadable(tmp_path / "t.feather")
