"""Sentences of the teacher. Each tuple is what stands below the name of a gap, line by line."""

import numpy as np

from experiments.workbook import comparison

ENDED = "Python ended while it ran. Does the code end Python, or need very much memory?"

SWAPPED = (
    "A number stands where a list belongs. This happens, for example, if inputs and targets are "
    "swapped: y where x belongs.",
    "In which order do they come?",
)


def place(answer):
    """File and line of the reader's code."""
    return f"{answer['file']}, line {answer['line']}" if answer.get("line") else ""


def listed(names):
    """Names as arguments stand in a call."""
    return f"({', '.join(names)})"


def sentence(text):
    return f"{text[0].upper() if text.startswith(('it ', 'the ')) else text[0]}{text[1:]}."


def case(gap, arguments):
    """The arguments of a case, by name."""
    pairs = zip(gap.arguments, arguments, strict=True)
    given = [f"{name} = {_short(value)}" for name, value in pairs if not isinstance(value, dict)]
    return f"With {', '.join(given)}:" if given else "It was called without arguments:"


def _short(value):
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    return f"{value:g}"


def difference(gap, arguments, found, value):
    """The first quantity that differs, with both values."""
    if value == {"is": "NoneType"}:
        return (case(gap, arguments), "It returns None. Does it end with a line `return …`?")
    if found.sentence:
        return (case(gap, arguments), sentence(found.sentence))
    alone = len(gap.answers) == 1 and found.name == gap.answers[0]
    return (
        case(gap, arguments),
        *(() if alone else (f"The first number that differs is {found.name}:",)),
        f"    yours     {found.mine}",
        f"    expected  {found.expected}",
    )


def diagnosis(found):
    """The mistake that gives the same numbers, and the question to think about."""
    *most, last = found.answers or ("",)
    of = f" of {', '.join(most)} and {last}" if most else f" of {last}" if last else ""
    if len(found.names) == 1:
        return (f"The same numbers{of} come out if {found.names[0]}.", found.hint)
    first, second = found.names
    return (f"The same numbers{of} come out with two mistakes: {first}; and {second}.", found.hint)


def unknown(gap, wrong):
    """What helps if no usual mistake gives these numbers."""
    right = [name for name in gap.answers if name not in wrong]
    lines = [f"Right: {', '.join(right)}. Not right: {', '.join(wrong)}."] if right else []
    return (
        *lines,
        "No usual mistake gives these numbers. Compute this case on paper, step by step.",
    )


def other_sizes(gap, i):
    """Whether case i has other numbers of inputs, units or examples than the first case."""
    sizes = [[np.shape(value) for value in gap.cases[k]] for k in (0, i)]
    return sizes[0] != sizes[1]


def sizes(gap, i):
    """The sentence for code that is right for the sizes of the first case only."""
    shapes = [
        f"{name} has {comparison.counted(np.shape(now))}, not {comparison.counted(np.shape(first))}"
        for name, first, now in zip(gap.arguments, gap.cases[0], gap.cases[i], strict=True)
        if np.shape(first) != np.shape(now)
    ]
    return (
        f"The first case was right. Here {shapes[0]}. Is a number such as 2 written in your code?"
    )


def error(found):
    """An exception that the reader's code raised."""
    said = f"{found['type']}: {found['said']}" if found["said"] else found["type"]
    if found["type"] == "EOFError":
        said += " (input() cannot be used here)"
    if found["type"] == "SystemExit":
        said = "It ends Python, by exit() or sys.exit()"
    return f"{said}, at `{found['source']}`." if found.get("source") else f"{said}."


def slow(gap, where):
    """A call that took too long."""
    lines = [f"`{gap.name}` did not come back in time."]
    if where.get("source"):
        lines.append(f"When it was stopped, this line was running: `{where['source']}`.")
    return (*lines, "Does each loop end?")


def changes(gap, names):
    """A function that changes what it was given."""
    said = f"The numbers are right, but `{gap.name}` changes its argument {' and '.join(names)}."
    return (said, "Others still need the old values. Make a new list, and leave the old one alone.")


def again(gap, answer):
    """A function that remembers its first call."""
    if "rng" in gap.arguments:
        return (
            "The same seed gives another net when it is called once more.",
            "Do all numbers come from rng? Then a net that fails can be made again, and looked at.",
        )
    error = f" ({answer['error']['type']})" if "error" in answer else ""
    return (
        f"The first call is right, but the same call once more gives another answer{error}.",
        "Does a list or a number outside the function, or a default value, keep something?",
    )
