"""MLflow's pages open on the store: reachable from this machine only, light, and gone after."""

import base64
import http.server
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from support.processes import wait_for
from support.stores import empty_store, sample
from test_store import reader, seen

from experiments import ui
from experiments.tracking import copies, database, pages, server, tables
from experiments.tracking.client import import_mlflow
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import END_METRICS
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store
from experiments.tracking.uris import shown

ROOT = Path(__file__).parents[1]


def get(address):
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read()


def processes(group):
    """{pid: resident bytes} of a process group, those that have ended aside."""
    found = {}
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found[int(folder.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """URI of a store with two sweeps of an experiment, and the runs of the newer one."""
    folder = tmp_path_factory.mktemp("ui") / "a%25b #?'"  # the server has to read the address, too
    folder.mkdir()
    uri = empty_store(tmp_path_factory, folder)
    with open_store(uri, "xor") as store:
        old = store.write(RunRecord("sweep of 1", tags={"scratchml.kind": "sweep"}, start_ms=1))
        store.write(sample(lr=9), old)
        kind = {"scratchml.kind": "sweep"}
        new = store.write(RunRecord("sweep of 2: lr", tags=kind, start_ms=2))
        first, second = sample(lr=1), sample(lr=2)
        best = replace(second, metrics=[("train/loss", 0.001, 0)])
        better_but_failed = replace(first, metrics=[("train/loss", 0.0, 0)], status="FAILED")
        ids = store.write_many([first, best, better_but_failed], new)
    return uri, new, ids


@pytest.fixture(scope="module")
def served(filled):
    with server.server(filled[0]) as (process, base):
        yield process, base


def test_the_server_is_two_processes_on_loopback_only(served):
    process, base = served
    port = urlsplit(base).port
    listening = {
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    }
    assert listening == {f"0100007F:{port:04X}"}
    group = processes(process.pid)
    assert len(group) == 2
    assert sum(group.values()) < 1e9


def saved_view(uri):
    """What the view of the newest sweep shows, as MLflow's pages read it: a tag in a tag."""
    kept = json.loads(reader(uri).get_experiment("1").tags["mlflow.sharedViewState.sweep"])
    assert kept["name"] == "newest sweep" and isinstance(kept["createdAt"], int)
    return json.loads(kept["state"])


def test_links_lead_to_the_newest_sweep_with_the_best_run_first(served, filled):
    _, base = served
    _, sweep, (_, best, _) = filled
    found = dict(pages.links(base))
    assert list(found)[-2:] == ["all experiments", "the newest sweep, xor: sweep of 2: lr"]
    *_, of_sweep = found.values()
    page = urlsplit(urlsplit(of_sweep).fragment)
    assert page.path == "/experiments/1/runs"
    assert parse_qs(page.query)["viewStateShareKey"] == ["sweep"]
    shown = saved_view(filled[0])
    assert shown["searchFilter"] == f"tags.`mlflow.parentRunId` = '{sweep}'"
    order = f"{shown['orderByKey']} {'ASC' if shown['orderByAsc'] else 'DESC'}"
    query = {"filter": shown["searchFilter"], "order_by": [order]}
    runs = pages._ask(base, "runs/search", experiment_ids=["1"], **query)["runs"]
    assert [run["info"]["run_id"] for run in runs][1] == best  # the server understands both


def test_a_view_has_columns_for_what_was_varied_and_nothing_else():
    params = [{"key": "lr", "value": "0.1, 1"}, {"key": "epochs", "value": "300"}]
    shown = pages.view({"info": {"run_id": "abc"}, "data": {"params": params}})
    metrics = [f"metrics.`{key}`" for key in END_METRICS]
    assert shown["selectedColumns"] == [
        "params.`lr`",
        *metrics,
    ]  # what was varied, then how it went
    assert pages.view({"info": {"run_id": "abc"}, "data": {}})["selectedColumns"]


@pytest.mark.parametrize(
    ("named", "order"),
    [
        ("solved", ("metrics.`solved`", False)),
        ("epochs_to_solve", ("metrics.`epochs_to_solve`", True)),
        ("1` OR `1", ("metrics.`train/loss`", True)),
    ],
)
def test_a_view_is_in_the_order_that_its_sweep_names(named, order):
    tags = [{"key": "scratchml.ranked_by", "value": named}]
    shown = pages.view({"info": {"run_id": "abc"}, "data": {"tags": tags}})
    assert (shown["orderByKey"], shown["orderByAsc"]) == order


def test_where_views_cannot_be_kept_the_address_says_what_to_show(monkeypatch):
    def refused(*_, **__):
        raise urllib.error.HTTPError("", 403, "Forbidden", None, None)

    monkeypatch.setattr(pages, "_ask", refused)
    query = parse_qs(pages._share("http://x", None, "1", {"info": {"run_id": "abc"}, "data": {}}))
    assert query == {
        "searchFilter": ["tags.`mlflow.parentRunId` = 'abc'"],
        "orderByKey": ["metrics.`train/loss`"],
        "orderByAsc": ["true"],
    }


def test_sqlite_knows_how_many_runs_there_are_when_it_is_asked_to_sort_them(filled):
    database.analyze(filled[0])
    with closing(sqlite3.connect(database.sqlite_file(filled[0]))) as connection:
        counted = dict(connection.execute("SELECT tbl, stat FROM sqlite_stat1 WHERE tbl = 'runs'"))
        (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    assert counted["runs"].split()[0] == str(runs)


def test_a_database_that_is_locked_is_not_counted_and_not_waited_for_long(filled):
    with closing(sqlite3.connect(database.sqlite_file(filled[0]))) as connection:
        connection.execute("BEGIN IMMEDIATE")
        database.analyze(filled[0])


def test_the_report_that_was_made_last_is_linked(served, filled):
    report = RunRecord("report", tags={"scratchml.kind": "report"}, start_ms=1, end_ms=3)
    with open_store(filled[0], "reports") as store:
        older, _ = store.write_many([report, replace(report, start_ms=2)])
        store.finish(older, end_ms=4)  # as it is when the same is made again
    address = f"/experiments/2/runs/{older}/artifacts/index.html?"
    assert address in dict(pages.links(served[1]))["the report"]


def test_all_asks_for_the_newest_sweep_of_every_experiment(served, filled, capsys):
    with open_store(filled[0], "and") as store:
        store.write(RunRecord("sweep of 3: width", tags={"scratchml.kind": "sweep"}, start_ms=1))
    few, every = ([*pages.links(served[1], every=every)] for every in (False, True))
    assert every[: len(few)] == few and few[-1][0] == "the newest sweep, xor: sweep of 2: lr"
    assert [title for title, _ in every[len(few) :]] == ["and: sweep of 3: width"]
    ui._show(served[1], None, browser=False, every=True)
    assert "and: sweep of 3: width" in capsys.readouterr().out


def test_files_written_as_rows_are_shown_by_the_server(served, filled):
    _, base = served
    address = f"{base}/get-artifact?path=nets.csv&run_uuid={filled[2][0]}"
    assert get(address) == sample(lr=1).artifacts["nets.csv"]


def test_a_run_written_through_the_server_is_as_one_written_as_rows(served, filled):
    told = []
    for uri, experiment in ((filled[0], "rows"), (served[1], "requests")):
        with open_store(uri, experiment) as store:
            assert store.writes_rows == uri.startswith("sqlite")
            run_id = store.write(sample())
            assert store.finished([sample().fingerprint]) == {sample().fingerprint: run_id}
            told.append(seen(store, run_id))
    for one in told:
        del one["info"]["experiment_id"]
    assert told[0] == told[1]


def test_a_run_through_the_server_can_be_watched(served):
    with open_store(served[1], "watched") as store:
        run_id = store.start(replace(sample(), metrics=[], artifacts={}))
        store.update(run_id, [("train/loss", 0.5, 0)])
        assert store.metrics(run_id) == {"train/loss": 0.5}
        assert store.mark_dead() == []
        store.finish(run_id, record=sample())
        assert store.metrics(run_id) == sample().summary()
        assert reader(served[1]).get_run(run_id).info.status == "FINISHED"


def test_the_server_takes_a_store_that_scratchml_has_made(served, filled):
    client = import_mlflow().MlflowClient(served[1])
    run = client.create_run(client.create_experiment("mine"))
    client.log_param(run.info.run_id, "lr", 1)
    assert client.get_run(run.info.run_id).data.params == {"lr": "1"}
    engine = database.connect(filled[0])
    assert database.revision(engine) in tables.TESTED_REVISIONS
    engine.dispose()


# --- as a command ---------------------------------------------------------------------------------


def start(uri, *options):
    command = [sys.executable, "-m", "experiments.ui", "--no-open", "--uri", uri, *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, **pipes)


def servers():
    """Process groups of MLflow's servers that run now."""
    found = set()
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if "mlflow\0server\0" in (folder / "cmdline").read_text():
                found.add(os.getpgid(int(folder.name)))
    return found


def test_nothing_is_left_after_ctrl_c(filled):
    with start(filled[0]) as process:
        lines = [process.stdout.readline()]
        while lines[-1] and "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
        port = urlsplit(re.search(r"http://\S+", "".join(lines)).group()).port
        (group,) = (g for g in servers() if listens(g, port))
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert processes(group) == {}
    assert "mlflow.db is shown at http://127.0.0.1:" in lines[0]
    assert len(re.findall(r"http://\S+/#/", "".join(lines))) <= 3


@pytest.mark.parametrize("shown", [True, False], ids=["its store", "another store"])
def test_the_links_of_the_page_lead_to_the_port_that_is_open(filled, tmp_path, monkeypatch, shown):
    page = tmp_path / "index.html"
    link = "<a href='http://127.0.0.1:{}/#/experiments/1/runs'>runs</a> of 127.0.0.1:5000"
    page.write_text(link.format(5000))

    @contextmanager
    def served(*_):
        yield SimpleNamespace(wait=lambda: signal.raise_signal(signal.SIGINT)), "http://127.0.0.1:9"

    monkeypatch.setattr(ui, "server", served)
    monkeypatch.setattr(ui, "_links", lambda *_: [])
    monkeypatch.setattr(ui, "figures", lambda: tmp_path)
    if shown:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", filled[0])
    with suppress(KeyboardInterrupt):
        ui._show(filled[0], None, browser=False)
    assert page.read_text() == link.format(9 if shown else 5000)
    assert list(tmp_path.iterdir()) == [page]


def test_a_page_that_cannot_be_written_keeps_its_links(tmp_path, monkeypatch):
    page = tmp_path / "index.html"
    page.write_text("http://127.0.0.1:5000/#/")

    def refused(*_):
        raise PermissionError(13, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refused)
    pages.relink(page, "http://127.0.0.1:9")
    pages.relink(tmp_path / "nowhere.html", "http://127.0.0.1:9")
    assert page.read_text() == "http://127.0.0.1:5000/#/"


def test_a_read_only_store_is_shown_under_its_own_name(filled, monkeypatch, capsys):
    served = []

    @contextmanager
    def serve(uri, port):
        served.append(uri)
        yield SimpleNamespace(wait=lambda: None), "http://127.0.0.1:5000"

    monkeypatch.setattr(copies, "os", SimpleNamespace(W_OK=os.W_OK, access=lambda *_: False))
    monkeypatch.setattr(copies, "_can_be_read", lambda _: False)
    monkeypatch.setattr(ui, "server", serve)
    monkeypatch.setattr(ui, "links", lambda *_: iter(()))
    with pytest.raises(SystemExit, match="3"):  # this server has ended at once
        ui.main(["--uri", filled[0], "--no-open"])
    assert served != [filled[0]]
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert "read-only disk" in first and "a copy" in first
    assert second == f"{shown(filled[0])} is shown at http://127.0.0.1:5000"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_what_ends_it_ends_it_like_ctrl_c(monkeypatch, sign):
    before = {number: signal.getsignal(number) for number in (1, 2, 15)}
    ended = []

    def shown(*_):
        try:
            os.kill(os.getpid(), sign)
            ended.append("it went on")
        finally:
            ended.append("its servers were stopped")

    monkeypatch.setattr(ui, "_show", shown)
    try:
        ui.main(["--no-open"])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended == ["its servers were stopped"]


def listens(group, port):
    return any(
        f"--port\0{port}\0" in Path(f"/proc/{pid}/cmdline").read_text() for pid in processes(group)
    )


def test_a_store_that_is_not_there_yet_is_said_and_not_made(tmp_path):
    with start(f"sqlite:///{tmp_path / 'mlflow.db'}") as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, "")
    assert err.startswith(f"there is no store at {tmp_path}")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(tmp_path, monkeypatch):
    damaged = tmp_path / "mlflow.db"
    damaged.write_text("dear diary" * 1000)
    started, popen = [], subprocess.Popen
    monkeypatch.setattr(
        server.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[0]
    )
    with pytest.raises(StoreError, match="(?s)does not start; .*file is not a database"):
        with server.server(f"sqlite:///{damaged}"):
            pass
    assert processes(started[0].pid) == {}


def test_a_store_that_is_served_already_is_only_linked_to(served, filled, capsys):
    _, base = served
    ui._show(base, None, browser=False)
    told = capsys.readouterr().out
    assert "xor: sweep of 2: lr" in told
    assert "Ctrl-C" not in told


@pytest.fixture
def guarded(monkeypatch):
    """The address of a server that wants a name and a password, and the logins that it has got."""
    got = []

    class Guard(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(self.headers.get("Authorization"))
            self.rfile.read(int(self.headers["Content-Length"]))
            if "moved" in self.path:
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/x")
                return self.end_headers()
            right = got[-1] in (f"Basic {base64.b64encode(b'ada:s:cr/t').decode()}", "Bearer t")
            self.send_response(200 if right else 401)
            self.end_headers()
            self.wfile.write(b'{"experiments": [], "runs": []}' if right else b"")

        def do_GET(self):
            got.append(self.headers.get("Authorization"))
            self.send_error(404)

        def log_message(self, *_):
            pass

    for what in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{what}", raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guard) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{found.server_address[1]}", got
        found.shutdown()


def test_a_server_that_wants_a_password_gets_the_one_that_the_user_has_named(
    guarded, monkeypatch, capsys
):
    host, got = guarded
    ui._show(f"http://ada:s:cr%2Ft@{host}", None, browser=False)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t")
    ui._show(f"http://{host}", None, browser=False)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "s:cr/t")
    ui._show(f"http://{host}", None, browser=False)
    said = "".join(capsys.readouterr())
    assert said.count("all experiments") == 3 and "s:cr" not in said and "ada" not in said
    assert None not in got and len(got) == 6
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "wrong")
    with pytest.raises(StoreError, match="refuses the name or the password"):
        ui._show(f"http://{host}", None, browser=False)


def test_without_a_password_the_browser_is_left_to_ask_for_it(guarded, capsys):
    host, got = guarded
    ui._show(f"http://{host}", None, browser=False)
    said = capsys.readouterr().out
    assert f"http://{host}/#/experiments" in said and set(got) == {None}
    assert "wants a name and a password, and your browser will ask for them" in said


def test_a_password_does_not_follow_a_server_to_another_host(guarded):
    host, got = guarded
    with pytest.raises(urllib.error.HTTPError) as refused:
        pages._ask(f"http://{host}/moved", "x", "Basic secret")
    assert refused.value.closed
    assert got == ["Basic secret", None]


def reserve(port):
    found, lock = server._reserve(port)
    lock.release()
    return found


def test_a_free_port_is_found_unless_one_was_asked_for(monkeypatch):
    with socket.socket() as taken:
        taken.bind((server.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(server, "PORT", port)
        assert reserve(None) not in (None, 0, port)
        with pytest.raises(StoreError, match=f"port {port} is taken; name another"):
            server._reserve(port)
    assert reserve(port) == port


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "80.5"])
def test_a_port_that_there_cannot_be_is_refused(capsys, port):
    with pytest.raises(SystemExit):
        ui._parse([f"--port={port}"])
    assert f"must be a number from 1 to 65535; got '{port}'" in capsys.readouterr().err


def test_two_that_begin_together_do_not_get_one_port(monkeypatch):
    """A port is free until the server listens, seconds after it was chosen."""
    monkeypatch.setattr(server, "PORT", reserve(None))
    first, lock = server._reserve(None)
    assert first == server.PORT
    assert reserve(None) != first
    lock.release()
    assert reserve(None) == first


def test_processes_that_do_not_want_to_end_are_ended(monkeypatch):
    monkeypatch.setattr(server, "STOPPING", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)"
    command = [sys.executable, "-c", f"{deaf}; time.sleep(60)"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE)
    with process:
        process.stdout.readline()
        server._stop(process)
        assert process.returncode == -signal.SIGKILL


# --- other systems --------------------------------------------------------------------------------


def test_without_groups_of_processes_the_server_ends_all_the_same(filled, monkeypatch):
    monkeypatch.delattr(os, "killpg")
    with server.server(filled[0]) as (process, base):
        group = processes(process.pid)
        assert get(f"{base}/health") == b"OK"
    assert len(group) == 2
    wait_for(lambda: processes(process.pid) == {}, 20)


def test_without_a_signal_for_a_closed_terminal_the_command_works(filled, capsys):
    code = """
import signal
del signal.SIGHUP
from experiments import ui
ui._show = lambda uri, *_: print(uri)
ui.main(["--no-open", "--tracking", "sqlite:///a"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "sqlite:///a\n"
