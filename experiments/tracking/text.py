"""Texts that are safe to show: without control characters, without passwords."""

import re

# `ada:secret@` of a URI, and `password=secret`, which PostgreSQL accepts at the end of a URI.
SECRETS = re.compile(r"(?<=://)[^/\s]*@|(?<=[?&]password=)[^&\s'\"]*", re.IGNORECASE)


def printable(text: str, allowed: str = "\n\t") -> str:
    """`text` with escapes in place of control characters: a name in a store may come from anybody.

    Args:
        allowed: control characters that stay.
    """
    return "".join(c if c.isprintable() or c in allowed else repr(c)[1:-1] for c in text)


def without_passwords(text: str) -> str:
    """`text` without user names and passwords of the URIs in it."""
    return SECRETS.sub("", text)


def shown(uri: str) -> str:
    """The store as a user may see it: the path of an SQLite file, or a URI without its password."""
    if uri.startswith("sqlite"):
        return uri.partition(":///")[2].partition("?")[0] or uri
    return without_passwords(uri)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or the error's type where there is no message."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
