"""What the teacher thinks of one gap, given the answers of the reader's function to the cases."""

from collections.abc import Callable
from typing import NamedTuple

from experiments.workbook import comparison, diagnosis, wording
from experiments.workbook.comparison import first_difference

AGAIN, EXTREME = -1, -2  # numbers of two cases more: the first one once more, and an extreme one

RIGHT, UNFINISHED, WAITING, WRONG, BROKEN = "right", "unfinished", "waiting", "wrong", "broken"
ARITHMETIC = ("ValueError", "OverflowError", "ZeroDivisionError")  # of a number that is too large
ORDER = (RIGHT, WRONG, BROKEN, WAITING, UNFINISHED)  # of two verdicts, the first one counts


class Verdict(NamedTuple):
    """A verdict on one gap: its kind, and what the reader should know."""

    kind: str
    lines: tuple = ()
    place: str = ""  # file and line
    formula: Callable | None = None  # gives the same numbers
    arrays: bool = False  # whether the function was given NumPy arrays


def judge(gap, answers):
    """The verdict on a gap. Where a function takes arrays but no lists, its arrays count."""
    found = []
    for arrays in (False, True):
        chosen = [answer for answer in answers if answer["arrays"] == arrays]
        if is_enough(gap, chosen):
            verdict = _judge(gap, chosen)
            place = verdict.place or wording.place(chosen[0].get("at", {}))
            found.append(verdict._replace(arrays=arrays, place=place))
    named = [verdict for verdict in found if verdict.formula]
    best = min(found, key=lambda verdict: ORDER.index(verdict.kind))
    return named[0] if named and best.kind != RIGHT else best


def is_enough(gap, answers):
    """Whether answers allow a verdict: one for each case, or one that failed."""
    cases = {answer["case"] for answer in answers}
    return cases >= set(range(len(gap.cases))) or any("value" not in one for one in answers)


def _judge(gap, answers):
    by_case = {answer["case"]: answer for answer in answers}
    for i, answer in by_case.items():
        if i >= 0 and "value" not in answer:
            pairs = [(gap.cases[j], by_case[j]["value"]) for j in range(i)]
            earlier = None if gap.judge else _numbers(gap, pairs)
            return earlier or _no_answer(gap, i, answer)
    pairs = [(gap.cases[i], answer["value"]) for i, answer in by_case.items() if i >= 0]
    verdict = _property(gap, pairs) if gap.judge else _numbers(gap, pairs)
    return verdict or _behaviour(gap, by_case) or Verdict(RIGHT, _remark(gap, by_case))


def _no_answer(gap, i, answer):
    """The verdict on a call that brought no value."""
    if answer.get("missing"):
        return Verdict(BROKEN, (f"The file has no function `{gap.name}`.",))
    if "signature" in answer:
        said = f"`{gap.name}` must take {wording.listed(gap.arguments)}; yours takes "
        return Verdict(BROKEN, (said + f"{answer['signature']}.",))
    if answer.get("ended"):
        return Verdict(BROKEN, (wording.ENDED,))
    if "slow" in answer:
        return Verdict(BROKEN, wording.slow(gap, answer["slow"]), wording.place(answer["slow"]))
    error = answer["error"]
    if error["type"] == "NotImplementedError":
        if error.get("function") in (gap.name, None):
            return Verdict(UNFINISHED, place=wording.place(error))
        said = f"It uses `{error['function']}` of {error['file']}, which is not written yet."
        return Verdict(WAITING, (said,), wording.place(error))
    lines = [wording.case(gap, gap.cases[i]), wording.error(error)]
    mistake = diagnosis.without_a_number(gap, gap.cases[i])
    if mistake and error["type"] in ARITHMETIC:
        lines += [f"This happens, for example, if {mistake.name}.", mistake.hint]
    elif diagnosis.may_be_swapped(gap, error):
        lines += wording.SWAPPED
    elif i > 0 and wording.other_sizes(gap, i):
        lines.append(wording.sizes(gap, i))
    return Verdict(BROKEN, tuple(lines), wording.place(error))


def _numbers(gap, pairs):
    """The verdict on answers that differ from the right ones; None if none does."""
    for i, (arguments, value) in enumerate(pairs):
        truth = diagnosis.evaluate(gap, gap.reference, arguments)
        difference = first_difference(gap.answers, value, truth)
        if difference is None:
            continue
        lines = list(wording.difference(gap, arguments, difference, value))
        found = diagnosis.find(gap, pairs)
        if found:
            lines += wording.diagnosis(found)
        elif i > 0 and wording.other_sizes(gap, i):
            lines.append(wording.sizes(gap, i))
        elif not difference.sentence:
            lines += wording.unknown(gap, diagnosis.wrong_answers(gap, pairs))
        return Verdict(WRONG, tuple(lines), formula=found and found.formula)
    return None


def _property(gap, pairs):
    """The verdict where many answers are right; None if these are."""
    for arguments, value in pairs:
        if gap.shapes and (
            said := comparison.misshapen(gap.answers, value, gap.shapes(*arguments))
        ):
            return Verdict(WRONG, (wording.case(gap, arguments), wording.sentence(said)))
    problem = gap.judge([value for _, value in pairs])
    return Verdict(WRONG, problem) if problem else None


def _behaviour(gap, by_case):
    """The verdict on a function with right numbers that does more than it should."""
    changed = {gap.arguments[k] for answer in by_case.values() for k in answer.get("changed", ())}
    if changed := [name for name in gap.arguments if name in changed - set(gap.may_change)]:
        return Verdict(BROKEN, wording.changes(gap, changed))
    if AGAIN in by_case and by_case[AGAIN].get("value") != by_case[0]["value"]:
        return Verdict(BROKEN, wording.again(gap, by_case[AGAIN]))
    return None


def _remark(gap, by_case):
    """What may be said about a right function."""
    extreme = by_case.get(EXTREME, {"value": 0.0})
    if "value" in extreme and comparison.finite(extreme["value"]):
        return ()
    return (gap.remark,)
