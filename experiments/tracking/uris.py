"""Addresses of stores: which ones are allowed, and the file that an address of SQLite means.

The one home of both ways between a file and its address. In an address `%25` stands for `%` and
`%3F` for `?`, as SQLAlchemy 2.1 reads it, and with it MLflow's client and MLflow's server. So the
address of a file is not its path with `sqlite:///` before it.
"""

import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from experiments.tracking.errors import StoreError
from experiments.tracking.text import without_passwords

DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
SERVERS = ("http", "https", "databricks")
EXAMPLES = "sqlite:///mlflow.db or http://localhost:5000"
PORTS = range(1, 2**16)


def scheme(uri: str) -> str:
    """The kind of a store: one of DATABASES or SERVERS.

    Raises:
        StoreError: The address is of no such kind, or nothing can have this address.
    """
    found = uri.partition(":")[0].partition("+")[0]
    if found not in (*DATABASES, *SERVERS):
        raise StoreError(
            f"the URI of a store must start with one of {[*DATABASES, *SERVERS]}, as in "
            f"{EXAMPLES}; got {_without_login(uri)!r}"
        )
    if found in DATABASES:
        _url(uri)
    elif found != "databricks":
        _check_server(uri)
    return found


def sqlite_file(uri: str) -> Path | None:
    """The file of an SQLite database; None for other databases.

    Raises:
        StoreError: The address names no file, or no database can have this address.
    """
    url = _url(uri)
    return Path(url.database) if url.get_backend_name() == "sqlite" else None


def sqlite_uri(path: Path) -> str:
    """The address of an SQLite file, by its absolute path.

    Where an address differs from the path, it names SQLAlchemy's driver: otherwise MLflow's client
    would take the address for a path and make its folder.

    Raises:
        StoreError: The name of the file has no address.
    """
    name = str(path.absolute())
    escaped = name.replace("%", "%25").replace("?", "%3F")
    for uri in (f"sqlite:///{name}", f"sqlite+pysqlite:///{escaped}"):
        if _is_text(name) and sa.make_url(uri).database == name:
            return uri
    raise StoreError(
        f"a store cannot lie at {name!r}: MLflow cannot name this file; choose another folder"
    )


def absolute(uri: str) -> str:
    """`uri` with the absolute path of its SQLite file; of another database, `uri` itself."""
    path = sqlite_file(uri)
    return uri if path is None else sqlite_uri(path)


def shown(uri: str) -> str:
    """The store as a user may see it: the path of an SQLite file, or a URI without its password."""
    if uri.startswith("sqlite"):
        with suppress(ValueError, sa.exc.ArgumentError):
            return sa.make_url(uri).database or uri
    return without_passwords(uri)


def _url(uri):
    """The parts of a database's address, which have been checked."""
    try:
        url = sa.make_url(uri)
    except (ValueError, sa.exc.ArgumentError):  # SQLAlchemy's own words may hold the password
        raise _refused(uri, "cannot be read") from None
    if url.port is not None and url.port not in PORTS:
        raise _refused(uri, "cannot be read")
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database == ":memory:" or url.host or "uri" in url.query:
        raise StoreError(
            f"a store in SQLite must name a file, as in sqlite:///mlflow.db; got {uri!r}"
        )
    if "\0" in url.database:
        raise _refused(uri, "names no file")
    path = Path(url.database)
    if url.database.endswith("/") or (path.exists() and not path.is_file()):
        raise StoreError(
            "a store in SQLite must name a file, as in sqlite:///mlflow.db; "
            f"{url.database} is a folder or a device"
        )
    return url


def _check_server(uri):
    try:
        parts = urlsplit(uri)
        plain = parts.hostname and parts.port != 0 and uri.isascii() and uri.isprintable()
    except ValueError:  # a port or a host that there cannot be
        plain = False
    if not plain or " " in uri:
        raise _refused(uri, "cannot be read")


def _refused(uri, what):
    return StoreError(
        f"the URI of a store {what}: its port must be a number from 1 to 65535, and the signs "
        f"/ ? @ : % of a name or a password must be written as %2F %3F %40 %3A %25; "
        f"got {_without_login(uri)!r}"
    )


def _without_login(uri):
    """An address that cannot be read: all that may be a password in it is left out."""
    return re.sub(r"^([^:/]*:/*).*@", r"\1", without_passwords(uri), flags=re.DOTALL)


def _is_text(name):
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return False
    return True
