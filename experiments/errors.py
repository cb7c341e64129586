"""Errors that a user can do something about: one sentence, without a traceback."""

from experiments.process import interrupts
from experiments.tracking.errors import TrackingError


class UserError(Exception):
    """What is wrong and what to do. `code` is the exit status of the process."""

    code = 2


class ConfigError(UserError, ValueError):
    """A configuration that is not allowed; the message has a line for each problem."""


class Interrupted(UserError):
    """Ctrl-C was pressed; the runs that were finished before are stored."""

    code = interrupts.CODE


class RunsFailed(UserError):
    """A sweep went through, and some of its runs failed."""

    code = 1


EXPLAINED = (UserError, TrackingError)  # errors whose message is all that a user needs


class TrainingError(Exception):
    """An error of training: its message in one line, and its traceback.

    Both are texts, because not every exception can be sent from one process to another.
    """

    def __init__(self, said, traceback=""):
        super().__init__(said)
        self.traceback = traceback

    def __reduce__(self):
        return type(self), (*self.args, self.traceback)


class WorkerDied(TrainingError):
    """The worker of a task died twice, so the task itself is taken to be the reason."""


def reason(error):
    """The message of an exception, in one line."""
    said = str(error).partition("\n")[0]
    return said if type(error) is TrainingError else f"{type(error).__name__}: {said}"
