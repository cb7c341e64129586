"""What the teacher says about the whole workbook, in plain lines."""

import textwrap

from experiments.workbook import population, wording
from experiments.workbook.verdicts import BROKEN, RIGHT, UNFINISHED, WAITING, WRONG

WIDTH = 96  # columns
SAID = {
    RIGHT: "right",
    WRONG: "not right",
    BROKEN: "does not work",
    WAITING: "cannot be looked at yet",
    UNFINISHED: "not written yet",
}


def page(reports):
    """All lines about the gaps that are written, and what is next."""
    for report in reports:
        yield from chapter(report)
        yield ""
    yield from what_is_next(reports)


def chapter(report):
    """The lines about one step."""
    heading = f"Step {report.step.number}  {report.step.title}"
    if report.problem:
        yield heading
        yield from below(f"The file cannot be used{at(report.problem)}:", "  ")
        yield from paragraphs(report.problem.lines)
    elif not begun(report):
        yield f"{heading} (not begun)"
    else:
        yield heading
        yield from gaps(report)
    for one in report.printed:
        said = f"It prints {one['printed']!r} ({wording.place(one) or 'somewhere'}): no harm."
        yield from below(said, "  ")


def begun(report):
    """Whether one gap of a file is written."""
    kinds = {report.verdicts[name].kind for name in own(report) if name in report.verdicts}
    return bool(kinds - {UNFINISHED, WAITING})


def gaps(report):
    """A line for each gap, and more below a gap that is not right."""
    width, verdicts = max(len(gap.name) for gap in report.step.gaps), dict(seen(report))
    wrong = [name for name, verdict in verdicts.items() if verdict.kind in (WRONG, BROKEN)]
    for gap in report.step.gaps:
        label, verdict = f"  {gap.name:{width}}  ", verdicts.get(gap.name)
        if verdict:
            place = at(verdict) if verdict.kind in (WRONG, BROKEN) else ""
            yield f"{label}{SAID[verdict.kind]}{place}"
            yield from paragraphs(verdict.lines)
        elif wrong and not gap.optional:
            yield f"{label}later: `{wrong[0]}` comes first"


def at(verdict):
    return f" ({verdict.place})" if verdict.place else ""


def paragraphs(lines):
    for line in lines:
        yield from below(line, "      ")


def below(text, indent):
    indent += text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(text.lstrip(), WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip


def what_is_next(reports):
    """How many gaps are right, and the one to go on with."""
    right, todo = 0, []
    for report in reports:
        if report.problem:
            todo.append(f"mend {report.problem.place or report.step.file}")
        for name, verdict in seen(report):
            if verdict.kind in (WRONG, BROKEN, UNFINISHED):
                verb = "write" if verdict.kind == UNFINISHED else "mend"
                todo.append(f"{verb} `{name}`{at(verdict)}")
            right += verdict.kind == RIGHT and name in own(report)
    total = sum(len(own(report)) for report in reports)
    of_step = f" of step {reports[0].step.number}" if len(reports) == 1 else ""
    if right == total and not todo:
        yield f"All gaps{of_step} are right, {total} of {total}."
    else:
        yield f"{right} of {total} gaps{of_step} are right."
    if todo:
        yield f"Next: {todo[0]}. Then give the same command again."


def own(report):
    """The names of the gaps of a file; the sigmoid of step 3 is not written in step 4."""
    return [gap.name for gap in report.step.gaps if not gap.optional]


def seen(report):
    """(name, verdict) of the gaps up to the first one that is not right, and of unwritten ones.

    What comes after a gap that is not right may be wrong because of it.
    """
    first = False
    for name, verdict in report.verdicts.items():
        if not first or verdict.kind == UNFINISHED:
            yield name, verdict
        first = first or verdict.kind in (WRONG, BROKEN)


def of_population(width, nets):
    """The line before nets are trained."""
    return (
        f"{nets} nets with {width} hidden unit{'s' * (width > 1)}, trained on XOR by your code "
        f"(learning rate {population.LR:g}, at most {population.EPOCHS:,} epochs). A net solves "
        f"XOR if all four answers are within {population.TOLERANCE} of their targets."
    )


def shares(counts):
    """A row for each population: its name, the share that solves XOR, and the interval."""
    width = max(map(len, counts))
    for name, count in counts.items():
        low, high = (f"{100 * end:.0f}" for end in count.interval())
        yield (
            f"  {name:{width}}  {100 * count.share:3.0f} % of {count.nets} solve XOR"
            f"    (95 % interval: {low} to {high} %)"
        )


def meaning(mine, right, is_right):
    """What the shares mean."""
    if mine.nets < right.nets:
        yield f"The time was over after {mine.nets} nets, and only these are counted."
    if mine.failed:
        where = f" ({wording.place(mine.error)})" if wording.place(mine.error) else ""
        yield f"In {mine.failed} of them your code raised {wording.error(mine.error)[:-1]}{where}."
    if mine.interval()[1] < right.interval()[0]:
        if is_right:
            yield (
                "Each gap is right, but fewer of your nets learn than of ours. The start is the "
                "rest: are your first weights much smaller than ours, between -1 and 1?"
            )
        else:
            yield "That is why it matters: fewer of these nets learn."
    elif not is_right:
        yield (
            "About as many as with right code. A net that learns is no proof that its code is "
            "right."
        )
    elif mine.solved < mine.nets:
        yield (
            "Your code is right, and so are the nets that do not solve XOR: their starts lead to a "
            "place where the gradient is almost 0. More hidden units help: --width 4."
        )
    else:
        yield "Your code is right, and each net finds the way."
