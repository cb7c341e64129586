"""Output for the user: a bar while nets train, failures when they happen, a table at the end.

Results go to standard output; progress and errors go to standard error, where a terminal shows a
bar and a file gets a line now and then.
"""

import sys
import time
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from experiments.errors import EXPLAINED
from experiments.tracking.text import plural as plural
from experiments.tracking.text import printable

EVERY = 30.0  # seconds between two lines of progress where there is no terminal

console = Console(highlight=False, soft_wrap=not (sys.stdout and sys.stdout.isatty()))
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text, style=None):
    """One line for the user."""
    console.print(printable(text), style=style, markup=False)


def complain(text):
    """An error, on standard error."""
    errors.print(printable(text), style="red", markup=False)


@contextmanager
def clean_exit():
    """Turns an error that explains itself into its message and the exit status."""
    try:
        yield
    except EXPLAINED as error:
        complain(str(error))
        raise SystemExit(error.code) from None


class Bar:
    """One bar for a whole sweep, or for the epochs of a single run. Use it in a `with`."""

    def __init__(self, total, notes=""):
        self.total = total or 1
        self.began = self.said = time.monotonic()
        self.bar = Progress(
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[notes]}"),
            TimeElapsedColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self.task = self.bar.add_task("", total=self.total, notes=notes)

    def __enter__(self):
        self.bar.start()
        return self

    def __exit__(self, *_):
        self.bar.stop()

    def update(self, completed, notes=""):
        now = time.monotonic()
        done = completed / self.total
        if 0 < done < 1:
            notes += f" · {span(remaining(now - self.began, done))} left"
        self.bar.update(self.task, completed=completed, notes=notes)
        if self.bar.disable and now - self.said > EVERY:
            errors.print(f"{done:.0%} · {notes}", markup=False)
            self.said = now


def remaining(seconds, done):
    """The seconds that are left when a share `done` took so many."""
    return seconds * (1 / done - 1)


def span(seconds):
    """A time in a suitable unit: 1.2 s, 12 s, 3 min, 1.5 h."""
    if seconds < 100:
        return f"{seconds:.{int(seconds < 9.95)}f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def table(title, columns, rows):
    """Prints a table of texts, numbers and other values; None is a dash."""
    shown = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for i, column in enumerate(columns):
        numbers = all(isinstance(row[i], int | float | None) for row in rows)
        shown.add_column(column, justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        shown.add_row(*map(_cell, row))
    console.print(shown)


def _cell(value):
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
