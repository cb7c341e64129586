"""Words of a command line that are not written as Hydra needs them."""

from collections.abc import Collection, Sequence

from experiments.schema import hints


def is_knob(word: str, known: Collection[str]) -> bool:
    """Whether a word with dashes is a knob, by its name or by a usual word for it."""
    name = word.lstrip("-").partition("=")[0].replace("-", "_")
    return name in known or name in hints.KNOB_WORDS


def as_override(word: str, known: Collection[str]) -> str:
    """A knob with dashes, as it is written: `--learning-rate=1` is `lr=1`."""
    name, _, value = word.lstrip("-").partition("=")
    name = name.replace("-", "_")
    name = name if name in known else hints.KNOB_WORDS[name]
    return f"{'+' * (name == 'lesson')}{name}={value or 'VALUE'}"


def joined(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words that blanks after commas have divided, put together, and a sentence for each."""
    whole, divided = [], {}  # divided: the place of a word -> the word as it was meant
    for word in words:
        if whole and whole[-1].endswith(",") and "=" in whole[-1] and "=" not in word:
            whole[-1] += word
            divided[len(whole) - 1] = whole[-1]
        else:
            whole.append(word)
    right = [word for i, word in enumerate(whole) if i not in divided]
    return right, [f"no blank after a comma: write {word}" for word in divided.values()]


def shortened(word: str) -> str:
    """A word as a message shows it."""
    return repr(word) if len(word) <= 200 else f"{word[:60]!r}... ({len(word):,} signs)"
