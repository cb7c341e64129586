"""Answers in print: every claim with its numbers, in colour on a terminal, one a line in a file."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.answers import TOO_FEW, total
from experiments.console import plural
from experiments.tracking.text import printable


def show(answers, console=None):
    """Prints the claims of answers, and a line about all of them."""
    console = console or Console(highlight=False)
    for answer in answers:
        lesson = answer.lesson
        console.print(Text(f"{lesson.name}: {lesson.question}", "bold"), soft_wrap=True)
        table = Table.grid(padding=(0, 2), pad_edge=True)
        for mark, words in _lines(answer):
            words = printable(words)
            colour = {"holds": "green", TOO_FEW: "yellow"}.get(mark, "bold red")
            if console.is_terminal:
                table.add_row(Text(mark, colour), Text(words))
            else:  # never cut or wrapped
                console.print(Text(f"  {mark:14}  {words}"), soft_wrap=True)
        if console.is_terminal:
            console.print(table)
    console.print(Text(total(answers)), soft_wrap=True)


def _lines(answer):
    """The lines of an answer: a mark and the words behind it."""
    for claim in answer.claims:
        caveat = "caveat: " if claim.caveat else ""
        rests = f"{claim.test}; {plural(claim.nets, 'net')}"
        yield answer.verdict(claim), f"{caveat}{claim.sentence}: {claim.measured} ({rests})"
    if answer.absent:
        yield "incomplete", f"not in the store: {', '.join(answer.absent)}"
    if answer.problem:
        yield "not run" if answer.is_missing else "failed", answer.problem
