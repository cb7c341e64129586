"""Links into MLflow's pages, and the view in which they show the newest sweep of an experiment."""

import base64
import json
import os
import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit

from experiments.tracking.layout import (
    CURVE_METRICS,
    END_METRICS,
    KIND,
    LOSS,
    MORE_IS_BETTER,
    PAGE_FILE,
    RANKED,
    REPORT,
    SWEEP,
)

Login = str | None  # what a request says of its user, in the header Authorization

# Without TRAINING MLflow shows its pages for language models. In any order except by date, runs are
# not folded away below their sweep.
TRAINING = "workflowType=machine_learning"
VIEW = "sweep"  # the name of the view in the tags of each experiment
SHARE = f"viewStateShareKey={VIEW}"  # the part of an address that asks for it
LOCAL = re.compile(rb"http://127\.0\.0\.1:[0-9]+/#/")  # where `scratchml ui` serves a store
CHARTS = (LOSS, "train/accuracy", "test/loss", "gradient_norm")


def all_experiments(base: str) -> tuple[str, str]:
    """(title, URL) of the page of all experiments. The server is not asked."""
    return "all experiments", f"{base}/#/experiments?{TRAINING}"


def links(base: str, login: Login = None, every: bool = False) -> Iterator[tuple[str, str]]:
    """(title, URL) of the pages to begin with: the report, all experiments, the newest sweep.

    For each experiment, a view of its newest sweep is kept in the store: MLflow's own pages offer
    it, and so do the links of the report.

    Args:
        base: the address of the server.
        login: of the user, where the server wants to know it; see `login_of`.
        every: whether the newest sweep of each other experiment follows, in the order in which the
            experiments were made.
    """
    found = _ask(base, "experiments/search", login, max_results=1000).get("experiments", [])
    names, newest = {each["experiment_id"]: each["name"] for each in found}, {}
    for number in sorted(names, key=int):
        for sweep in _first(base, login, [number], SWEEP, "attributes.start_time DESC"):
            link = f"{runs_of(base, number)}&{_share(base, login, number, sweep)}"
            newest[int(sweep["info"].get("start_time", 0)), number] = sweep, link
    for report in _first(base, login, list(names), REPORT, "attributes.end_time DESC"):
        where = f"{base}/#/experiments/{report['info']['experiment_id']}"
        page = f"runs/{report['info']['run_id']}/artifacts/{PAGE_FILE}?{TRAINING}"
        yield "the report", f"{where}/{page}"
    yield all_experiments(base)
    if not newest:
        return
    last = max(newest)
    others = sorted((key for key in newest if key != last), key=lambda key: int(key[1]))
    for key in [last, *others] if every else [last]:
        sweep, link = newest[key]
        title = f"{names[key[1]]}: {sweep['info']['run_name']}"
        yield f"the newest sweep, {title}" if key == last else title, link


def runs_of(base: str, experiment_id: str) -> str:
    """The address of an experiment's runs; `&` and SHARE behind it show them in the kept view."""
    return f"{base}/#/experiments/{experiment_id}/runs?{TRAINING}"


def relink(page: Path, base: str) -> None:
    """Makes a page's links into MLflow's pages on this machine lead to a server's address.

    A page that is not there, or cannot be written, is left as it is.
    """
    with suppress(OSError):
        written = page.read_bytes()
        linked = LOCAL.sub(f"{base}/#/".encode(), written)
        if linked != written:
            draft = page.with_name(f".{page.name}.{os.getpid()}")
            draft.write_bytes(linked)
            os.replace(draft, page)


def _share(base, login, number, sweep):
    """The part of a URL that shows a sweep's runs as in `view`.

    MLflow keeps views as tags of the experiment. Where tags cannot be written, the address alone
    selects the runs, and MLflow chooses the columns.
    """
    state = view(sweep)
    now = int(time.time() * 1000)
    saved = {"name": "newest sweep", "createdAt": now, "state": json.dumps(state)}
    tag = {"key": f"mlflow.sharedViewState.{VIEW}", "value": json.dumps(saved)}
    try:
        _ask(base, "experiments/set-experiment-tag", login, experiment_id=number, **tag)
    except OSError:
        wanted = {key: state[key] for key in ("searchFilter", "orderByKey")}
        ascending = str(state["orderByAsc"]).lower()
        return urlencode(wanted | {"orderByAsc": ascending}, quote_via=quote)
    return SHARE


def view(sweep: dict) -> dict:
    """A sweep as MLflow's pages should show it: its runs, best first, with the knobs that vary.

    By default the pages have no columns for knobs and losses, and axes on which curves with
    log-spaced epochs are upright lines.

    Args:
        sweep: the run of the sweep, as MLflow's REST interface gives it.
    """
    info, data = sweep["info"], sweep["data"]
    varied = [param["key"] for param in data.get("params", []) if ", " in param["value"]]
    columns = [f"params.`{knob}`" for knob in varied] + [f"metrics.`{key}`" for key in END_METRICS]
    name = "attributes.`Run Name`"
    charts = [_chart(key) for key in CHARTS]
    return {
        "searchFilter": f"tags.`mlflow.parentRunId` = '{info['run_id']}'",
        **_best_first(data),
        "selectedColumns": columns,
        "columnOrder": [name, *columns, "duration", "runDateAndNestInfo"],
        "columnWidths": {name: 260},
        "compareRunCharts": charts,
        "compareRunSections": [
            {"uuid": "curves", "name": "median over nets", "display": True, "isReordered": True}
        ],
    }


def _best_first(data):
    """The order of a sweep's runs: by the metric that the sweep itself names, or by the loss."""
    named = {tag["key"]: tag["value"] for tag in data.get("tags", [])}.get(RANKED)
    metric = named if named in (*END_METRICS, *CURVE_METRICS) else LOSS
    return {"orderByKey": f"metrics.`{metric}`", "orderByAsc": metric not in MORE_IS_BETTER}


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


def _first(base, login, experiments, kind, order):
    """The first run of a kind in some order, or none."""
    wanted = f"tags.`{KIND}` = '{kind}'"
    query = {"experiment_ids": experiments, "filter": wanted, "order_by": [order]}
    return _ask(base, "runs/search", login, max_results=1, **query).get("runs", [])


def login_of(uri: str) -> Login:
    """The header by which a server knows the user, as MLflow's client sends it; None: no name.

    The name and the password are those of the URI, or of MLflow's settings.
    """
    parts, setting = urlsplit(uri), os.environ.get
    name, password = parts.username and unquote(parts.username), unquote(parts.password or "")
    if not name:
        name, password = (setting(f"MLFLOW_TRACKING_{what}") for what in ("USERNAME", "PASSWORD"))
    if name and password is not None:
        both = base64.b64encode(f"{name}:{password}".encode()).decode()
        return f"Basic {both}"
    token = setting("MLFLOW_TRACKING_TOKEN")
    return f"Bearer {token}" if token else None


def _ask(base, what, login=None, **query):
    """The answer of MLflow's REST interface, without `import mlflow` in this process."""
    request = urllib.request.Request(
        f"{base}/api/2.0/mlflow/{what}",
        json.dumps(query).encode(),
        {"Content-Type": "application/json"},
    )
    if login:
        request.add_unredirected_header("Authorization", login)  # no other host gets it
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        error.close()  # it is an open answer, too
        raise
