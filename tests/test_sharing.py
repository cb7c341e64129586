"""A sweep goes to another store as one file, once; a hostile file leaves the store as it was."""

import io
import json
import stat
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from support.stores import empty_store
from support.sweeps import children, launch, parents, stored

from analysis.data import load
from experiments import add, pack
from experiments.tracking.npz import to_npz

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A store with a sweep of two runs."""
    uri = empty_store(tmp_path_factory, tmp_path_factory.mktemp("origin"))
    launch(uri, {"lr": 0.1}, {"lr": 1.0}, records=4, start=None)
    return uri


@pytest.fixture(scope="module")
def packed(origin, tmp_path_factory):
    out = tmp_path_factory.mktemp("packed") / "out.zip"
    assert pack.main(["scratchml", str(out), "--uri", origin]) == 0
    return out


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


def test_the_runs_are_the_same_in_the_other_store(origin, packed, uri, capsys):
    assert add.main([str(packed), "--uri", uri]) == 0
    assert "2 runs: 2 to add" in capsys.readouterr().out
    ours, theirs = load("scratchml", origin), load("scratchml", uri)
    assert theirs.runs.drop(columns="run_id").equals(ours.runs.drop(columns="run_id"))
    assert theirs.nets.drop(columns="run_id").equals(ours.nets.drop(columns="run_id"))
    for one, other in zip(ours.runs.run_id, theirs.runs.run_id, strict=True):
        np.testing.assert_equal(ours.arrays(one), theirs.arrays(other))
    before, after = ({r.data.tags["scratchml.fingerprint"]: r for r in children(u)}
                     for u in (origin, uri))  # fmt: skip
    for fingerprint, run in before.items():
        other = after[fingerprint]
        assert run.data.params == other.data.params and run.data.metrics == other.data.metrics
        assert (
            run.info.start_time == other.info.start_time
            and run.info.run_name == other.info.run_name
        )
        dataset, theirs = (r.inputs.dataset_inputs[0].dataset for r in (run, other))
        assert (dataset.name, dataset.digest) == (theirs.name, theirs.digest)


def test_adding_twice_adds_nothing_and_what_is_missing_is_added(packed, uri, capsys):
    launch(uri, {"lr": 1.0}, records=4)
    add.main([str(packed), "--uri", uri])
    assert "2 runs: 1 there already, 1 to add" in capsys.readouterr().out
    known = len(stored(uri))
    assert add.main([str(packed), "--uri", uri]) == 0
    assert "2 runs: 2 there already, 0 to add" in capsys.readouterr().out
    assert len(stored(uri)) == known
    assert load("scratchml", uri).runs.lr.tolist() == [0.1, 1.0]  # the sweep that was added
    launch(uri, {"lr": 0.1}, {"lr": 1.0}, records=4)
    assert "2 done already, 0 to train" in capsys.readouterr().out


def test_it_goes_into_an_experiment_of_ones_choice(packed, uri):
    add.main([str(packed), "--uri", uri, "--experiment", "theirs"])
    assert len(children(uri, "theirs")) == 2 and parents(uri) == []


def test_equal_sweeps_make_equal_archives_without_code_or_user(origin, packed, tmp_path, capsys):
    out = tmp_path / "again.zip"
    assert pack.main(["scratchml", str(out), "--uri", origin]) == 0
    assert out.read_bytes() == packed.read_bytes()
    assert {name.rpartition("/")[2] for name in members(packed)} == {
        "scratchml.json", "config.yaml", "nets.npz"
    }  # fmt: skip
    assert b"mlflow.user" not in packed.read_bytes()
    assert pack.main(["scratchml", str(out), "--uri", origin]) == 2  # a file that is there stays
    assert "exists" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["again.zip"]


# --- archives from anybody ------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["config.yaml", "nets.npz"])
def test_what_nobody_could_take_in_is_not_packed(tmp_path_factory, tmp_path, capsys, file):
    uri = empty_store(tmp_path_factory, tmp_path)
    launch(uri, {"lr": 0.1}, {"lr": 1.0}, epochs=1)
    run = children(uri)[1]
    path = Path(urlsplit(run.info.artifact_uri).path, file)
    data = path.read_bytes()
    path.write_bytes(data[:-9] if file == "nets.npz" else data.replace(b"lr: ", b"lr: 2"))
    capsys.readouterr()
    assert pack.main(["scratchml", str(tmp_path / "out.zip"), "--uri", uri]) == 2
    assert f"run {run.info.run_id} ({run.info.run_name})" in (said := capsys.readouterr().err)
    assert "cannot be packed: nobody could take it in (" in said and len(said.splitlines()) == 1
    assert not [*tmp_path.glob("out*")]


def members(packed):
    with zipfile.ZipFile(packed) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def about(files, **changes):
    """The files with another scratchml.json: changes of the first run, or of the whole."""
    said = json.loads(files["scratchml.json"])
    for key, value in changes.items():
        if key in said["runs"][0]:
            said["runs"][0][key] = value
        else:
            said[key] = value
    return files | {"scratchml.json": json.dumps(said).encode()}


def changed(files, name, data):
    """The files with other contents of the first run's file of a name."""
    fingerprint = json.loads(files["scratchml.json"])["runs"][0]["fingerprint"]
    return files | {f"runs/{fingerprint}/{name}": data}


def arrays(files, **changes):
    name = changed({"scratchml.json": files["scratchml.json"]}, "nets.npz", b"")
    [member] = name.keys() - {"scratchml.json"}
    with np.load(io.BytesIO(files[member])) as found:
        return files | {member: to_npz(dict(found) | changes)}


def pickled():
    data = io.BytesIO()
    np.savez(data, seed=np.array([print], dtype=object))
    return data.getvalue()


def bomb():
    data = io.BytesIO()
    np.savez_compressed(data, seed=np.arange(2), big=np.zeros((2, 10**6)))
    return data.getvalue()


WRONG = {
    "a path out of the archive": lambda f: f | {"../evil": b"x"},
    "an absolute path": lambda f: f | {"/evil": b"x"},
    "another file": lambda f: changed(f, "model.pkl", b"x"),
    "code": lambda f: changed(f, "mine.py", b"x"),
    "no list": lambda f: {n: d for n, d in f.items() if n != "scratchml.json"},
    "a list that is none": lambda f: f | {"scratchml.json": b"[1]"},
    "nested without end": lambda f: f | {"scratchml.json": b"[" * 100_000},
    "another version": lambda f: about(f, version=2),
    "a name that is too long": lambda f: about(f, name="x" * 300),
    "tags that are none": lambda f: about(f, tags=["x"]),
    "no identity": lambda f: about(f, tags={}),
    "another identity": lambda f: about(f, tags={
        "scratchml.identity": json.dumps({"knobs": "x", "seeds": "0:2"})}),
    "a time that is none": lambda f: about(f, start_ms=-1),
    "a field of its own": lambda f: about(f, runs=[{"artifact_uri": "http://127.0.0.1/x"}]),
    "a run twice": lambda f: about(f, runs=json.loads(f["scratchml.json"])["runs"] * 2),
    "no nets": lambda f: changed(f, "nets.npz", b""),
    "pickles": lambda f: changed(f, "nets.npz", pickled()),
    "packed arrays": lambda f: changed(f, "nets.npz", bomb()),
    "nets of other seeds": lambda f: arrays(f, seed=np.array([5, 6])),
    "texts for numbers": lambda f: arrays(f, **{"final/train/loss": np.array(["a", "b"])}),
    "a wrong shape": lambda f: arrays(f, **{"final/diverged": np.zeros((2, 2), bool)}),
    "no flags": lambda f: arrays(f, **{"final/solved": np.array([5, 7])}),
    "another configuration": lambda f: changed(f, "config.yaml", b"lr: 3\nseed: 0\nseeds: 2\n"),
    "Python's tags": lambda f: changed(f, "config.yaml", b"!!python/object/apply:os.getcwd []\n"),
    "aliases": lambda f: changed(f, "config.yaml", b"a: &a [1]\nb: *a\n"),
    "a list for a mapping": lambda f: changed(f, "config.yaml", b"[1]\n"),
}  # fmt: skip


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_archive_stores_nothing(packed, uri, tmp_path, how, capsys):
    path = tmp_path / "wrong.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in WRONG[how](members(packed)).items():
            archive.writestr(name, data)
    refused(path, uri, capsys)


def refused(path, uri, capsys):
    assert add.main([str(path), "--uri", uri]) == 2
    said = capsys.readouterr().err
    assert ("scratchml pack" in said or "damaged" in said) and said.count("\n") == 1
    assert stored(uri) == []


def link(entry):
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16


def deflated(entry):
    entry.compress_type = zipfile.ZIP_DEFLATED


@pytest.mark.parametrize("spoil", [link, deflated])
def test_links_and_packed_files_are_refused(packed, uri, tmp_path, spoil, capsys):
    path = tmp_path / "wrong.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members(packed).items():
            entry = zipfile.ZipInfo(name)
            spoil(entry)
            archive.writestr(entry, data)
    refused(path, uri, capsys)


@pytest.mark.parametrize("data", [b"", b"PK nothing", "half"])
def test_a_file_that_is_no_archive_is_refused(packed, uri, tmp_path, data, capsys):
    path = tmp_path / "wrong.zip"
    whole = packed.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if data == "half" else data)
    refused(path, uri, capsys)
    assert add.main([str(tmp_path / "none.zip"), "--uri", uri]) == 2
