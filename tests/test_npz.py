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
        # The name of its first member seems to have 2,047 bytes, and zipfile quotes them all.
        (lambda data: data[:26] + b"\xff\x07" + data[28:], (), "File name in directory"),
    ],
    ids=["cut", "empty", "noise", "check", "long name"],
)
def test_damage_is_one_sentence_that_names_the_file_and_the_run(tmp_path, change, how, said):
    path = tmp_path / "nets.npz"
    path.write_bytes(change(to_npz(arrays(3))))
    with pytest.raises(Damaged, match=rf"^nets.npz of run 7 is damaged \(.*{said}.*\)$") as refused:
        read_npz(path, "run 7", *how)
    assert len(str(refused.value)) < 300


def test_a_file_that_unpacks_to_more_than_any_run_keeps_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "nets.npz"
    np.savez_compressed(path, seed=np.zeros(2**18))  # 2 MiB
    assert path.stat().st_size < 2**14
    monkeypatch.setattr(npz, "LARGEST", 2**20)
    with pytest.raises(Damaged, match="it unpacks to"):
        read_npz(path, "run 7")


def header(shape, descr="'<f8'", data=b"\0" * 24):
    """An .npz file with one array of that header."""
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        length = len(head).to_bytes(2, "little")
        archive.writestr("seed.npy", b"\x93NUMPY\x01\x00" + length + head + data)
    return file.getvalue()


def with_byte(offset, value):
    """A good file with another byte in the directory of its members."""
    data = bytearray(to_npz(arrays(3)))
    data[data.index(b"PK\x01\x02") + offset] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_byte(8, 1), "encrypted"),
        (with_byte(6, 84), "zip file version 8.4"),
        (header("(True,)"), "an integer is required"),
        (header("(-1,)"), "negative dimensions"),
        (header("(1000000000000,)"), "Unable to allocate"),
        (header("(1000000000000,0)"), "seed is float64 of shape"),
        (header("(1000000000000,)", "'|V0'"), r"seed is \|V0"),
        (header("(3,)", "'<M8[s]'"), "seed is datetime64"),
        (to_npz(arrays(3) | {"final/x": np.zeros(2)}), "several numbers of nets"),
        (to_npz(arrays(3) | {"final/x": np.array(0.0)}), "several numbers of nets"),
        (to_npz(arrays(3) | {"curve/x": np.zeros((3, 7))}), "curve/x has not one value a point"),
        (to_npz(arrays(3) | {"curve/x": np.zeros(3)}), "curve/x has not one value a point"),
        (to_npz(arrays(3) | {"seed": np.zeros((3, 1), int)}), r"seed is int64 of shape \(3, 1\)"),
        (to_npz(arrays(3) | {"final/x": np.array(["a", "b", "c"])}), "final/x is <U1"),
    ],
)
def test_a_hostile_file_is_one_sentence_that_names_the_run(tmp_path, data, said):
    path = tmp_path / "nets.npz"
    path.write_bytes(data)
    with pytest.raises(Damaged, match=rf"^nets.npz of run 7 is damaged \(.*{said}.*\)$"):
        read_npz(path, "run 7")


def test_a_small_file_stands_for_no_large_arrays(tmp_path):
    """Neither packed, nor by members that share their bytes."""
    path = tmp_path / "nets.npz"
    np.savez_compressed(path, seed=np.zeros(2**18))  # 2 MiB
    with pytest.raises(Damaged, match="it unpacks to 2.0 MiB, more than its own size"):
        read_npz(path, "run 7")
    data = to_npz({"seed": np.arange(2**10)})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = b"".join(data[start:end].replace(b"seed", b"s%03d" % i) for i in range(100))
    tail = data[end : end + 8] + (100).to_bytes(2, "little") * 2
    tail += len(directory).to_bytes(4, "little") + data[end + 16 :]
    path.write_bytes(data[:start] + directory + tail)
    with pytest.raises(Damaged, match="more than its own size"):
        read_npz(path, "run 7")
