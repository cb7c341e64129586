"""Reads the table of a sweep, which may come from anybody, within limits."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from experiments.tracking.damage import DAMAGE
from experiments.tracking.errors import Damaged, damaged
from experiments.tracking.layout import CURVE, EPOCH
from experiments.tracking.net_table import META, MOST, RUN_ID, VERSION, Mark, is_in_table
from experiments.tracking.npz import Arrays

ROWS = 2**26  # nets of a table
VALUES = 2**29  # numbers of a column
COLUMNS = 1000
FOOTER = 2**26  # bytes of the file's account of itself
TYPES = ("bool", "int64", "double", "float", "int32", "uint8")


class Place(NamedTuple):
    """Where a run's nets are in the table."""

    first: int
    last: int
    mark: Mark
    names: tuple[str, ...]


class NetTable:
    """The table of a sweep; a column is read when it is asked for.

    Attributes:
        places: {run id: Place}
        columns: {name: type} of the arrays that it has.

    Raises:
        Damaged: The file is none of scratchml's, or is beyond a limit.
    """

    def __init__(self, path: Path, owner: object):
        self.path, self.owner = path, owner
        self._columns = {}  # name -> (values, first value of each row or None, rows without)
        with self._explained():
            self._open()

    def read(self, run_id: str, names: Iterable[str]) -> Arrays:
        """Arrays of a run that are in the table.

        Raises:
            Damaged: The columns do not go together.
        """
        with self._explained():
            return {name: self._array(self.places[run_id], name) for name in names}

    def _explained(self):
        return _Explained(self.path.name, self.owner)

    def _open(self):
        import pyarrow.parquet as pq

        if self.path.stat().st_size > MOST:
            raise ValueError("it is too large")
        limits = {"thrift_string_size_limit": FOOTER, "thrift_container_size_limit": FOOTER // 8}
        self.file = pq.ParquetFile(self.path, **limits)
        meta, schema = self.file.metadata, self.file.schema_arrow
        if meta.num_rows > ROWS or len(schema.names) > COLUMNS:
            raise ValueError(f"it has {meta.num_rows:,} rows and {len(schema.names):,} columns")
        for group in map(meta.row_group, range(meta.num_row_groups)):
            if any(group.column(i).num_values > VALUES for i in range(group.num_columns)):
                raise ValueError("a column has too many values")
        account = json.loads((schema.metadata or {})[META])
        if account["version"] != VERSION:
            raise ValueError(f"it is of version {account['version']!r}")
        self.dims = {str(name): int(n) for name, n in account["dims"].items()}
        self.columns = {n: schema.field(n).type for n in schema.names if n in self.dims}
        if not all(is_in_table(n) and _is_allowed(t) for n, t in self.columns.items()):
            raise ValueError("it has other columns than those of nets")
        kinds = [tuple(map(str, names)) for names in account["kinds"]]
        self.places, first = {}, 0
        for run_id, nets, size, checksum, kind in account["runs"]:
            if not (isinstance(nets, int) and nets > 0 and isinstance(kind, int) and kind >= 0):
                raise ValueError("its account of its runs is wrong")
            self.places[str(run_id)] = Place(first, first + nets, Mark(size, checksum), kinds[kind])
            first += nets
        if first != meta.num_rows or RUN_ID not in schema.names:
            raise ValueError(f"it has {meta.num_rows:,} rows, and {first:,} nets")

    def _array(self, place, name):
        values, starts, missing = self._column(name)
        rows = slice(place.first, place.last)
        if missing[rows].any():
            raise ValueError(f"{name} is missing for some nets")
        if starts is None:
            return values[rows].copy()
        found = values[starts[place.first] : starts[place.last]]
        if name == EPOCH:
            points = found.reshape(place.last - place.first, -1)
            if (points != points[0]).any():
                raise ValueError("nets of a run have several epochs")
            return points[0].copy()
        found = found.reshape(place.last - place.first, -1).copy()
        if self.dims[name] <= 2:
            return found
        times = len(self._array(place, EPOCH)) if name.startswith(CURVE) else found.shape[1]
        return found.reshape(len(found), times, -1)

    def _column(self, name):
        if name not in self._columns:
            import pyarrow as pa

            column = self.file.read(columns=[name]).column(name).combine_chunks()
            missing, starts = column.is_null().to_numpy(zero_copy_only=False), None
            if pa.types.is_large_list(column.type):
                starts, column = column.offsets.to_numpy(), column.values
                if column.null_count:
                    raise ValueError(f"{name} has points without a value")
            values = column.fill_null(pa.scalar(0).cast(column.type))
            self._columns[name] = values.to_numpy(zero_copy_only=False), starts, missing
        return self._columns[name]


class _Explained:
    """Whatever goes wrong inside is `Damaged`."""

    def __init__(self, name, owner):
        self.name, self.owner = name, owner

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if error is None or isinstance(error, Damaged):
            return
        from pyarrow import ArrowException

        if isinstance(error, (*DAMAGE, ArrowException, MemoryError, IndexError)):
            raise damaged(self.name, self.owner, error) from error


def _is_allowed(kind):
    import pyarrow as pa

    inner = kind.value_type if pa.types.is_large_list(kind) else kind
    return str(inner) in TYPES
