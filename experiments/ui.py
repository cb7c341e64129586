"""Opens MLflow's pages on the store: a small server on this machine only, and links into it."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import webbrowser
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

from filelock import FileLock, Timeout

from experiments import console
from experiments.tracking import database
from experiments.tracking.causes import patiently, shown
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import KIND
from experiments.tracking.store import default_uri

HOST = "127.0.0.1"
PORT = 5000
STARTING = 90  # seconds: MLflow imports itself twice, on a busy machine too
STOPPING = 10


def main(arguments=None):
    """`python -m experiments.ui`."""
    # A closed terminal and a plain `kill` stop the server as Ctrl-C does, in the background too.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    options = _parse(arguments)
    with console.clean_exit(), suppress(KeyboardInterrupt):
        _show(options.tracking or default_uri(), options.port, options.open)


def _parse(arguments):
    parser = argparse.ArgumentParser("python -m experiments.ui", description=__doc__)
    parser.add_argument("--port", type=_port, help=f"default: {PORT}, or a free one if it is taken")
    parser.add_argument("--tracking", metavar="URI", help="the store; default: the project's own")
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=_has_display(),
        help="whether to open a browser; default: where there is a display",
    )
    return parser.parse_args(arguments)


def _port(text):
    if not (text.isdecimal() and 0 < int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535; got {text!r}")
    return int(text)


def _has_display():
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(display) or sys.platform in ("darwin", "win32")


def _show(uri, port, browser):
    if uri.startswith("http"):  # it is served already, and a browser asks for passwords itself
        _present(uri, shown(uri).rstrip("/"), browser)
        return
    uri = database.absolute(uri)
    path = database.sqlite_file(uri)
    if path is not None and not path.exists():
        raise StoreError(f"there is no store at {path} yet; train something, then come back")
    database.analyze(uri)
    with server(uri, port) as (process, base):
        _present(uri, base, browser)
        print("Ctrl-C stops the server", flush=True)
        process.wait()
        raise StoreError(f"MLflow's server for {shown(uri)} has ended by itself")


def _present(uri, base, browser):
    print(f"{shown(uri)} is shown at {base}\n")
    for what, link in patiently(uri, lambda: list(links(base))):
        print(f"  {console.printable(what)}\n    {link}")
    print(flush=True)
    if browser:
        webbrowser.open(base)


# --- the server -----------------------------------------------------------------------------------


@contextmanager
def server(uri, port=None):
    """MLflow's server for a database, listening on this machine only.

    It is two processes and 0.5 GB; left to its defaults it would be 15 and 3 GB.

    Yields:
        The process and its address, once it answers.

    Raises:
        StoreError: It does not start.
    """
    port, lock = _reserve(port)
    settings = {
        "MLFLOW_BACKEND_STORE_URI": uri,  # no argument, as others can see those: it has a password
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": database.artifacts_of(uri),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", HOST]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, which is ended as a whole
        )
        try:
            base = f"http://{HOST}:{port}"
            _wait(process, f"{base}/health", log)
            yield process, base
        finally:
            _stop(process)
            lock.release()


def _reserve(port):
    """(port, held lock): `port`, or if none is asked for PORT, or else any that is free.

    The lock keeps others of our kind away until the server listens. Two that began together would
    both find the port free, and the one whose server cannot have it would show the other's store.
    """
    for wanted in (port,) if port else (PORT, 0):
        with socket.socket() as probe, suppress(OSError, Timeout):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, wanted))
            found = probe.getsockname()[1]
            lock = FileLock(Path(tempfile.gettempdir(), f"scratchml-ui-{found}.lock"))
            lock.acquire(timeout=0)
            return found, lock
    raise StoreError(f"port {port} is taken; name another, or none to get one that is free")


def _wait(process, address, log):
    deadline = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    log.seek(0)
    said = "".join(log.readlines()[-10:])
    raise StoreError(f"MLflow's server does not start; its last words were:\n{said}")


def _stop(process):
    """Ends the server and every process that it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOPPING
        while time.monotonic() < deadline:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:  # the last one is gone
                process.wait()
                return
            process.poll()  # else the first one would remain as a zombie
            number = 0
            time.sleep(0.05)


# --- the links ------------------------------------------------------------------------------------


# Without the first MLflow shows its pages for language models. Ordered by anything but the date,
# runs are not folded away below their sweep.
TRAINING = "workflowType=machine_learning"
BEST_FIRST = {"orderByKey": "metrics.`train/loss`", "orderByAsc": True}
VIEW = "sweep"  # the name of the view in the tags of each experiment
ENDS = ("train/loss", "solved", "epochs_to_solve", "diverged")  # columns, and after them the knobs
CURVES = ("train/loss", "train/accuracy", "test/loss", "gradient_norm")


def links(base):
    """(what, URL): for each experiment the runs of its newest sweep, and its best run."""
    yield "all experiments", f"{base}/#/experiments?{TRAINING}"
    found = _ask(base, "experiments/search", max_results=1000).get("experiments", [])
    numbers = {each["experiment_id"]: each["name"] for each in found}
    for number in sorted(numbers, key=int):
        runs = f"{base}/#/experiments/{number}/runs"
        for sweep in _first(base, [number], "sweep", "attributes.start_time DESC"):
            yield (
                f"{numbers[number]}: {sweep['info']['run_name']}",
                f"{runs}?{TRAINING}&{_share(base, number, sweep)}",
            )
        for best in _first(base, [number], "run", "metrics.`train/loss` ASC"):
            (loss,) = (m["value"] for m in best["data"]["metrics"] if m["key"] == "train/loss")
            yield (
                f"{numbers[number]}: lowest loss, {loss:.3g}: {best['info']['run_name']}",
                f"{runs}/{best['info']['run_id']}?{TRAINING}",
            )
    for report in _first(base, list(numbers), "report", "attributes.end_time DESC"):
        where = f"{base}/#/experiments/{report['info']['experiment_id']}"
        page = f"runs/{report['info']['run_id']}/artifacts/index.html?{TRAINING}"
        yield "the report", f"{where}/{page}"


def _share(base, number, sweep):
    """The part of a URL that shows a sweep's runs as in `view`.

    MLflow keeps views as tags of the experiment. Where those cannot be written, the address alone
    has to say which runs, and MLflow chooses the columns.
    """
    shown = view(sweep)
    now = int(time.time() * 1000)
    kept = {"name": "newest sweep", "createdAt": now, "state": json.dumps(shown)}
    tag = {"key": f"mlflow.sharedViewState.{VIEW}", "value": json.dumps(kept)}
    try:
        _ask(base, "experiments/set-experiment-tag", experiment_id=number, **tag)
    except OSError:
        wanted = {key: shown[key] for key in ("searchFilter", *BEST_FIRST)}
        return urlencode(wanted | {"orderByAsc": "true"}, quote_via=quote)
    return f"viewStateShareKey={VIEW}"


def view(sweep):
    """What MLflow's pages should show of a sweep: its runs, best first, with what was varied.

    By default they have columns for neither knobs nor losses, and axes on which curves recorded at
    log-spaced epochs are upright lines.
    """
    info, data = sweep["info"], sweep["data"]
    varied = [param["key"] for param in data.get("params", []) if ", " in param["value"]]
    columns = [f"metrics.`{key}`" for key in ENDS] + [f"params.`{knob}`" for knob in varied]
    name = "attributes.`Run Name`"
    charts = [_chart(key) for key in CURVES]
    return {
        "searchFilter": f"tags.`mlflow.parentRunId` = '{info['run_id']}'",
        **BEST_FIRST,
        "selectedColumns": columns,
        "columnOrder": [name, *columns, "duration", "runDateAndNestInfo"],
        "columnWidths": {name: 360},
        "compareRunCharts": charts,
        "compareRunSections": [
            {"uuid": "curves", "name": "median over nets", "display": True, "isReordered": True}
        ],
    }


def _chart(key):
    """A card of MLflow's charts: a metric against the epoch, both axes logarithmic for a loss."""
    scale = "linear" if key.endswith("accuracy") else "log"
    return {
        "uuid": key, "type": "LINE", "metricSectionId": "curves", "metricKey": key,
        "selectedMetricKeys": [key], "xAxisKey": "step", "xAxisScaleType": "log",
        "scaleType": scale, "range": {}, "lineSmoothness": 0, "yAxisKey": "metric",
        "yAxisExpressions": [], "useGlobalXaxisKey": True, "useGlobalLineSmoothing": True,
        "runsCountToCompare": 10, "deleted": False, "isGenerated": False,
    }  # fmt: skip


def _first(base, experiments, kind, order):
    """The first run of a kind in some order, or none."""
    wanted = f"tags.`{KIND}` = '{kind}'"
    if kind == "run":
        wanted += " AND attributes.status = 'FINISHED' AND metrics.`train/loss` >= 0"
    query = {"experiment_ids": experiments, "filter": wanted, "order_by": [order]}
    return _ask(base, "runs/search", max_results=1, **query).get("runs", [])


def _ask(base, what, **query):
    """The answer of MLflow's REST interface; so that this process need not import MLflow."""
    request = urllib.request.Request(
        f"{base}/api/2.0/mlflow/{what}",
        json.dumps(query).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


if __name__ == "__main__":
    main()
