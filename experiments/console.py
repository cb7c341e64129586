"""What the user sees: a bar while nets train, failures as they happen, a table at the end.

On a terminal this is drawn with rich; elsewhere it is plain lines, few of them.
"""

import sys
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from experiments.errors import UserError

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text, style=None):
    """One line for the user."""
    console.print(text, style=style, markup=False)


def complain(text):
    """What went wrong, on standard error."""
    errors.print(text, style="red", markup=False)


@contextmanager
def clean_exit():
    """Turns an error that the user can do something about into its message and exit status."""
    try:
        yield
    except UserError as error:
        complain(str(error))
        raise SystemExit(error.code) from None


class Bar:
    """One bar for a whole sweep, or for the epochs of a single run. Use it in a `with`."""

    def __init__(self, total, unit):
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit + "{task.fields[notes]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("training", total=total, notes="")

    def __enter__(self):
        self.bar.start()
        return self

    def __exit__(self, *_):
        self.bar.stop()

    def update(self, completed, notes=""):
        self.bar.update(self.task, completed=completed, notes=notes and f" · {notes}")


def table(title, columns, rows):
    """Prints a table; cells are texts or numbers."""
    shown = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for i, column in enumerate(columns):
        numbers = all(isinstance(row[i], int | float) for row in rows)
        shown.add_column(column, justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        shown.add_row(*(f"{c:.4g}" if isinstance(c, float) else str(c) for c in row))
    console.print(shown)
