"""The page of all lessons, and the tables of their claims.

The same answers give the same bytes: nothing in a file says when, where or by whom it was made.
"""

import base64
import csv
import io
from pathlib import Path

from analysis import essay
from analysis.answers import total
from analysis.family import family
from analysis.figures import saving
from analysis.guesses import guess
from analysis.statistics import p_value
from analysis.templates import environment
from experiments.tracking.layout import PAGE_FILE

EXPLORER = "{}-explore.html"  # the page of a lesson that `scratchml explore` writes
COLUMNS = ("lesson", "question", "answer", "claim", "measured", "test", "level", "margin", "nets",
           "p", "p_of_all", "intervals", "verdict", "caveat", "standing")  # fmt: skip


def write(answers, out, quick=False):
    """{file name: bytes} of the page, the table of claims and the pictures; writes the first two.

    Args:
        out: the folder.
        quick: whether the page says that it rests on few nets.
    """
    files = {
        PAGE_FILE: as_html(answers, quick, _explorers(answers, out)).encode(),
        "report.csv": as_csv(answers).encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        saving.write(out / name, content)
    pictures = [p for answer in answers for p in (answer.figure, answer.animation) if p]
    return files | {path.name: path.read_bytes() for path in pictures}


def as_csv(answers):
    """All claims as a table, one claim a row; `p_of_all` is adjusted for all claims (Holm)."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    every = family(answers)
    for answer in answers:
        lesson = answer.lesson
        for claim in answer.claims:
            together = every.of(lesson.name, claim)
            table.writerow((
                lesson.name, lesson.question, answer.sentence, claim.sentence, claim.measured,
                claim.test, claim.level, claim.margin, claim.nets,
                *("" if p is None else f"{p:.3g}" for p in (claim.p, together)),
                claim.intervals, answer.verdict(claim), str(claim.caveat).lower(),
                answer.standing.of(claim),
            ))  # fmt: skip
    return text.getvalue()


def as_markdown(answers):
    """A table for the README: lesson, question, answer, nets."""
    rows = ["| lesson | question | answer | nets |", "|---|---|---|---:|"]
    for answer in answers:
        name = answer.lesson.name
        question, said = (text.replace("|", "\\|") for text in
                          (answer.lesson.question, answer.summary))  # fmt: skip
        link = f"[{name}](analysis/lessons/{name}.py)"
        rows.append(f"| {link} | {question} | {said} | {answer.nets:,} |")
    return "\n".join(rows)


def sayings_as_markdown(answers):
    """A table for the README: what is usually said, whether it is so, what was measured."""
    rows = ["| usual saying | is it so? | what was measured | lesson |", "|---|---|---|---|"]
    for row in essay.rows(answers):
        said = row.sentences.replace("|", "\\|")
        link = f"[{row.lesson}](analysis/lessons/{row.lesson}.py)"
        rows.append(f"| {row.words} | {row.outcome} | {said} | {link} |")
    return "\n".join(rows)


def _explorers(answers, out):
    """{lesson: file} of the pages of `scratchml explore` that are in the folder."""
    files = {a.lesson.name: EXPLORER.format(a.lesson.name) for a in answers}
    return {name: file for name, file in files.items() if (out / file).is_file()}


def as_html(answers, quick=False, explorers=None):
    """The page. It needs no other file, no script and no network.

    Args:
        explorers: {lesson: address of its page of `scratchml explore`}, to link to.
    """
    from analysis import terms

    filters = {"data_uri": _data_uri, "p_value": p_value, "typeset": terms.typeset}
    page = environment(Path(__file__).parent, **filters).get_template("page.html.j2")
    guesses = {answer.lesson.name: guess(answer) for answer in answers}
    words = {
        "total": total(answers),
        "family": family(answers),
        "sayings": essay.rows(answers),
        "guesses": {name: found for name, found in guesses.items() if found},
        "telling": terms.Telling,
        "glossary": terms.glossary(),
        "explorers": explorers or {},
    }
    return page.render(answers=answers, quick=quick, **words) + "\n"


def _data_uri(path):
    kind = {".png": "image/png", ".webp": "image/webp"}[path.suffix]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
