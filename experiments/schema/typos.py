"""Words of a command line that are not written as Hydra needs them."""

from collections.abc import Collection, Sequence

from experiments.schema import hints


def is_knob(word: str, known: Collection[str]) -> bool:
    """Whether a word with dashes is a knob, by its name or by a usual word for it."""
    name = word.lstrip("-").partition("=")[0].replace("-", "_")
    return name in known or name in hints.KNOB_WORDS


def as_override(word: str, known: Collection[str]) -> str:
    """A knob with dashes, as it is written: `--learning-rate=1` and `-lr=1` are `lr=1`."""
    name, _, value = word.lstrip("-").partition("=")
    name = name.replace("-", "_")
    name = name if name in known else hints.KNOB_WORDS[name]
    return f"{'+' * (name == 'lesson')}{name}={value or 'VALUE'}"


def joined(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words that blanks beside commas or = have divided, put together, and a sentence for each."""
    whole, divided = [], {}  # divided: the place of a word -> where it has a blank
    for word in words:
        where = _blank(whole[-1], word) if whole else None
        if where is None:
            whole.append(word)
        else:
            whole[-1] += word
            divided.setdefault(len(whole) - 1, where)
    right = [word for i, word in enumerate(whole) if i not in divided]
    return right, [f"no blank {where}: write {whole[i]}" for i, where in divided.items()]


def _blank(before, word):
    """Where the blank is that has divided one word into these two; None if they are two."""
    if "=" not in word and "=" in before and before.endswith(","):
        return "after a comma"
    if word.startswith(",") and "=" in before:
        return "before a comma"
    if word.startswith("=") and "=" not in before:
        return "before ="
    if "=" not in word and before.endswith("="):
        return "after ="
    return None


def said(error: Exception) -> str:
    """The first line of an error about words or files, without Python's advice to programmers."""
    line = str(error).partition("\n")[0]
    line = line.partition(" expecting ")[0]  # a list of the parser's own words for signs
    return "a number has too many digits" if "set_int_max_str_digits" in line else line


def shortened(word: str) -> str:
    """A word as a message shows it."""
    return repr(word) if len(word) <= 200 else f"{word[:60]!r}... ({len(word):,} characters)"
