"""The report: every lesson's question, its claims and what was measured, its figure, on one page.

    python -m analysis.report                 figures/index.html with everything the store holds
    python -m analysis.report xor loss        the same of two lessons
    python -m analysis.report --check         prints all claims; fails when one does not hold
    python -m analysis.report --markdown      prints a table of lessons and verdicts

The same store gives the same files to the byte: nothing in them says when, where or by whom.
"""

import argparse
import base64
import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis import cache as kept
from analysis import fetch, lessons
from analysis.data import load
from analysis.figures import style

UI = "http://127.0.0.1:5000"  # where `python -m experiments.ui` serves the store
COLUMNS = ("lesson", "question", "claim", "measured", "test", "nets", "verdict", "caveat")


@dataclass(frozen=True)
class Verdict:
    """What the store says to one lesson.

    Attributes:
        lesson: the `Lesson`.
        claims: the `Claim`s, decided; none where `problem` says why.
        command: what launches its sweep.
        runs, nets: how many the sweep has.
        link: its runs in the MLflow UI, or None.
        figure: the path of its PNG, or None; `animation` that of its GIF.
        absent: the names of runs that the sweep lists and the store does not hold.
        problem: what went wrong: the data are missing or the lesson failed.
        is_missing: whether the problem is that its sweep was never run.
    """

    lesson: lessons.Lesson
    claims: tuple = ()
    command: str = ""
    runs: int = 0
    nets: int = 0
    link: str | None = None
    figure: Path | None = None
    animation: Path | None = None
    absent: tuple = ()
    problem: str | None = None
    is_missing: bool = False

    @property
    def holds(self):
        """Whether every claim was decided, on all runs of the sweep, and holds."""
        return not self.problem and not self.absent and all(c.holds for c in self.claims)

    @property
    def summary(self):
        """The verdict in a few words."""
        if self.is_missing:
            return "not run yet"
        if not self.claims:
            return "could not be decided"
        held = sum(claim.holds for claim in self.claims)
        return f"{held} of {len(self.claims)} claims hold"


def folder(out=None, quick=False):
    """Where files go: the folder that was asked for, or `figures` in the project."""
    if out is not None:
        return Path(out)
    return fetch.root() / "figures" / ("quick" if quick else "")


def build(names=None, uri=None, out=None):
    """Decides the claims of lessons, draws their figures and writes the page.

    What has not changed since it was last drawn into the same folder is taken from there.

    Args:
        names: of the lessons; all, by default.
        uri: the store; see `analysis.data.load`.
        out: the folder for NAME.png, NAME.svg, NAME.gif, NAME.json, report.csv and index.html;
            `figures` in the project by default.

    Returns:
        A `Verdict` for each lesson, in the order in which they are to be read.

    Raises:
        LookupError: There is no lesson of a name.
        ConnectionError: The store cannot be read.
    """
    out = folder(out)
    verdicts = [decide(lesson, uri, out) for lesson in lessons.some(names)]
    write(verdicts, out)
    return verdicts


def write(verdicts, out, quick=False):
    """Writes the page and the table of claims; returns {file name: bytes}, the figures included."""
    files = {
        "index.html": as_html(verdicts, quick).encode(),
        "report.csv": as_csv(verdicts).encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        style.write(out / name, content)
    pictures = [p for v in verdicts for p in (v.figure, v.animation) if p]
    return files | {path.name: path.read_bytes() for path in pictures}


def decide(lesson, uri=None, out=None, quick=False, anew=False):
    """The verdict on one lesson; its figures are drawn into the folder `out` if there is one.

    A lesson that fails is a verdict too, so that it does not keep the others from the page.

    Args:
        quick: whether to look at the runs of the quick version.
        anew: whether to decide and draw it even if `out` holds the verdict on the same runs.

    Raises:
        ConnectionError: The store cannot be read.
    """
    experiment = lesson.name + fetch.QUICK * quick
    command = fetch.launch_command(experiment)
    if lesson.problem:
        return Verdict(lesson, command=command, problem=lesson.problem)
    try:
        data = load(experiment, uri)
    except LookupError as error:
        return Verdict(lesson, command=command, problem=_sentence(error), is_missing=True)
    except ValueError as error:  # the sweep's own file is damaged
        return Verdict(lesson, command=command, problem=_sentence(error))
    about = {
        "command": data.command,
        "runs": len(data),
        "link": f"{_ui(uri)}/#/experiments/{data.experiment_id}",
        "absent": data.missing,
    }
    origin = kept.origin(lesson.name, data)
    known = None if anew or out is None else kept.read(out, lesson.name, origin)
    if known is not None:
        about["claims"], about["nets"], files = known
        return Verdict(lesson, **about, **_pictures(files))
    try:
        about["nets"] = len(data.nets)
        about["claims"] = tuple(lesson.claims(data))
        if not about["claims"]:
            raise ValueError("a lesson needs a claim")
        if out is not None:
            files = _draw(lesson, data, out, still=quick)
            about |= _pictures(files)
            kept.write(out, lesson.name, origin, about["claims"], about["nets"], files)
    except Exception as error:  # whatever a lesson does wrong
        about["problem"] = _sentence(error)
    return Verdict(lesson, **about)


def _draw(lesson, data, out, still):
    """The files of a lesson's figure and, unless it is to be `still`, of its animation."""
    style.theme()
    figure = lesson.draw(data)
    files = style.save(figure, out / lesson.name)
    style.close(figure)
    if lesson.animate is not None and not still:
        files.append(style.save_animation(lesson.animate(data), out / lesson.name, lesson.fps))
    return files


def _pictures(files):
    kinds = {".png": "figure", ".gif": "animation"}
    return {kinds[path.suffix]: path for path in files if path.suffix in kinds}


def redraw(file, arguments=None):
    """Redraws one lesson's figure from the store, without training, and prints its claims.

    The last line of every lesson: `redraw(__file__)` under `if __name__ == "__main__"`.
    """
    parser = argparse.ArgumentParser(description="Redraws one lesson from the store.")
    _add_places(parser)
    options = parser.parse_args(arguments)
    (lesson,) = lessons.some([Path(file).stem])
    try:
        verdict = decide(lesson, options.uri, folder(options.out), anew=True)
    except ConnectionError as error:
        parser.error(str(error))
    show([verdict])
    sys.exit(0 if verdict.holds else 1)


# ----------------------------------------------------------------------------------------- writing


def show(verdicts, console=None):
    """Prints every claim with what was measured: in colour on a terminal, one a line elsewhere."""
    console = console or Console(highlight=False)
    for verdict in verdicts:
        lesson = verdict.lesson
        console.print(Text(f"{lesson.name}: {lesson.question}", "bold"), soft_wrap=True)
        table = Table.grid(padding=(0, 2), pad_edge=True)
        for mark, words in _lines(verdict):
            words = _printable(words)
            colour = "green" if mark == "holds" else "bold red"
            if console.is_terminal:
                table.add_row(Text(mark, colour), Text(words))
            else:  # never cut or wrapped
                console.print(Text(f"  {mark:14}  {words}"), soft_wrap=True)
        if console.is_terminal:
            console.print(table)
    console.print(Text(_total(verdicts)), soft_wrap=True)


def _lines(verdict):
    """A verdict's lines: a mark and the words behind it."""
    for claim in verdict.claims:
        caveat = "caveat: " if claim.caveat else ""
        nets = f"{claim.nets:,} net" + "s" * (claim.nets != 1)
        yield claim.verdict, f"{caveat}{claim.sentence}: {claim.measured} ({claim.test}; {nets})"
    if verdict.absent:
        yield "incomplete", f"not in the store: {', '.join(verdict.absent)}"
    if verdict.problem:
        yield "not run" if verdict.is_missing else "failed", verdict.problem


def _printable(text):
    """A text without what a terminal would obey: names in a store may be anybody's."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _total(verdicts):
    claims = [claim for verdict in verdicts for claim in verdict.claims]
    held = sum(claim.holds for claim in claims)
    nets = sum(verdict.nets for verdict in verdicts)
    words = f"{held} of {len(claims)} claims hold, on {nets:,} nets"
    without = [verdict.lesson.name for verdict in verdicts if not verdict.claims]
    return words + (f"; without a verdict: {', '.join(without)}" if without else "")


def as_csv(verdicts):
    """All claims, one a row."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for verdict in verdicts:
        for claim in verdict.claims:
            table.writerow((
                verdict.lesson.name, verdict.lesson.question, claim.sentence, claim.measured,
                claim.test, claim.nets, claim.verdict, str(claim.caveat).lower(),
            ))  # fmt: skip
    return text.getvalue()


def as_markdown(verdicts):
    """A table for the README: lesson, question, verdict, nets."""
    rows = ["| lesson | question | verdict | nets |", "|---|---|---|---:|"]
    for verdict in verdicts:
        name, question = verdict.lesson.name, verdict.lesson.question.replace("|", "\\|")
        link = f"[{name}](analysis/lessons/{name}.py)"
        rows.append(f"| {link} | {question} | {verdict.summary} | {verdict.nets:,} |")
    return "\n".join(rows)


def as_html(verdicts, quick=False):
    """The page: it stands alone, works without a script and asks nothing of the network.

    Args:
        quick: whether to say that it rests on few nets.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["data_uri"] = _data_uri
    page = environment.get_template("report.html.j2")
    return page.render(verdicts=verdicts, total=_total(verdicts), quick=quick) + "\n"


def _data_uri(path):
    kind = {".png": "image/png", ".gif": "image/gif"}[path.suffix]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


# ------------------------------------------------------------------------------------ command line


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.report",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons; all if none is named")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="print claims, draw nothing; fails if"
                      " one does not hold or a lesson was not run")  # fmt: skip
    only.add_argument("--markdown", action="store_true", help="print a table, draw nothing")
    _add_places(parser)
    options = parser.parse_args(arguments)
    try:
        if options.check or options.markdown:
            verdicts = [decide(lesson, options.uri) for lesson in lessons.some(options.names)]
        else:
            verdicts = build(options.names, options.uri, options.out)
    except (LookupError, ConnectionError) as error:
        parser.error(str(error))
    if options.markdown:
        print(as_markdown(verdicts))
        return 0
    show(verdicts)
    if options.check:
        return 0 if verdicts and all(verdict.holds for verdict in verdicts) else 1
    # A page may leave out lessons that nobody asked for and nobody has run.
    bad = [v for v in verdicts if v.problem and (options.names or not v.is_missing)]
    return 1 if bad else 0


def _add_places(parser):
    parser.add_argument("--uri", help="the MLflow store; the project's own by default")
    parser.add_argument("--out", help="the folder to write to; figures by default")


def _ui(uri):
    """Where the MLflow UI of a store is; a password in the address is left out."""
    uri = fetch.store_uri(uri)
    return fetch.shown(uri).rstrip("/") if uri.startswith(("http://", "https://")) else UI


def _sentence(error):
    """What an error says; a KeyError shows its key only, so that its kind is named."""
    words = str(error.args[0]) if type(error) is LookupError and error.args else str(error)
    return words if type(error) is LookupError else f"{type(error).__name__}: {words}"


if __name__ == "__main__":
    sys.exit(main())
