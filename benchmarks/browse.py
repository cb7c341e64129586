"""How long MLflow takes to show the first hundred of an experiment of 5,000 runs, best first.

In Chromium, until the table stands; the first time with an empty cache, as on the first visit ever.
"""

import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.measure import ROOT, command, scratch, table
from experiments.tracking import database
from experiments.tracking.pages import links
from experiments.tracking.server import server

sys.path.insert(0, str(ROOT / "tests"))
from support.chromium import PATH, Chromium

GRID = ("lr=range(1,51)", "width=range(1,11)", "init_scale=range(1,11)", "seeds=2", "epochs=20")
SHOWN = "document.querySelectorAll('.ag-row a').length"
ASSISTANT = "localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')"


def visits(base, profile, times=6):
    """Seconds until the runs of the newest sweep are shown, for each visit."""
    (address,) = (url for what, url in links(base) if what.startswith("the newest sweep"))
    with Chromium(profile) as browser:
        browser.look(1800, 900)
        for _ in range(times):
            before = time.perf_counter()
            browser.open(address)
            while not browser.ask(SHOWN):
                time.sleep(0.02)
            yield time.perf_counter() - before
            browser.ask(ASSISTANT)  # it is in the way at the first visit, and then no more
            browser.open("about:blank")


def main():
    if PATH is None:
        return table("Browsing", ("", "seconds"), [("no chromium on this machine", "")])
    folder = scratch()
    uri = f"sqlite:///{folder}/mlflow.db"
    command("-m", "experiments.train", "-m", *GRID, f"tracking.uri={uri}")
    database.analyze(uri)  # as `scratchml ui` does
    with server(uri) as (_, base):
        first, *later = visits(base, Path(folder, "profile"))
    rows = [("the first visit", f"{first:.2f}"), ("later ones, median", f"{median(later):.2f}")]
    return table("Browsing: the first page of 5,000 runs", ("", "seconds"), rows)
