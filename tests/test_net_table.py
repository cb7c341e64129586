"""The table of a sweep says what the runs' files say, is believed where it fits, and is safe."""

import json
import os
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.stores import empty_store
from support.sweeps import launch, parents

from analysis.data import load
from experiments.running import tabled
from experiments.tracking import net_table, net_table_reader
from experiments.tracking.errors import Damaged, Lost
from experiments.tracking.net_table import META, Mark, part, to_parquet
from experiments.tracking.net_table_reader import NetTable
from experiments.tracking.reader import Reader
from experiments.tracking.stored_nets import StoredNets

CHOICES = (
    {"lr": 0.5, "measure": ["distinct_units", "gradient_norm_by_layer"]},
    {"model": "logistic", "width": None, "depth": None, "activation": None},
    {"dataset": "blobs", "epochs": 7, "stop": "solved", "records": 100},
)


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    """A store with a sweep of runs that measure different things."""
    uri = empty_store(tmp_path_factory, tmp_path)
    launch(uri, *CHOICES, records=6, seeds=3)
    return uri


def table_of(uri):
    """The path of the table of the only sweep."""
    return Path(urlsplit(parents(uri)[-1].info.artifact_uri).path) / "nets.parquet"


@contextmanager
def files_read(monkeypatch):
    """The ids of the runs whose own file is read meanwhile."""
    read, usual = [], Reader.arrays
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "arrays", lambda self, run, *how: (
            read.append(run.id), usual(self, run, *how))[1])  # fmt: skip
        yield read


def frames_of(uri):
    data = load("scratchml", uri)
    return data.nets, data.curves


def same(one, other):
    for a, b in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


# --- what it says ---------------------------------------------------------------------------------


def test_nets_and_curves_are_those_of_the_runs_to_the_last_bit(uri, monkeypatch):
    with files_read(monkeypatch) as read:
        from_table = frames_of(uri)
    assert read == []
    table_of(uri).unlink()
    with files_read(monkeypatch) as read:
        same(frames_of(uri), from_table)
    assert len(set(read)) == 3


def test_weights_come_from_the_runs_own_file(uri, monkeypatch):
    data = load("scratchml", uri)
    assert len(data.nets) == 9
    with files_read(monkeypatch) as read:
        arrays = data.arrays(data.runs.run_id[0])
    assert "weights/W1" in arrays and read == [data.runs.run_id[0]]


def test_others_can_read_it_as_a_table(uri):
    frame = pd.read_parquet(table_of(uri))
    nets = load("scratchml", uri).nets
    assert frame.run_id.tolist() == nets.run_id.tolist()
    np.testing.assert_array_equal(frame["final/train/loss"], nets["train/loss"])
    assert len(frame["curve/train/loss"][0]) == len(frame["epoch"][0])


def test_a_sweep_that_goes_on_has_the_runs_that_were_stored_before(uri, monkeypatch):
    launch(uri, *CHOICES, {"lr": 0.25}, records=6, seeds=3)
    with files_read(monkeypatch) as read:
        assert len(load("scratchml", uri).nets) == 12
    assert read == []


def test_runs_of_before_come_from_the_tables_of_before(uri, monkeypatch):
    read, usual, first = [], StoredNets._from_file, table_of(uri)
    monkeypatch.setattr(
        StoredNets, "_from_file", lambda self, run_id: read.append(run_id) or usual(self, run_id)
    )
    launch(uri, *CHOICES, records=6, seeds=3)
    assert table_of(uri) != first and table_of(uri).read_bytes() == first.read_bytes()
    launch(uri, CHOICES[2], {"lr": 0.25}, records=6, seeds=3)
    assert read == [] and len(NetTable(table_of(uri), "sweep").places) == 2
    for table in first.parents[2].rglob(first.name):
        table.write_bytes(table.read_bytes()[:-9])
    launch(uri, *CHOICES, records=6, seeds=3)
    assert len(read) == 3
    with files_read(monkeypatch) as apart:
        assert len(load("scratchml", uri).nets) == 9
    assert apart == []


def test_a_sweep_that_is_too_large_has_none(uri, monkeypatch):
    monkeypatch.setattr(tabled, "MOST", 0)
    launch(uri, *CHOICES, {"lr": 0.125}, records=6, seeds=3)
    assert not table_of(uri).exists()
    assert len(load("scratchml", uri).nets) == 12


def test_curves_that_are_too_large_stay_with_the_runs(uri, monkeypatch):
    nets, curves = frames_of(uri)
    monkeypatch.setattr(net_table, "CURVES", 0)
    launch(uri, *CHOICES, records=6, seeds=3, resume=False)
    data = load("scratchml", uri)
    with files_read(monkeypatch) as read:
        same([data.nets.drop(columns="run_id")], [nets.drop(columns="run_id")])
        assert read == []
        assert len(data.curves) == len(curves) and len(set(read)) == 3


# --- whether it is true ---------------------------------------------------------------------------


def npz_of(uri, run_id):
    return table_of(uri).parents[2] / run_id / "artifacts" / "nets.npz"


def test_a_run_whose_file_has_changed_is_read_from_it(uri, monkeypatch):
    data = load("scratchml", uri)
    run_id, path = data.runs.run_id[0], npz_of(uri, data.runs.run_id[0])
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["final/train/loss"] = arrays["final/train/loss"] + 1.0
    before, times = path.stat().st_size, path.stat().st_mtime_ns
    from experiments.tracking.npz import to_npz

    path.write_bytes(to_npz(arrays))
    os.utime(path, ns=(times, times))
    assert path.stat().st_size == before
    with files_read(monkeypatch) as read:
        nets = load("scratchml", uri).nets
    assert read == [run_id]
    np.testing.assert_array_equal(nets["train/loss"][:3], arrays["final/train/loss"])


def test_a_run_that_has_lost_its_file_is_lost(uri):
    npz_of(uri, load("scratchml", uri).runs.run_id[1]).unlink()
    with pytest.raises(Lost):
        _ = load("scratchml", uri).nets


def test_runs_that_were_added_or_deleted_are_seen(uri):
    from mlflow import MlflowClient

    data = load("scratchml", uri)
    MlflowClient(uri).delete_run(data.runs.run_id[0])
    assert load("scratchml", uri).nets.run_id.unique().tolist() == data.runs.run_id[1:].tolist()


# --- a table from anybody -------------------------------------------------------------------------


def spoiled(table, **account):
    """The bytes of a table with another account of its runs."""
    meta = json.loads(table.schema.metadata[META]) | account
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({META: json.dumps(meta)}), sink)
    return sink.getvalue().to_pybytes()


def without_account(table):
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({}), sink)
    return sink.getvalue().to_pybytes()


def with_column(table, name, values):
    meta = json.loads(table.schema.metadata[META])
    return spoiled(table.append_column(name, values), dims=meta["dims"] | {name: 1})


HOSTILE = {
    "empty": lambda data, table: b"",
    "cut": lambda data, table: data[:-20],
    "words": lambda data, table: b"PAR1 nothing PAR1",
    "flipped": lambda data, table: data[:100] + bytes(500) + data[600:],
    "no account": lambda data, table: without_account(table),
    "another version": lambda data, table: spoiled(table, version=2),
    "more nets than rows": lambda data, table: spoiled(table, runs=[["a", 10, 1, 1, 0]]),
    "negative nets": lambda data, table: spoiled(
        table, runs=[["a", -1, 1, 1, 0], ["b", 10, 1, 1, 0]]),
    "no such kind": lambda data, table: spoiled(table, kinds=[]),
    "texts": lambda data, table: with_column(table, "final/name", pa.array(["a"] * 9)),
    "a list of lists": lambda data, table: with_column(table, "final/x", pa.array([[[1.0]]] * 9)),
    "another column": lambda data, table: with_column(table, "weights/W1", pa.array([1.0] * 9)),
    "the wrong shape": lambda data, table: spoiled(
        table.set_column(table.schema.get_field_index("epoch"), "epoch",
                         pa.array([[1, 2], [4, 5], [7, 8]] * 3, pa.large_list(pa.int64())))),
}  # fmt: skip


@pytest.mark.parametrize("how", HOSTILE)
def test_a_damaged_or_hostile_table_is_passed_over(uri, how, monkeypatch):
    """Whatever it says, the numbers are those of the runs."""
    path = table_of(uri)
    wanted = frames_of(uri)
    path.write_bytes(HOSTILE[how](path.read_bytes(), pq.read_table(path)))
    with files_read(monkeypatch) as read:
        same(frames_of(uri), wanted)
    assert read


@pytest.mark.parametrize(
    ("name", "most"), [("ROWS", 8), ("VALUES", 8), ("COLUMNS", 3), ("MOST", 100)]
)
def test_a_table_beyond_a_limit_is_not_read(uri, name, most, monkeypatch):
    monkeypatch.setattr(net_table_reader, name, most)
    with pytest.raises(Damaged, match="nets.parquet of the sweep is damaged"):
        NetTable(table_of(uri), "the sweep")


def test_a_link_out_of_the_store_is_not_followed(uri, tmp_path, monkeypatch):
    path = table_of(uri)
    away = tmp_path / "away.parquet"
    away.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(away)
    with files_read(monkeypatch) as read:
        assert len(load("scratchml", uri).nets) == 9
    assert len(read) == 3


def test_arrays_of_one_name_and_several_types_make_no_table():
    one = {"seed": np.arange(2), "final/x": np.zeros(2)}
    other = one | {"final/x": np.zeros(2, dtype=int)}
    with pytest.raises(ValueError, match="final/x has several types"):
        to_parquet({"a": part(one, one, Mark(1, 1)), "b": part(other, other, Mark(1, 1))})
