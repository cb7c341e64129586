"""Errors that a user can do something about: said in a sentence, without a traceback."""


class UserError(Exception):
    """What is wrong and what to do. `code` is the process's exit status."""

    code = 2


class ConfigError(UserError, ValueError):
    """A configuration that is not allowed, one problem a line."""


class StoreError(UserError, RuntimeError):
    """The store cannot be used: one sentence that says which, why, and what to do."""

    code = 3


class Interrupted(UserError):
    """Ctrl-C was pressed; what was finished by then is stored."""

    code = 130


class RunsFailed(UserError):
    """A sweep went through, but not all of its runs did."""

    code = 1
