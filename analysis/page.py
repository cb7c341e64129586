"""The page of all lessons, and the tables of their claims.

The same answers give the same bytes: nothing in a file says when, where or by whom it was made.
"""

import base64
import csv
import io
from pathlib import Path

from analysis.answers import total
from analysis.figures import saving
from experiments.tracking.layout import PAGE_FILE

COLUMNS = ("lesson", "question", "claim", "measured", "test", "nets", "verdict", "caveat")


def write(answers, out, quick=False):
    """{file name: bytes} of the page, the table of claims and the pictures; writes the first two.

    Args:
        out: the folder.
        quick: whether the page says that it rests on few nets.
    """
    files = {
        PAGE_FILE: as_html(answers, quick).encode(),
        "report.csv": as_csv(answers).encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        saving.write(out / name, content)
    pictures = [p for answer in answers for p in (answer.figure, answer.animation) if p]
    return files | {path.name: path.read_bytes() for path in pictures}


def as_csv(answers):
    """All claims as a table, one claim a row."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for answer in answers:
        for claim in answer.claims:
            table.writerow((
                answer.lesson.name, answer.lesson.question, claim.sentence, claim.measured,
                claim.test, claim.nets, answer.verdict(claim), str(claim.caveat).lower(),
            ))  # fmt: skip
    return text.getvalue()


def as_markdown(answers):
    """A table for the README: lesson, question, verdict, nets."""
    rows = ["| lesson | question | verdict | nets |", "|---|---|---|---:|"]
    for answer in answers:
        name, question = answer.lesson.name, answer.lesson.question.replace("|", "\\|")
        link = f"[{name}](analysis/lessons/{name}.py)"
        rows.append(f"| {link} | {question} | {answer.summary} | {answer.nets:,} |")
    return "\n".join(rows)


def as_html(answers, quick=False):
    """The page. It needs no other file, no script and no network."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["data_uri"] = _data_uri
    page = environment.get_template("page.html.j2")
    return page.render(answers=answers, total=total(answers), quick=quick) + "\n"


def _data_uri(path):
    kind = {".png": "image/png", ".gif": "image/gif"}[path.suffix]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
