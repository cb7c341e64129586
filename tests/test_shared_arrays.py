"""Large arrays of calls are in one file that all workers of this machine map: none is copied."""

import os
import pickle
import sys

import numpy as np
import pytest

from experiments.executors import sharing
from experiments.executors.process import Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems copy arrays")
LARGE = np.arange(2**21, dtype=float).reshape(2, -1)


@pytest.fixture(autouse=True)
def forgotten():
    yield
    sharing.forget()


def test_a_large_array_is_mapped_and_written_once():
    call = {"X": LARGE, "y": LARGE[:, :3].copy(), "T": LARGE.T}
    first, second = sharing.dumps(call), sharing.dumps([LARGE])
    assert len(first) < 2000 and len(second) < 500 and len(sharing._files) == 2
    got = pickle.loads(first)
    assert type(got["X"]) is np.ndarray and not got["X"].flags.writeable
    assert got["y"].flags.writeable
    for name, array in call.items():
        assert np.array_equal(got[name], array) and got[name].flags.c_contiguous == (
            array.flags.c_contiguous
        )


def test_a_worker_gets_it_and_nothing_is_left_of_the_file():
    before = os.listdir("/proc/self/fd")
    worker = Worker()
    assert worker.submit(np.sum, LARGE).result(60) == LARGE.sum()
    assert (
        worker.submit(
            np.shape,
            LARGE,
        ).result(60)
        == LARGE.shape
    )
    file = sharing._files[id(LARGE)][1]
    assert os.readlink(f"/proc/self/fd/{file.fileno()}").endswith(" (deleted)")
    worker.shutdown()
    sharing.forget()
    assert file.closed and len(os.listdir("/proc/self/fd")) <= len(before) + 2


def full_disk(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("why", ["the disk is full", "another system"])
def test_where_there_can_be_no_file_arrays_are_copied(monkeypatch, why):
    if why == "another system":
        monkeypatch.setattr(sys, "platform", "darwin")
    else:
        monkeypatch.setattr(np.lib.format, "write_array", full_disk)
    data = sharing.dumps(LARGE)
    assert len(data) > LARGE.nbytes and np.array_equal(pickle.loads(data), LARGE)
    assert not sharing._files


def test_objects_and_small_arrays_are_pickled_as_ever():
    odd = [np.array([{"a": 1}], dtype=object), np.arange(5), {"x": (1, None)}]
    got = pickle.loads(sharing.dumps(odd))
    assert got[0][0] == {"a": 1} and got[1].tolist() == [0, 1, 2, 3, 4] and got[2] == odd[2]
    assert not sharing._files
