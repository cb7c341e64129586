"""SQL reads the nets of a sweep, and can do nothing else."""

import json
from contextlib import closing

import numpy as np
import pytest
from support import configurations, stored, stores

from analysis import compare, query, report
from analysis.data import load
from analysis.tables import asked, open_tables
from experiments import as_json

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("query"))
    runs = [configurations.config(lr=lr, activation=a, epochs=40, seeds=5, records=4)
            for lr in (0.1, 30.0) for a in ("tanh", "relu")]  # fmt: skip
    runs.append(configurations.config(model="logistic", width=None, depth=None, activation=None,
                                      lr=0.1, epochs=40, seeds=5, records=4))  # fmt: skip
    stored.sweep(uri, "scratchml", runs)
    return uri


@pytest.fixture(scope="module")
def data(uri):
    return load("scratchml", uri)


def answer(data, sql):
    with closing(open_tables(data, sql)) as connection:
        return asked(connection, sql)


def test_a_mean_of_groups_is_that_of_the_frame(data):
    columns, rows = answer(data, "SELECT activation, avg(solved), count(*) FROM nets GROUP BY 1")
    assert columns == ["activation", "avg(solved)", "count(*)"]
    wanted = data.nets.fillna({"activation": "-"}).groupby("activation").solved.mean()
    assert {row[0] or "-": row[1] for row in rows} == pytest.approx(wanted.to_dict())
    assert [row[2] for row in rows] == [5, 10, 10]


def test_median_quantile_and_deviation_are_those_of_numpy(data):
    sql = 'SELECT median("train/loss"), quantile("train/loss", 0.9), stddev("train/loss") FROM nets'
    losses = data.nets["train/loss"]
    wanted = [losses.median(), losses.quantile(0.9), losses.std()]
    assert answer(data, sql)[1][0] == pytest.approx(wanted, rel=1e-12)


def test_runs_and_curves_are_tables_too(data):
    sql = "SELECT count(*) FROM curves JOIN runs USING (run_id) WHERE runs.activation = 'tanh'"
    assert answer(data, sql)[1] == [(10 * 4,)]
    columns = answer(data, "SELECT * FROM nets")[0]
    assert columns == [*data.nets]


def test_a_value_that_is_missing_is_null(data):
    sql = "SELECT sum(epochs_to_solve IS NULL), count(*) FROM nets WHERE activation IS NULL"
    missing = data.nets[data.nets.activation.isna()].epochs_to_solve.isna().sum()
    assert answer(data, sql)[1] == [(missing, 5)]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM nets",
        "UPDATE nets SET lr = 1",
        "INSERT INTO nets (lr) VALUES (1)",
        "DROP TABLE nets",
        "CREATE TABLE nets2 AS SELECT * FROM nets",
        "ATTACH DATABASE 'other.db' AS other",
        "VACUUM INTO 'other.db'",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_table_info('nets')",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "BEGIN",
        "SELECT 1; DELETE FROM nets",
        "nonsense",
        "",
    ],
)
def test_all_else_than_reading_is_refused(data, sql):
    with closing(open_tables(data, f"{sql} nets")) as connection:
        before = connection.execute("SELECT count(*), sum(lr) FROM nets").fetchall()
        with pytest.raises(ValueError):
            asked(connection, sql)
        assert connection.execute("SELECT count(*), sum(lr) FROM nets").fetchall() == before


@pytest.mark.parametrize("sql", [
    'SELECT avg("trian/loss") FROM nets', "SELECT widht FROM nets", "SELECT 1 FROM net",
])  # fmt: skip
def test_a_name_that_is_not_there_is_refused_with_those_that_are(data, sql):
    """SQLite would take "trian/loss" for a text, whose mean is 0."""
    with pytest.raises(LookupError, match="nets"):
        answer(data, sql)
    assert answer(data, 'SELECT lr AS "a lr" FROM nets WHERE activation = \'"x"\'')[1] == []


def test_ctrl_c_is_heard_in_a_query_without_end(data, monkeypatch):
    import signal

    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises((KeyboardInterrupt, ValueError)):
            answer(data, endless)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- commands -------------------------------------------------------------------------------------


def test_the_command_prints_a_table_or_json(uri, capsys):
    sql = "SELECT lr, count(*) AS nets FROM nets GROUP BY lr"
    assert query.main([sql, "--uri", uri]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()] == [
        ["lr", "nets"], ["0.1", "15"], ["30", "10"]
    ]  # fmt: skip
    assert query.main([sql, "scratchml", "--uri", uri, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"lr": 0.1, "nets": 15}, {"lr": 30, "nets": 10}]
    with pytest.raises(SystemExit):
        query.main(["DELETE FROM nets", "--uri", uri])
    assert "a query can only read, with SELECT" in capsys.readouterr().err


def test_compare_says_its_numbers_as_json(uri, tmp_path, capsys):
    out = ["scratchml", "--uri", uri, "--out", str(tmp_path / "x.png"), "--json"]
    assert compare.main([*out, "--x", "lr", "--y", "solved"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [row["nets"] for row in said["rows"]] == [15, 10] and len(said["files"]) == 3
    out += ["--where", "model=mlp"]
    assert compare.main([*out, "--importance", "--y", "train/loss"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert sum(row["share"] for row in said["rows"]) == pytest.approx(1)
    assert said["sentence"].startswith(said["rows"][0]["effect"])


def test_the_report_says_its_claims_as_json(uri, capsys):
    assert report.main(["xor", "--check", "--uri", uri, "--json"]) == 1
    [lesson] = json.loads(capsys.readouterr().out)["lessons"]
    assert lesson["lesson"] == "xor" and lesson["claims"] == [] and "scratchml" in lesson["problem"]


def test_json_has_null_for_what_it_lacks():
    values = {"a": np.float64("nan"), "b": (np.inf, 1), 3: np.arange(2), "c": {"d": True}}
    assert json.loads(as_json.text(values)) == {
        "a": None, "b": [None, 1], "3": [0, 1], "c": {"d": True}
    }  # fmt: skip
