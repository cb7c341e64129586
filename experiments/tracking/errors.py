"""Errors of a store and of its contents, and texts without passwords."""

import re

# `ada:secret@` of a URI, and `password=secret`, which PostgreSQL takes at its end.
SECRETS = re.compile(r"(?<=://)[^/\s]*@|(?<=[?&]password=)[^&\s'\"]*", re.IGNORECASE)


class TrackingError(Exception):
    """What is wrong with a store or its contents, and what to do. `code` is the exit status."""

    code = 2


class StoreError(TrackingError, RuntimeError):
    """The store cannot be used: one sentence that says which, why, and what to do."""

    code = 3


def without_passwords(text):
    """`text` as anybody may see it: who logs in to the URIs in it, and how, is left out."""
    return SECRETS.sub("", text)
