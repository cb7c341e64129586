"""Code blocks of a Markdown file, so that tests can do what it says."""

import re
from typing import NamedTuple

# A block, and the file that it belongs to where the line before names one: "in `conf/x.yaml`:".
BLOCK = re.compile(r"(?:`([\w/.]+)`:\n\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block."""

    path: str | None
    language: str
    text: str

    @property
    def commands(self):
        """The lines of a block of commands, without what is said about them."""
        lines = (line.partition(" #")[0].strip() for line in self.text.splitlines())
        return [line for line in lines if line]


def blocks(text):
    return [Block(*match.groups()) for match in BLOCK.finditer(text)]
