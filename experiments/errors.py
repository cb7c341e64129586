"""Errors that a user can do something about: said in a sentence, without a traceback."""

from experiments import interrupts
from experiments.tracking.errors import TrackingError


class UserError(Exception):
    """What is wrong and what to do. `code` is the process's exit status."""

    code = 2


class ConfigError(UserError, ValueError):
    """A configuration that is not allowed, one problem a line."""


class Interrupted(UserError):
    """Ctrl-C was pressed; what was finished by then is stored."""

    code = interrupts.CODE


class RunsFailed(UserError):
    """A sweep went through, but not all of its runs did."""

    code = 1


EXPLAINED = (UserError, TrackingError)  # errors whose message is all that a user needs


class TrainingError(Exception):
    """What training raised, in a line, and the traceback of where.

    Both are texts, as not every exception survives the way from one process to another.
    """

    def __init__(self, said, traceback=""):
        super().__init__(said)
        self.traceback = traceback

    def __reduce__(self):
        return type(self), (*self.args, self.traceback)


class WorkerDied(TrainingError):
    """A task's worker died twice, so that the task itself is taken to be the reason."""


def reason(error):
    """What an exception says, in one line."""
    said = str(error).partition("\n")[0]
    return said if type(error) is TrainingError else f"{type(error).__name__}: {said}"
