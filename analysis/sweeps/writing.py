"""One file of a sweep: it needs no other file, no script and no network.

The same sweep gives the same bytes: nothing in the file says when, where or by whom it was made.
"""

import base64
import re
from pathlib import Path

from analysis.sweeps.checks import checks
from analysis.sweeps.pictures import pictures
from analysis.sweeps.table import table, text
from analysis.templates import environment
from analysis.values import is_missing
from experiments.console import plural

MOST_BYTES = 7_500_000  # of the pictures and the file of all runs, as they stand in the page


def page(data):
    """The page of a sweep, as HTML.

    Args:
        data: the sweep's runs, as `analysis.data.load` returns them.
    """
    found = table(data)
    said, shown, room = checks(data, found), [], MOST_BYTES
    csv, left_out = found.csv(), []
    for picture in pictures(data, found):
        size = len(picture.png) * 4 // 3
        if size > room:
            left_out.append(picture.heading)
            continue
        shown.append(picture)
        room -= size
    if left_out:
        said.append(f"To keep the file small it leaves out: {'; '.join(left_out)}.")
    if len(csv) * 4 // 3 > room:
        said.append("To keep the file small it leaves out the file of all runs.")
        csv = b""
    return _rendered(data, found, said, shown, csv)


def file_name(experiment):
    """The name of the page's file, without its suffix: that of the experiment, as far as it can."""
    return "sweep-" + (re.sub(r"[^\w-]+", "_", experiment).strip("_")[:80] or "of_no_name")


def _rendered(data, table, said, shown, csv):
    here = Path(__file__).parent
    templates = environment(here, here.parent, base64=lambda text: base64.b64encode(text).decode())
    first = table.frame.iloc[0]
    nets = int(table.frame.nets.sum())
    return templates.get_template("sweep.html.j2").render(
        data=data, table=table, checks=said, pictures=shown, csv=csv,
        file=file_name(data.experiment),
        count=f"{plural(len(data), 'run')} of {plural(nets, 'net')}",
        best=", ".join(f"{knob} = {text(first[knob])}" for knob in table.knobs),
        fixed=[(knob, text(data.runs[knob].iloc[0])) for knob in data.knobs
               if knob not in table.knobs and not is_missing(data.runs[knob].iloc[0])],
    ) + "\n"  # fmt: skip
