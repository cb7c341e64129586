"""Large arrays of calls to processes of this machine: they lie in one file that all of them map.

Otherwise each worker would have a copy of its own of a table of a million rows, one more on its way
through the pipe, and one in each call that waits. The file has no name, so nothing is left of it
when this process is gone, however it ends. Only Linux lets another process open such a file; on
other systems, and where there is no room for the file, arrays are copied.
"""

import io
import os
import pickle
import sys
import tempfile
from typing import Any

import numpy as np

LARGE = 2**24  # bytes of an array that is worth a file


class _Sharing(pickle.Pickler):
    """A pickler that writes large arrays into files, and hands over where they are."""

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is np.ndarray and thing.nbytes >= LARGE and not thing.dtype.hasobject:
            found = _file_of(thing)
            if found is not None:
                return _mapped, (os.getpid(), found.fileno())
        return NotImplemented


_files: dict[int, tuple[np.ndarray, Any]] = {}  # id of an array -> the array, and its file


def dumps(call: Any) -> bytes:
    """A call as bytes for a worker of this machine; it must be made while this process lives."""
    buffer = io.BytesIO()
    _Sharing(buffer, pickle.HIGHEST_PROTOCOL).dump(call)
    return buffer.getvalue()


def forget() -> None:
    """Closes the files; workers that have mapped them keep what they have."""
    for _, file in _files.values():
        file.close()
    _files.clear()


def _file_of(array):
    """The file of an array, which is written once; None where there can be none."""
    if sys.platform != "linux":
        return None
    if id(array) not in _files:
        file = tempfile.TemporaryFile()
        try:
            np.lib.format.write_array(file, array, allow_pickle=False)
            file.flush()
        except OSError:  # the disk is full
            file.close()
            return None
        _files[id(array)] = array, file
    return _files[id(array)][1]


def _mapped(process: int, descriptor: int) -> np.ndarray:
    """The array of a file that another process holds open, read-only."""
    path = f"/proc/{process}/fd/{descriptor}"
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
