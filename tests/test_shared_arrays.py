"""Large arrays of calls are in one file that all workers of this machine map: none is copied."""

import os
import sys

import numpy as np
import pytest

from experiments.executors import sharing
from experiments.executors.process import Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems copy arrays")
LARGE = np.arange(2.0**21)


def echo(array):
    return array


@pytest.fixture(autouse=True)
def forgotten():
    yield
    sharing.forget()


def call(*arrays):
    return echo, arrays, {}


def test_a_large_array_is_mapped_and_written_once():
    first, second = sharing.dumps(call(LARGE, LARGE[:3].copy())), sharing.dumps(call(LARGE))
    assert len(first) < 2000 and len(second) < 2000 and len(sharing._files) == 1
    _, (large, small), _ = sharing.loads(first)
    assert type(large) is np.ndarray and np.array_equal(large, LARGE)
    assert not large.flags.writeable and small.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("view", [LARGE[::-1], LARGE.reshape(2, -1).T, LARGE[:]])
def test_a_view_is_copied(view):
    """It may be made for one call alone."""
    _, (got,), _ = sharing.loads(sharing.dumps(call(view)))
    assert np.array_equal(got, view) and not sharing._files


def test_a_worker_gets_it_and_nothing_is_left_of_the_file():
    worker = Worker()
    assert worker.submit(np.sum, LARGE).result(60) == LARGE.sum()
    assert worker.submit(np.shape, LARGE).result(60) == LARGE.shape
    file = sharing._files[id(LARGE)][1]
    assert os.readlink(f"/proc/self/fd/{file.fileno()}").endswith(" (deleted)")
    worker.shutdown()
    sharing.forget()
    assert file.closed and not sharing._files


class FullDisk:
    def write(self, _):
        raise OSError(28, "No space left on device")

    def close(self):
        pass


@pytest.mark.parametrize("why", ["the disk is full", "another system"])
def test_where_there_can_be_no_file_arrays_are_copied(monkeypatch, why):
    if why == "another system":
        monkeypatch.setattr(sys, "platform", "darwin")
    else:
        monkeypatch.setattr(sharing.tempfile, "TemporaryFile", FullDisk)
    data = sharing.dumps(call(LARGE))
    assert len(data) > LARGE.nbytes and not sharing._files
    assert np.array_equal(sharing.loads(data)[1][0], LARGE)


def test_objects_and_small_arrays_are_pickled_as_ever():
    odd = [np.array([{"a": 1}], dtype=object), np.arange(5), {"x": (1, None)}]
    _, got, _ = sharing.loads(sharing.dumps(call(*odd)))
    assert got[0][0] == {"a": 1} and got[1].tolist() == [0, 1, 2, 3, 4] and got[2] == odd[2]
    assert not sharing._files
