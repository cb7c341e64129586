"""MLflow's tables in a new SQLite file, from `sqlite_schema.sql`, without `import mlflow`.

MLflow makes an empty store by all of its migrations, which takes 2.5 to 5 s. The SQL file is the
schema that they end with, and running it takes 0.1 s. Each version of MLflow has its own schema, so
the file is used only where `is_for_installed_mlflow()`. A test compares it with the database that
MLflow makes. After an update of MLflow, write the file again:

    python -m experiments.tracking.sqlite_schema
"""

import importlib.util
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

SCHEMA = Path(__file__).with_suffix(".sql")
HEAD = """\
-- The tables of MLflow's store in SQLite, at revision {revision} of its schema.
-- Written by `python -m experiments.tracking.sqlite_schema` from a database that MLflow (Apache
-- License 2.0) has made.
"""

REVISION = r"^revision(?:: str)? *= *[\"'](\w+)"  # of a migration, in its text

# An artifact root to which MLflow appends an experiment's number and changes nothing else.
PLAIN_ROOT = re.compile(r"(?:\w[\w+.-]*://[^/?#;]*)?/(?:[^?#;]*[^/?#;])?")

CHECK = re.compile(r" *(CONSTRAINT \w+ )?CHECK\b")  # a constraint whose place has no meaning


def revision() -> str:
    """The revision of MLflow's schema that the SQL file holds."""
    return re.search(r"at revision (\w+)", SCHEMA.read_text(encoding="utf-8"))[1]


def is_for_installed_mlflow() -> bool:
    """Whether the installed MLflow expects the schema of the SQL file."""
    return installed_heads() == {revision()}


def tables() -> set[str]:
    """The names of the tables that the SQL file makes."""
    return set(re.findall(r"^CREATE TABLE (\w+)", SCHEMA.read_text(encoding="utf-8"), re.MULTILINE))


def installed_heads() -> set[str]:
    """The newest revisions among the migrations of the installed MLflow, of which there is one."""
    revisions, replaced = set(), set()
    for text in _migrations():
        revisions |= set(re.findall(REVISION, text, re.MULTILINE))
        for names in re.findall(r"^down_revision\b[^=]*=(.*)", text, re.MULTILINE):
            replaced |= set(re.findall(r"[\"'](\w+)[\"']", names))
    return revisions - replaced


def installed_migrations() -> dict[str, str]:
    """{revision: the day of it} of all schemas that the installed MLflow knows."""
    return {
        revision: (re.findall(r"^Create Date: ([\d-]{10})", text, re.MULTILINE) or ["some day"])[0]
        for text in _migrations()
        for revision in re.findall(REVISION, text, re.MULTILINE)
    }


def _migrations():
    """The migrations of the installed MLflow, as texts: importing MLflow takes two seconds."""
    mlflow = importlib.util.find_spec("mlflow")
    if mlflow is not None and mlflow.origin is not None:
        folder = Path(mlflow.origin).parent / "store" / "db_migrations" / "versions"
        for path in folder.glob("*.py"):
            yield path.read_text(encoding="utf-8")


def make(path: Path, artifacts: str, now_ms: int, page_size: int) -> None:
    """Writes a store without runs into a new SQLite file.

    Args:
        path: the file, which must not exist.
        artifacts: URI below which experiments keep their files; it must match PLAIN_ROOT.
        now_ms: when experiment 0 is said to be made, in milliseconds since 1970.
        page_size: of the file, in bytes.
    """
    default = (0, "Default", f"{artifacts.rstrip('/')}/0", "active", now_ms, now_ms)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.executescript(f"BEGIN;\n{SCHEMA.read_text(encoding='utf-8')}")
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, "
            "creation_time, last_update_time) VALUES (?, ?, ?, ?, ?, ?)",
            default,
        )
        connection.execute("COMMIT")


# --- writing the SQL file -------------------------------------------------------------------------


def script(path: Path) -> str:
    """The text of the SQL file, from a database that MLflow has made and nobody has used."""
    with closing(sqlite3.connect(path)) as connection:
        (number,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        made = connection.execute(  # sorted, because MLflow's order of indexes changes
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
            "ORDER BY type = 'trigger', type = 'index', name"
        )
        statements = [tidy(sql) for (sql,) in made]
        rows = [line for line in connection.iterdump() if _is_row(line)]
    return "\n".join([HEAD.format(revision=number), *statements, "", *sorted(rows), ""])


def _is_row(line):
    """Whether a line of a dump inserts a row that every new store has. `make` adds experiment 0."""
    return line.startswith("INSERT INTO") and not line.startswith('INSERT INTO "experiments"')


def tidy(sql: str) -> str:
    """A statement as in the SQL file: a table has one column or constraint on each line."""
    sql = re.sub(r"[ \t]+$", "", sql, flags=re.MULTILINE).replace("\t", "    ")
    if not sql.startswith("CREATE TABLE"):
        return f"{sql};"
    head, body = sql.split("(", 1)
    parts = [f"    {' '.join(part.split())}" for part in _parts(body.rpartition(")")[0])]
    checks = sorted(part for part in parts if CHECK.match(part))  # MLflow's order changes
    parts = [part for part in parts if part not in checks] + checks
    return "\n".join([f"{head.strip()} (", ",\n".join(parts), ");\n"])


def _parts(text):
    """Splits at the commas that are in no parentheses and in no quotes."""
    depth, quoted, part = 0, False, ""
    for letter in text:
        quoted ^= letter == "'"
        if not quoted:
            depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth and not quoted:
            yield part
            part = ""
        else:
            part += letter
    yield part


def main():
    """Writes the SQL file anew with the installed MLflow."""
    from experiments.tracking.client import import_mlflow

    import_mlflow()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mlflow.db")
        SqlAlchemyStore(f"sqlite:///{path}", "file:///nowhere").engine.dispose()
        SCHEMA.write_text(script(path), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
