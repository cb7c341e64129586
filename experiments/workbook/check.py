"""Looks at the files of the reader, one step after the other."""

from pathlib import Path
from typing import NamedTuple

from experiments.workbook import process, wording
from experiments.workbook.gaps import Step
from experiments.workbook.verdicts import AGAIN, BROKEN, EXTREME, RIGHT, WRONG, Verdict, judge


class Report(NamedTuple):
    """What the teacher found in one file.

    Attributes:
        verdicts: the name of a gap -> its Verdict, in order.
        problem: a Verdict on the file itself, if it cannot be read.
        printed: what the reader's code prints, with its places.
    """

    step: Step
    verdicts: dict
    problem: Verdict | None = None
    printed: tuple = ()

    @property
    def trainable(self):
        """Whether all gaps are written and give numbers, so that nets can be trained."""
        wanted = {gap.name for gap in self.step.gaps if not gap.optional}
        kinds = {verdict.kind for verdict in self.verdicts.values()}
        return wanted <= self.verdicts.keys() and kinds <= {RIGHT, WRONG}


def look(folder, step, limit=process.LIMIT):
    """The Report on one step."""
    if not (Path(folder) / step.file).is_file():
        said = (
            f"{step.file} is not there. `scratchml learn`, with the name of this folder, writes it "
            "again, and changes no other file."
        )
        return Report(step, {}, Verdict(BROKEN, (said,)))
    todo = list(calls(step.gaps))
    answers = process.ask(folder, step.file, todo, limit)
    printed = tuple(answer for answer in answers if "printed" in answer)
    answers = complete(todo, [answer for answer in answers if "printed" not in answer])
    if answers and "gap" not in answers[0]:
        return Report(step, {}, _unread(answers[0]), printed)
    verdicts = {}
    for gap in step.gaps:
        mine = [answer for answer in answers if answer["gap"] == gap.name]
        if mine and not (gap.optional and mine[0].get("missing")):
            verdicts[gap.name] = judge(gap, mine)
    return Report(step, verdicts, None, printed)


def calls(gaps):
    """All calls of the functions of a file: each case, the first one again, an extreme one."""
    for gap in gaps:
        cases = [*enumerate(gap.cases), (AGAIN, gap.cases[0])]
        cases += [(EXTREME, gap.extreme)] if gap.extreme else []
        for i, arguments in cases:
            yield {"gap": gap.name, "case": i, "arguments": list(arguments)}


def complete(todo, answers):
    """The answers; where the process ended too early, also one for the call that was running."""
    end = answers[-1] if answers else {}
    if unread := [answer for answer in answers if "loading" in answer]:
        return unread
    if "end" in end or "gap" in end and "slow" in end:
        return [answer for answer in answers if "gap" in answer]
    if not any("ready" in answer for answer in answers):  # not even the file was read
        return [{"slow": end["slow"]} if "slow" in end else {"ended": True}]
    answers = [answer for answer in answers if "gap" in answer]
    done = {(answer["gap"], answer["case"]) for answer in answers}
    running = next((one for one in todo if (one["gap"], one["case"]) not in done), todo[-1])
    what = {"gap": running["gap"], "case": running["case"], "arrays": False}
    return [*answers, what | ({"slow": {}} if "slow" in end else {"ended": True})]


def _unread(answer):
    """The verdict on a file that could not be read to its end."""
    if "ended" in answer:
        return Verdict(BROKEN, (wording.ENDED,))
    if "slow" in answer:
        said = "The file was not read to its end in time. Does it start a long loop by itself?"
        return Verdict(BROKEN, (said,), wording.place(answer["slow"]))
    error = answer["loading"]
    return Verdict(BROKEN, (wording.error(error),), wording.place(error))
