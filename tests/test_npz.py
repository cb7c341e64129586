"""Arrays come back bit by bit from nets.npz; a file that no run has is one kind of error."""

import io
import zipfile

import numpy as np
import pytest
from support.stores import arrays, sample

from experiments.tracking import npz
from experiments.tracking.errors import Damaged
from experiments.tracking.npz import read_npz, to_npz


def test_arrays_come_back_from_nets_npz_bit_by_bit():
    nets = arrays(3) | {
        "empty": np.zeros((0, 2)),
        "one": np.array(1.5),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "few": np.arange(10, dtype=np.int32)[::3],
    }
    data = to_npz(nets)
    with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
        assert list(loaded) == list(nets)
        for name, array in nets.items():
            assert loaded[name].dtype == array.dtype
            assert loaded[name].shape == array.shape
            assert loaded[name].tobytes() == array.tobytes()
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_the_same_arrays_are_the_same_bytes():
    one, other = sample().artifacts, sample().artifacts
    assert one == other
    assert one["nets.npz"] != sample(nets=4).artifacts["nets.npz"]


def test_no_reader_has_to_unpickle():
    with pytest.raises(ValueError, match="a must be an array of numbers; got dtype object"):
        to_npz({"a": np.array([{}])})


def test_only_wanted_arrays_are_read_and_all_are_named(tmp_path):
    path = tmp_path / "nets.npz"
    path.write_bytes(to_npz(arrays(3)))
    found, names = read_npz(path, "a run", lambda name: name.startswith("final/"))
    assert set(found) == {name for name in arrays(3) if name.startswith("final/")}
    assert names == list(arrays(3))


def refuse(arrays):
    raise KeyError("seed")


@pytest.mark.parametrize(
    ("change", "how", "said"),
    [
        (lambda data: data[: len(data) // 2], (), "zip"),
        (lambda data: b"", (), "No data left in file"),
        (lambda data: data.replace(b"NUMPY", b"DUMPY"), (), "Bad CRC-32"),
        (lambda data: data, (lambda name: True, refuse), "seed"),
    ],
    ids=["cut", "empty", "noise", "check"],
)
def test_damage_is_one_sentence_that_names_the_file_and_the_run(tmp_path, change, how, said):
    path = tmp_path / "nets.npz"
    path.write_bytes(change(to_npz(arrays(3))))
    with pytest.raises(Damaged, match=rf"^nets.npz of run 7 is damaged \(.*{said}.*\)$"):
        read_npz(path, "run 7", *how)


def test_a_file_that_unpacks_to_more_than_any_run_keeps_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "nets.npz"
    np.savez_compressed(path, seed=np.zeros(2**18))  # 2 MiB
    assert path.stat().st_size < 2**14
    monkeypatch.setattr(npz, "LARGEST", 2**20)
    with pytest.raises(Damaged, match="it unpacks to"):
        read_npz(path, "run 7")
