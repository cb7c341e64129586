"""Texts that are safe to show: without control characters, without passwords."""

import re

# `ada:secret@` of a URI (a password may have a slash, and no host begins with `host:5000/`), and
# `password=secret`, which PostgreSQL accepts at the end of a URI.
LOGIN = r"(?<=://)(?:[^/\s]*|(?![^/\s:@]*:\d*/)[^/\s:@]*:\S*)@"
LONGEST = 200  # characters of another library's message
SECRETS = re.compile(rf"{LOGIN}|(?<=[?&]password=)[^&\s'\"]*", re.IGNORECASE)


def printable(text: str, allowed: str = "\n\t") -> str:
    """`text` with escapes in place of control characters: a name in a store may come from anybody.

    Args:
        allowed: control characters that stay.
    """
    return "".join(c if c.isprintable() or c in allowed else repr(c)[1:-1] for c in text)


def without_passwords(text: str) -> str:
    """`text` without user names and passwords of the URIs in it."""
    return SECRETS.sub("", text)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or the error's type where there is no message."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def briefly(error: BaseException) -> str:
    """The first line of an error's message, cut: a library may quote a whole file in it."""
    line = first_line(error)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def plural(n: int, word: str) -> str:
    """A number and its word: 1 net, 2,000 nets."""
    return f"{n:,} {word}" + ("" if n == 1 else "s")
