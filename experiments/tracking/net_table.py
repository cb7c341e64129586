"""The nets of a sweep as one table: a Parquet file, one row a net, written when the sweep ends.

Columns are run_id, the arrays `seed` and final/..., and as lists the points of each net, `epoch`
and curve/... . A run's own file stays the truth: the table has a mark of each file, and is read for
a run only where the mark fits. Weights are not in it.

pyarrow, which takes .2 s to import, is imported where it is used.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.tracking.layout import CURVE, EPOCH, FINAL, SEED
from experiments.tracking.npz import Arrays

RUN_ID = "run_id"  # the first column
META = b"scratchml"  # the key of the file's own account of its runs, as JSON
VERSION = 1
TAIL = 4096  # last bytes of an .npz file: its directory, with a checksum of each array
CURVES = 2**28  # bytes of curves beyond which a table is made without them
MOST = 2**30  # bytes of a table


class Mark(NamedTuple):
    """What tells whether an .npz file is still the one that a table was made from."""

    size: int
    checksum: int


def mark(data: bytes) -> Mark:
    """The Mark of the bytes of an .npz file."""
    return Mark(len(data), zlib.crc32(data[-TAIL:]))


def mark_of(path: Path) -> Mark:
    """The Mark of an .npz file, of which the end is read: its checksums are those of all arrays."""
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        return Mark(size, zlib.crc32(file.read()))


def is_in_table(name: str) -> bool:
    """Whether a table has the array of this name."""
    return name in (SEED, EPOCH) or name.startswith((FINAL, CURVE))


class Part(NamedTuple):
    """What a table takes of one run: the arrays that belong into it, the names of all, the Mark."""

    arrays: Arrays
    names: tuple[str, ...]
    mark: Mark


def part(arrays: Arrays, names: Iterable[str], file: Mark) -> Part:
    """The Part of a run."""
    return Part({n: a for n, a in arrays.items() if is_in_table(n)}, tuple(names), file)


def to_parquet(parts: Mapping[str, Part]) -> bytes | None:
    """The bytes of the table of runs, {run id: Part}; None where it would be larger than MOST.

    It has no curves where they are larger than CURVES.

    Raises:
        ValueError: Arrays of one name have several types.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = dict.fromkeys(name for one in parts.values() for name in one.arrays)
    points = sum(a.nbytes for one in parts.values() for n, a in one.arrays.items() if _is_list(n))
    if points > CURVES:
        names = [name for name in names if not _is_list(name)]
    counts = {run_id: len(one.arrays[SEED]) for run_id, one in parts.items()}
    columns, dims = {RUN_ID: _run_ids(counts)}, {}
    for name in names:
        columns[name], dims[name] = _column(name, parts, counts)
    kinds = list(dict.fromkeys(one.names for one in parts.values()))
    numbers = {names: i for i, names in enumerate(kinds)}
    runs = [[r, counts[r], *one.mark, numbers[one.names]] for r, one in parts.items()]
    account = {"version": VERSION, "dims": dims, "kinds": kinds, "runs": runs}
    table = pa.table(columns).replace_schema_metadata({META: json.dumps(account)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=2**16, use_dictionary=[RUN_ID], compression="snappy")
    data = sink.getvalue().to_pybytes()
    return data if len(data) <= MOST else None


def _is_list(name):
    return name == EPOCH or name.startswith(CURVE)


def _run_ids(counts):
    import pyarrow as pa

    which = np.repeat(np.arange(len(counts), dtype=np.int32), list(counts.values()))
    lengths = np.cumsum([0, *map(len, counts)], dtype=np.int32)
    buffers = [None, pa.py_buffer(lengths), pa.py_buffer("".join(counts).encode())]
    words = pa.Array.from_buffers(pa.string(), len(counts), buffers)
    return pa.DictionaryArray.from_arrays(_array(which), words)


def _column(name, parts, counts):
    """(the column of an array, its number of axes): null in the rows of runs without it."""
    import pyarrow as pa

    there = [(one.arrays.get(name), counts[run_id]) for run_id, one in parts.items()]
    known = [a for a, _ in there if a is not None]
    if len({(a.dtype, a.ndim) for a in known}) > 1:
        raise ValueError(f"{name} has several types")
    missing = np.repeat([a is None for a, _ in there], list(counts.values()))
    if known[0].ndim == 1 and name != EPOCH:
        whole = [np.zeros(n, known[0].dtype) if a is None else a for a, n in there]
        return _array(np.concatenate(whole), missing), 1
    rows = [np.zeros((n, 0), known[0].dtype) if a is None else _rows(name, a, n) for a, n in there]
    lengths = np.repeat([r.shape[1] for r in rows], list(counts.values()))
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = _array(np.concatenate([r.ravel() for r in rows]))
    buffers = [_bits(~missing), pa.py_buffer(starts)]
    kind = pa.large_list(values.type)
    return pa.Array.from_buffers(kind, len(missing), buffers, children=[values]), known[0].ndim


def _rows(name, array, nets):
    """(nets, numbers of a net)."""
    return np.tile(array, (nets, 1)) if name == EPOCH else array.reshape(nets, -1)


def _array(values, missing=None):
    """Numbers or truth values as an array of pyarrow's; `pa.array` would import pandas for it."""
    import pyarrow as pa

    data = _bits(values) if values.dtype == bool else pa.py_buffer(np.ascontiguousarray(values))
    valid = None if missing is None else _bits(~missing)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, data])


def _bits(flags):
    import pyarrow as pa

    return pa.py_buffer(np.packbits(flags, bitorder="little"))
