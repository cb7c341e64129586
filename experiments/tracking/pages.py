"""Links into MLflow's pages: to the newest sweep of each experiment, its best run, the report."""

import json
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from experiments.tracking.layout import END_METRICS, KIND, LOSS, PAGE_FILE, REPORT, RUN, SWEEP

# Without TRAINING MLflow shows its pages for language models. In any order except by date, runs are
# not folded away below their sweep.
TRAINING = "workflowType=machine_learning"
BEST_FIRST = {"orderByKey": f"metrics.`{LOSS}`", "orderByAsc": True}
VIEW = "sweep"  # the name of the view in the tags of each experiment
CHARTS = (LOSS, "train/accuracy", "test/loss", "gradient_norm")


def links(base: str) -> Iterator[tuple[str, str]]:
    """(title, URL) of pages: for each experiment the runs of its newest sweep, and its best run.

    Args:
        base: the address of the server.
    """
    yield "all experiments", f"{base}/#/experiments?{TRAINING}"
    found = _ask(base, "experiments/search", max_results=1000).get("experiments", [])
    numbers = {each["experiment_id"]: each["name"] for each in found}
    for number in sorted(numbers, key=int):
        runs = f"{base}/#/experiments/{number}/runs"
        for sweep in _first(base, [number], SWEEP, "attributes.start_time DESC"):
            yield (
                f"{numbers[number]}: {sweep['info']['run_name']}",
                f"{runs}?{TRAINING}&{_share(base, number, sweep)}",
            )
        for best in _first(base, [number], RUN, f"metrics.`{LOSS}` ASC"):
            (loss,) = (m["value"] for m in best["data"]["metrics"] if m["key"] == LOSS)
            yield (
                f"{numbers[number]}: lowest loss, {loss:.3g}: {best['info']['run_name']}",
                f"{runs}/{best['info']['run_id']}?{TRAINING}",
            )
    for report in _first(base, list(numbers), REPORT, "attributes.end_time DESC"):
        where = f"{base}/#/experiments/{report['info']['experiment_id']}"
        page = f"runs/{report['info']['run_id']}/artifacts/{PAGE_FILE}?{TRAINING}"
        yield "the report", f"{where}/{page}"


def _share(base, number, sweep):
    """The part of a URL that shows a sweep's runs as in `view`.

    MLflow keeps views as tags of the experiment. Where tags cannot be written, the address alone
    selects the runs, and MLflow chooses the columns.
    """
    state = view(sweep)
    now = int(time.time() * 1000)
    saved = {"name": "newest sweep", "createdAt": now, "state": json.dumps(state)}
    tag = {"key": f"mlflow.sharedViewState.{VIEW}", "value": json.dumps(saved)}
    try:
        _ask(base, "experiments/set-experiment-tag", experiment_id=number, **tag)
    except OSError:
        wanted = {key: state[key] for key in ("searchFilter", *BEST_FIRST)}
        return urlencode(wanted | {"orderByAsc": "true"}, quote_via=quote)
    return f"viewStateShareKey={VIEW}"


def view(sweep: dict) -> dict:
    """A sweep as MLflow's pages should show it: its runs, best first, with the knobs that vary.

    By default the pages have no columns for knobs and losses, and axes on which curves with
    log-spaced epochs are upright lines.

    Args:
        sweep: the run of the sweep, as MLflow's REST interface gives it.
    """
    info, data = sweep["info"], sweep["data"]
    varied = [param["key"] for param in data.get("params", []) if ", " in param["value"]]
    columns = [f"metrics.`{key}`" for key in END_METRICS] + [f"params.`{knob}`" for knob in varied]
    name = "attributes.`Run Name`"
    charts = [_chart(key) for key in CHARTS]
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
    if kind == RUN:
        wanted += f" AND attributes.status = 'FINISHED' AND metrics.`{LOSS}` >= 0"
    query = {"experiment_ids": experiments, "filter": wanted, "order_by": [order]}
    return _ask(base, "runs/search", max_results=1, **query).get("runs", [])


def _ask(base, what, **query):
    """The answer of MLflow's REST interface, without `import mlflow` in this process."""
    request = urllib.request.Request(
        f"{base}/api/2.0/mlflow/{what}",
        json.dumps(query).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)
