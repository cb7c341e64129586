"""Large arrays of calls to processes of this machine: they lie in one file that all of them map.

Otherwise each worker would have a copy of its own of a table of a million rows, one more on its way
through the pipe, and one in each call that waits. The file has no name, so nothing is left of it
when this process is gone, however it ends. Only Linux lets another process open such a file; on
other systems, and where there is no room for the file, arrays are copied.

Arrays are buffers that pickle hands out (PEP 574), whoever has made them.
"""

import mmap
import os
import pickle
import sys
import tempfile
from typing import Any

LARGE = 2**24  # bytes of a buffer that is worth a file

_files: dict[int, tuple[Any, Any]] = {}  # id of what has a buffer -> itself, and its file


def dumps(call: Any) -> bytes:
    """A call as bytes for a worker of this machine; it must be made while this process lives."""
    places = []

    def stays_inside(buffer):
        file = _file_of(buffer)
        if file is not None:
            places.append((file.fileno(), buffer.raw().nbytes))
        return file is None

    data = pickle.dumps(call, 5, buffer_callback=stays_inside)
    return pickle.dumps((data, os.getpid(), places)) if places else data


def loads(data: bytes) -> Any:
    """The call of `dumps`; its large arrays are read-only."""
    call = pickle.loads(data)
    if len(call) == 3 and isinstance(call[0], bytes):
        data, process, places = call
        call = pickle.loads(data, buffers=[_mapped(process, *place) for place in places])
    return call


def forget() -> None:
    """Closes the files; workers that have mapped them keep what they have."""
    for _, file in _files.values():
        file.close()
    _files.clear()


def _file_of(buffer):
    """The file of a large buffer, which is written once; None where there can be none."""
    raw = buffer.raw()
    owner = memoryview(buffer).obj
    # A view may be made for this call alone, and its file would be written for every call.
    if sys.platform != "linux" or raw.nbytes < LARGE or getattr(owner, "base", None) is not None:
        return None
    if id(owner) not in _files:
        file = tempfile.TemporaryFile()
        try:
            file.write(raw)
            file.flush()
        except OSError:  # the disk is full
            file.close()
            return None
        _files[id(owner)] = owner, file
    return _files[id(owner)][1]


def _mapped(process, descriptor, size):
    """A file that another process holds open, as a buffer that cannot be written to."""
    own = os.open(f"/proc/{process}/fd/{descriptor}", os.O_RDONLY)
    try:
        return mmap.mmap(own, size, access=mmap.ACCESS_READ)
    finally:
        os.close(own)
