"""The page: numbers, script and style in one file, which needs no server and no network.

The content policy of the page names its script and its style by their digests, so that no other
runs. Texts of the store are JSON in an element that is not executed, or escaped by the template;
the script puts them on the page as texts.
"""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np

from analysis.explore import examples, numbers, sizes
from analysis.figures import colours
from analysis.templates import environment
from experiments.tracking.text import plural

HERE = Path(__file__).parent
SCRIPTS = (  # each uses those before it
    *("numbers", "net", "statistics", "pictures", "charts"),
    *("choice", "selection", "panels", "controls"),
)
OTHER = 200_000  # bytes for the claims and for the page around the numbers
COLOURS = {
    "ink": colours.INK,
    "grey": colours.GREY,
    "classes": colours.CLASSES,
    "diverging": colours.DIVERGING_STOPS,
    "cycle": colours.CYCLE,
    "solved": colours.GREEN,
    "stuck": colours.RED,
    "trained": colours.BLUE,
}


def as_html(data, title, answer="", claims_of=lambda runs: []):
    """The page of a sweep, at most `sizes.LARGEST` bytes; the same runs give the same bytes.

    Args:
        title: its question, or a name.
        answer: to the question, in a sentence.
        claims_of: ({run id: index of the run}) -> what the page is told of claims.
    """
    script = "\n".join((HERE / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    script = f'"use strict";\n{script}'
    style = (HERE / "page.css").read_text("utf-8")
    room = sizes.LARGEST - len(script) - len(style) - examples.LARGEST - OTHER
    found = numbers.gather(data, room)
    facts = found.facts
    facts["claims"] = claims_of({run["id"]: i for i, run in enumerate(facts["runs"])})
    facts["colours"] = COLOURS
    if data.missing:
        found.note(f"{len(data.missing)} runs of the sweep are not in the store.")
    nets = sum(run["nets"] for run in facts["runs"])
    return environment(HERE).get_template("page.html.j2").render(
        title=title, answer=answer, experiment=data.experiment, command=data.command,
        size=f"{plural(nets, 'net')} in {plural(len(facts['runs']), 'run')}",
        notes=found.notes or ["Every net of the sweep is here, with all that is stored of it."],
        policy="default-src 'none'; " + " ".join(
            f"{kind}-src 'sha256-{_digest(text)}';" for kind, text in
            (("script", script), ("style", style))),
        style=_raw(style), script=_raw(script), facts=_raw(_json(facts)),
        blocks=[(name, parts[0].dtype.str[1:], _raw(_base64(parts)))
                for name, parts in found.blocks.items()],
    ) + "\n"  # fmt: skip


def _raw(text):
    """A text that the template takes as it is."""
    import markupsafe

    return markupsafe.Markup(text)


def _json(facts):
    """JSON for the inside of an element: no sign of it can end the element."""
    text = json.dumps(facts, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _base64(parts):
    return base64.b64encode(np.concatenate(parts).tobytes()).decode()


def _digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
