"""Errors of a store and of its contents. The message of each says all that a user needs."""

from experiments.tracking.text import briefly


class TrackingError(Exception):
    """A problem with a store or its contents, and its remedy. `code` is the exit status."""

    code = 2


class StoreError(TrackingError, RuntimeError):
    """The store cannot be used: one sentence that says which store, why, and the remedy."""

    code = 3


class Missing(TrackingError, LookupError):
    """The store is sound and does not have the experiment, the sweep or the run."""


class NoStore(Missing):
    """There is no database at this place yet."""

    code = 3


class Lost(Missing):
    """A run is stored and one of its files is gone."""


class Damaged(TrackingError, ValueError):
    """The contents of a run are not what scratchml writes."""


class Foreign(Damaged):
    """Files are said to be at a place that is not the store's, so nothing is asked there."""


def damaged(name: str, owner: object, error: BaseException) -> Damaged:
    """The error for a damaged file of a run, in one sentence that names both."""
    return Damaged(f"{name} of {owner} is damaged ({briefly(error)})")
