"""MLflow's own pages in a real browser: what they show of sweeps, runs and the report as we log."""

import csv
import io
import time

import numpy as np
import pytest
from support import sweeps
from support.chromium import PATH, PATIENCE, Chromium
from support.stores import empty_store

from analysis import page as pages
from analysis import report
from analysis.conclusion import store_page
from analysis.figures import style
from experiments import train
from experiments.tracking.database import sqlite_file
from experiments.tracking.layout import END_METRICS
from experiments.tracking.pages import SHARE, runs_of
from experiments.tracking.pages import links as links_of
from experiments.tracking.server import server

pytestmark = pytest.mark.skipif(PATH is None, reason="there is no chromium; .ci/run installs it")

SWEEP = ("-m", "lr=0.3,3", "width=2,4", "epochs=300", "seeds=6")
LESSON = ("-m", "+lesson=xor", "most_seeds=24")
# In the order that one sees: elements keep their place in the document when a table changes.
COLUMNS = """[...document.querySelectorAll('.ag-header-cell')]
    .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
    .map(e => e.getAttribute('col-id'))"""
LOSSES = """[...document.querySelectorAll('.ag-row .ag-cell')]
    .filter(e => e.getAttribute('col-id') == 'metrics.`train/loss`')
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map(e => Number(e.innerText))"""
NAMES = """[...document.querySelectorAll('.ag-row a')]
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map(e => e.innerText.trim())"""
# Of each chart: its axes, and how many curves are on it.
CHARTS = """[...document.querySelectorAll('.js-plotly-plot')].filter(p => p._fullLayout).map(p => ({
    x: p._fullLayout.xaxis.type, y: p._fullLayout.yaxis.type,
    curves: p.querySelectorAll('.scatterlayer .trace path.js-line').length}))"""
ROWS = """[...document.querySelectorAll('table')].flatMap(t => [...t.rows])
    .map(row => [...row.cells].map(cell => cell.innerText.trim()))"""


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """A store with a sweep of one's own and a lesson, both launched as users do, and the report."""
    folder = tmp_path_factory.mktemp("mlflow")
    uri = empty_store(tmp_path_factory, folder)
    with np.errstate(all="ignore"):
        for arguments in (SWEEP, LESSON):
            assert train.main([*arguments, "--uri", uri]) == 0
        verdicts = report.build(["xor"], uri, figures(uri))
    held = [claim.holds for verdict in verdicts for claim in verdict.claims]
    store_page(pages.write(verdicts, figures(uri)), held, uri)
    return uri


def figures(uri):
    """The folder of the report's page."""
    return sqlite_file(uri).parent / "figures"


@pytest.fixture(scope="module")
def base(uri):
    with server(uri) as (_, base):
        yield base


@pytest.fixture(scope="module")
def links(base):
    """{what: URL}, as `scratchml ui` prints them."""
    return dict(links_of(base))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory, base):
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        browser.look(1800, 900)
        browser.open(base)  # MLflow offers help at its first visit, and covers a third of the page
        browser.ask("localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')")
        yield browser


@pytest.fixture
def browser(chromium):
    chromium.open("about:blank")  # else a page that differs behind the # only is not loaded anew
    return chromium


def until(browser, expression, holds=bool):
    """The value of an expression as soon as it `holds`; what the page asks for comes late."""
    deadline = time.monotonic() + PATIENCE
    while not holds(value := browser.ask(expression)):
        words = browser.ask("document.body.innerText")
        assert time.monotonic() < deadline, f"{expression}: {value}, and the page says: {words}"
        time.sleep(0.1)
    return value


def children(uri, experiment="scratchml"):
    """Its runs, lowest loss first."""
    return sorted(sweeps.children(uri, experiment), key=loss)


def loss(run):
    return run.data.metrics["train/loss"]


def values(row):
    """A row's cells, with numbers as numbers: MLflow shows 3.0 as 3."""
    return [float(cell) if cell[:1].isdigit() else cell for cell in row]


@pytest.fixture(scope="module")
def runs(base, links):
    """The address of the newest sweep of one's own, in the view that `links` has kept."""
    return f"{runs_of(base, '1')}&{SHARE}"


@pytest.fixture(scope="module")
def best(base, uri):
    """The address of the run with the lowest loss."""
    return runs_of(base, "1").replace("?", f"/{children(uri)[0].info.run_id}?")


def test_the_experiments_are_listed(browser, links):
    browser.open(links["all experiments"])
    text = until(browser, "document.body.innerText", lambda text: "scratchml" in text)
    assert {"scratchml", "xor", "report"} <= set(text.splitlines())


def test_a_sweeps_runs_are_a_table_of_what_was_varied_and_came_out(browser, runs, uri):
    browser.open(runs)
    stored = children(uri)
    names = until(browser, NAMES, lambda names: len(names) == len(stored))
    assert names == [run.info.run_name for run in stored]  # best first
    asked = ["params.`lr`", "params.`width`"] + [f"metrics.`{key}`" for key in END_METRICS]
    until(browser, COLUMNS, lambda shown: [c for c in shown if "`" in c][1:] == asked)
    losses = browser.ask(LOSSES)
    assert losses == pytest.approx([loss(run) for run in stored], rel=1e-12)


def test_the_table_can_be_sorted_the_other_way_round(browser, runs, uri):
    browser.open(runs)
    worst = [run.info.run_name for run in reversed(children(uri))]
    assert until(browser, NAMES, lambda names: len(names) == len(worst)) != worst
    browser.ask("document.querySelector('[data-testid=\"sort-header-train/loss\"]').click()")
    until(browser, NAMES, lambda names: names == worst)


def test_a_sweeps_runs_are_below_it(browser, runs, uri):
    """In the order of their dates, which MLflow chooses by itself, they are folded away."""
    browser.open(runs.split("&")[0])
    (parent,) = sweeps.parents(uri)
    assert until(browser, NAMES) == [parent.info.run_name]
    browser.ask("document.querySelector('.ag-row button').click()")
    below = {run.info.run_name for run in children(uri)}
    until(browser, NAMES, lambda names: set(names) == {parent.info.run_name, *below})


def test_a_run_says_of_which_sweep_it_is_and_how_it_ended(browser, best, uri):
    browser.open(best)
    (parent,) = sweeps.parents(uri)
    name = parent.info.run_name  # comes last
    text = until(browser, "document.body.innerText", lambda text: name in text)
    lines = [line.strip() for line in text.splitlines()]
    run = children(uri)[0]
    assert {"Parent run", "Finished", *run.data.metrics, *run.data.params} <= set(lines)
    assert set(run.data.params.values()) <= set(lines)


def test_curves_are_drawn_over_the_logarithm_of_epochs(browser, runs, uri):
    browser.open(runs + "&compareRunsMode=CHART")
    each = len(children(uri))
    wanted = [("log", "log"), ("log", "linear"), ("log", "log")]  # axes take them some time later

    def are_drawn(charts):
        axes = [(chart["x"], chart["y"]) for chart in charts[:3]]
        return axes == wanted and min(chart["curves"] for chart in charts[:3]) >= each

    until(browser, CHARTS, are_drawn)


def test_the_nets_of_a_run_are_a_table(browser, best, uri):
    address = best.replace("?", "/artifacts/nets.csv?")
    browser.open(address)
    stored = sweeps.file(children(uri)[0], "nets.csv").decode()
    head, *nets = csv.reader(io.StringIO(stored))
    shown = until(browser, ROWS, lambda rows: head in rows and len(rows) > len(nets))
    assert [values(row) for row in shown if row[0].isdigit()] == [values(row) for row in nets]


def test_a_lessons_figure_is_shown(browser, links):
    browser.open(links["the report"].replace("index.html", "xor.png"))
    wide = "Math.max(0, ...[...document.images].map(image => image.naturalWidth))"
    until(browser, wide, lambda pixels: pixels == style.WIDTH * style.DPI)


def test_the_page_of_the_report_is_shown(browser, links, base, uri):
    """As it was written, and without asking another host."""
    browser.open(links["the report"])
    until(browser, "document.querySelector('iframe')?.offsetHeight > 300")
    page = browser.ask("fetch(document.querySelector('iframe').src).then(r => r.text())")
    asked = browser.happened("Network.requestWillBeSent")
    assert "Can a line separate XOR" in page
    assert page == (figures(uri) / "index.html").read_text()
    known = (base, f"blob:{base}", "data:")
    assert all(event["request"]["url"].startswith(known) for event in asked)
