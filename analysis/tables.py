"""The frames of a sweep as tables of SQLite, in memory, from which SQL can only read."""

import re
import sqlite3

import numpy as np

from analysis.values import is_missing

TABLES = ("nets", "runs", "curves")
LONGEST = 10**7  # bytes of a value
EVERY = 100_000  # steps of SQLite's machine between two moments at which Ctrl-C is heard
READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def open_tables(data, sql):
    """A connection to a database in memory with the tables of a `Data` that a query names.

    All that it takes afterwards is SELECT: no file is opened, nothing is attached or changed.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    named = {*TABLES} if "sqlite_schema" in words else words
    for table in TABLES:
        if table in named:
            _fill(connection, table, getattr(data, table))
    for name, arguments, kind in (
        ("median", 1, Median),
        ("quantile", 2, Quantile),
        ("stddev", 1, Std),
    ):
        connection.create_aggregate(name, arguments, kind)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.set_progress_handler(lambda: 0, EVERY)
    connection.set_authorizer(_only_reads)
    return connection


def asked(connection, sql):
    """(names of the columns, rows) of one statement.

    Raises:
        LookupError: It names a column that is not there.
        ValueError: It is no SQL, more than one statement, or does more than to read.
    """
    _check_names(connection, sql)
    try:
        cursor = connection.execute(sql)
        rows = cursor.fetchall()
    except sqlite3.DatabaseError as error:
        if "not authorized" in str(error) or "prohibited" in str(error):
            raise ValueError(f"a query can only read, with SELECT ({error})") from None
        if "no such column" in str(error) or "no such table" in str(error):
            raise LookupError(f"{error}; there are {_described(connection)}") from None
        raise ValueError(f"{error}") from None
    except (sqlite3.Warning, sqlite3.ProgrammingError) as error:
        raise ValueError(str(error)) from None
    if cursor.description is None:
        raise ValueError("a query has to begin with SELECT")
    return [column[0] for column in cursor.description], rows


def _only_reads(action, *_):
    return sqlite3.SQLITE_OK if action in READS else sqlite3.SQLITE_DENY


def _check_names(connection, sql):
    """Raises LookupError for "a name" that is no column: SQLite would take it for a text."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", sql)
    given = {name.replace('""', '"') for name in re.findall(r'(?i)\bas\s+"((?:[^"]|"")*)"', bare)}
    known = {c.lower() for _, columns in _columns(connection) for c in columns} | {*TABLES}
    for name in re.findall(r'"((?:[^"]|"")*)"', bare):
        if name.replace('""', '"').lower() not in known and name not in given:
            raise LookupError(f"no column {name!r}; there are {_described(connection)}")


def _columns(connection):
    tables = connection.execute("SELECT name FROM sqlite_schema").fetchall()
    for (table,) in tables:
        cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")
        yield table, [column[0] for column in cursor.description]


def _described(connection):
    return "; ".join(f"{table}: {columns}" for table, columns in _columns(connection)) or (
        f"the tables {list(TABLES)}"
    )


def _fill(connection, table, frame):
    columns = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in frame)
    connection.execute(f"CREATE TABLE {table} ({columns})")
    marks = ", ".join("?" * len(frame.columns))
    rows = zip(*(_cells(frame[name]) for name in frame), strict=True)
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.execute("COMMIT")


def _cells(column):
    """The values of a column as SQLite has them: a missing one is NULL, a list its text."""
    if column.dtype.kind in "biu":
        return column.tolist()
    if column.dtype.kind == "f":
        return [None if v != v else v for v in column.tolist()]
    return [_cell(value) for value in column.tolist()]


def _cell(value):
    if is_missing(value) or isinstance(value, int | float | str):
        return None if is_missing(value) else value
    return str(value)


class Quantile:
    """quantile(x, q): as NumPy's, interpolated linearly, of the values that are not NULL."""

    def __init__(self):
        self.values, self.level = [], 0.5

    def step(self, value, level=0.5):
        if isinstance(value, int | float):
            self.values.append(value)
        self.level = level

    def finalize(self):
        return float(np.quantile(self.values, self.level)) if self.values else None


class Median(Quantile):
    """median(x)."""


class Std(Quantile):
    """stddev(x): of a sample, with n - 1."""

    def finalize(self):
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else None
