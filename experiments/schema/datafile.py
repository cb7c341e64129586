"""A file of data as a table: CSV, TSV, Parquet, Feather, npz or JSON lines, packed or not.

A file is read only, and only if it is on this machine. No reader here runs code that a file brings.
"""

import bz2
import gzip
import json
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.errors import ConfigError

if TYPE_CHECKING:
    from pandas import DataFrame

LONGEST_LINE = 2**20  # characters of the first line, by which a separator is found
SEPARATORS = ",;\t|"  # the first is that of a file of one column
PACKED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}  # for text and JSON lines


def read(path: str) -> "DataFrame":
    """The table of a file; the ending of its name says how to read it.

    Raises:
        ConfigError: There is no such file, or it is not a table; one sentence that names the file.
    """
    file = Path(path)
    kind = next((end for end in reversed(file.suffixes) if end not in PACKED), "").lower()
    if "://" in path or kind not in READERS:
        endings = ", ".join(READERS)
        raise ConfigError(f"path must be a file on this machine that ends in {endings}; got {path}")
    if not file.is_file():
        raise ConfigError(f"path={path}: there is no such file in {Path.cwd()}")
    try:
        table = READERS[kind](file)
    except BROKEN as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConfigError(f"{path} cannot be read as {kind}: {said}") from error
    table.columns = [str(name).strip() for name in table.columns]
    if not len(table):
        raise ConfigError(f"{path} has no rows")
    if not table.columns.is_unique:
        twice = sorted(set(table.columns[table.columns.duplicated()]))
        raise ConfigError(f"{path} has columns of the same name: {', '.join(twice)}")
    return table


def _opened(file):
    return PACKED.get(file.suffix.lower(), open)(file, "rt", encoding="utf-8-sig")


def _separated(file: Path) -> "DataFrame":
    """A table of text, whose separator is the one that splits its first line most often."""
    with _opened(file) as text:
        names = text.readline(LONGEST_LINE)
    unquoted = "".join(names.split('"')[::2])
    return _text(file, max(SEPARATORS, key=unquoted.count))


def _tabs(file):
    return _text(file, "\t")


def _text(file, separator):
    import pandas as pd

    with _opened(file) as text, warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # a row longer than the first
        return pd.read_csv(text, sep=separator, skipinitialspace=True, index_col=False)


def _json_lines(file):
    """A table with a JSON object in each line."""
    import pandas as pd

    with _opened(file) as text:
        rows = [json.loads(line) for line in text if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a line is no object, {...}")
    return pd.DataFrame(rows)


def _parquet(file):
    import pandas as pd

    return pd.read_parquet(file).reset_index(drop=True)


def _feather(file):
    """A table whose arrays are checked: Arrow maps them as they are, and would read anywhere."""
    import pandas as pd
    from pyarrow import feather

    feather.read_table(file, memory_map=False).validate(full=True)
    return pd.read_feather(file)


def _npz(file):
    """The arrays of one archive: one of N numbers is a column, one of (N, D) is D columns."""
    import pandas as pd

    columns = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name, array in arrays.items():
            if array.ndim == 1:
                columns[name] = array
            elif array.ndim == 2:
                columns |= {f"{name}{i}": column for i, column in enumerate(array.T)}
            else:
                raise ValueError(f"array {name} has {array.ndim} axes, not one or two")
    return pd.DataFrame(columns)


# What readers raise for files that are cut, are of another kind, are encrypted, are nested without
# end, or ask for more memory than there is. A RecursionError is a RuntimeError.
BROKEN = (OSError, EOFError, ValueError, TypeError, LookupError, Warning, lzma.LZMAError)
BROKEN += (zipfile.BadZipFile, zlib.error, RuntimeError, MemoryError, OverflowError)
READERS: dict[str, Callable[[Path], "DataFrame"]] = {
    ".csv": _separated,
    ".tsv": _tabs,
    ".parquet": _parquet,
    ".feather": _feather,
    ".jsonl": _json_lines,
    ".npz": _npz,
}
