"""Answers in print: one line a lesson and what failed, or every claim with its numbers.

In colour on a terminal, one claim a line in a file.
"""

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.answers import TOO_FEW, total
from analysis.family import family
from analysis.registration import CONFIRMED, EXPLORATORY, NOT_CONFIRMED
from experiments.console import plural
from experiments.tracking.text import printable


def show(answers, console=None, verbose=True):
    """Prints answers, and a line about all of them.

    Args:
        verbose: whether all claims are printed; otherwise the answer and what does not hold.
    """
    console = console or Console(highlight=False)
    for answer in answers:
        lesson = answer.lesson
        if verbose:
            title = f"{lesson.name}: {lesson.question}"
            console.print(Text(printable(title), "bold"), soft_wrap=True)
            if answer.sentence:
                console.print(Text(f"  {printable(answer.sentence)}"), soft_wrap=True)
        else:
            line = Text.assemble((f"{lesson.name:19} ", "bold"), printable(answer.summary))
            console.print(line, soft_wrap=True)
        table = Table.grid(padding=(0, 2), pad_edge=True)
        for mark, words in _lines(answer, verbose):
            words = printable(words)
            colour = {"holds": "green", TOO_FEW: "yellow", EXPLORATORY: "yellow"}.get(
                mark, "bold red"
            )
            if console.is_terminal:
                table.add_row(Text(mark, colour), Text(words))
            else:  # never cut or wrapped
                console.print(Text(f"  {mark:14}  {words}"), soft_wrap=True)
        if console.is_terminal:
            console.print(table)
    console.print(Text(total(answers)), soft_wrap=True)
    every = family(answers)
    if every.adjusted:
        console.print(Text(every.words), soft_wrap=True)
    if any(answer.claims and not answer.quick for answer in answers):
        console.print(Text(standings(answers)), soft_wrap=True)


def standings(answers):
    """A sentence: how many claims hold on seeds for which they were sealed first."""
    words = Counter(a.standing.of(claim) for a in answers for claim in a.claims)
    total = plural(words.total(), "claim")
    if not words.total() - words[EXPLORATORY]:
        return f"{total}: exploratory; `scratchml register` seals them for fresh seeds"
    return f"{total}: " + ", ".join(
        f"{words[standing]} {standing}"
        for standing in (CONFIRMED, NOT_CONFIRMED, EXPLORATORY) if words[standing]
    )  # fmt: skip


def _lines(answer, verbose):
    """The lines of an answer: a mark and the words behind it."""
    for claim in answer.claims:
        if claim.holds and not verbose:
            continue
        caveat = "caveat: " if claim.caveat else ""
        rests = f"{claim.test}; {plural(claim.nets, 'net')}"
        yield answer.verdict(claim), f"{caveat}{claim.sentence}: {claim.measured} ({rests})"
    if answer.standing.note:
        yield EXPLORATORY, answer.standing.note
    if answer.absent:
        yield "incomplete", f"not in the store: {', '.join(answer.absent)}"
    if answer.problem:
        yield "not run" if answer.is_missing else "failed", answer.problem
