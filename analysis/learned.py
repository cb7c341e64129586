"""The lessons of the workbook's steps, on nets that the reader's own code has trained.

    scratchml learn lesson               the lesson of each step that is right
    scratchml learn lesson --step 4      of one step
    scratchml learn lesson --nets 400    of at most so many nets a run; default: 20, step 4: 6

It runs the reader's files. FOLDER/lessons gets a file for each step, which puts the reader's steps
in the place of ours, and the figures: yours, and ours of the same starts.
"""

import argparse
import contextlib
import io
import shlex
import sys
from pathlib import Path

from analysis import answers, lessons
from analysis.commands import QUICK
from experiments import console
from experiments.errors import UserError
from experiments.process import startup, streams
from experiments.process.interrupts import CODE
from experiments.running.session import Session
from experiments.tracking.uris import sqlite_uri
from experiments.train import sweep
from experiments.workbook import check, stand_in
from experiments.workbook.__main__ import FOLDER, is_workbook
from experiments.workbook.gaps import STEPS
from experiments.workbook.verdicts import RIGHT

NETS = {4: 6}  # of a run, at most: in plain Python a net of step 4 takes some seconds
USUAL = 20
YOURS, OURS = "yours", "ours"


def main(arguments=None):
    """The exit status of the command: 1 if a run failed, 2 if no step is right."""
    parser = argparse.ArgumentParser(
        "scratchml learn lesson",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", default=FOLDER, metavar="FOLDER")
    parser.add_argument("--step", type=int, choices=tuple(stand_in.STEPS), help="only this step")
    parser.add_argument("--nets", type=int, help="nets of a run, at most")
    options = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    startup.computing()
    try:
        with console.clean_exit():
            return _learned(Path(options.folder), options.step, options.nets)
    except SystemExit as end:
        return end.code


def _learned(folder, only, nets):
    if not is_workbook(folder):
        raise UserError(f"{folder} is no workbook. Make one with: scratchml learn")
    if "," in str(folder):
        raise UserError(f"a workbook's folder must have no comma in its name; got {folder}")
    asked = [step for step in STEPS if only in (None, step.number)]
    right = [step for step in asked if is_right(folder, step)]
    if not right:
        again = shlex.join(["scratchml", "learn", "check", str(folder)])
        which = f"step {only} is not right yet" if only else "no step is right yet"
        raise UserError(f"{which}, so there is no lesson to run; ask: {again}")
    with Session() as session:
        failed = [lesson(folder, step, _nets(step, nets), session) for step in right]
    console.say(f"look: {folder / 'lessons'}")
    return int(any(failed))


def _nets(step, asked):
    """The nets of a run, at most; where nobody has asked for a number, it is said."""
    if asked is not None:
        return max(1, asked)
    usual = NETS.get(step.number, USUAL)
    if usual < USUAL:
        console.say(
            f"step {step.number}: {usual} nets a run, because nets in plain Python are slow; "
            f"--nets {USUAL} takes {USUAL / usual:.0f} times as long, and tells more"
        )
    return usual


def is_right(folder, step):
    """Whether the teacher finds nothing wrong with a step, nor with the steps that it needs."""
    wanted = {*stand_in.STEPS[step.number].files, step.number}
    reports = [check.look(folder, each) for each in STEPS if each.number in wanted]
    return all(
        verdict.kind == RIGHT and report.trainable
        for report in reports
        for verdict in report.verdicts.values()
    ) and not any(report.problem for report in reports)


def lesson(folder, step, nets, session):
    """Trains a lesson with the reader's steps and with ours; returns whether a run failed."""
    name, out = stand_in.STEPS[step.number].lesson, folder / "lessons"
    out.mkdir(exist_ok=True)
    code = out / f"step{step.number}.py"
    code.write_text(stand_in.text(folder, step.number), encoding="utf-8")
    found, failed, (of,) = {}, False, lessons.some([name])
    for whose, words in ((YOURS, [f"code={code}"]), (OURS, [])):
        uri = sqlite_uri(out / f"{whose}.db")
        words += [f"+lesson={name}", f"experiment={name}{QUICK}", f"most_seeds={nets}"]
        session.title = f"{name}, {whose}"
        with contextlib.redirect_stdout(io.StringIO()):  # progress and failures go to stderr
            ended = sweep([*words, "--uri", uri], session)
        if ended.status == CODE:
            raise KeyboardInterrupt
        failed = failed or ended.status != 0
        code_of = [str(code)] if whose == YOURS else None
        found[whose] = answers.decide(of, uri, out / whose, quick=True, code=code_of)
    _print(step, found)
    return failed


def _print(step, found):
    """Prints the claims, yours and ours side by side."""
    of = found[YOURS].lesson
    console.say(f"\nStep {step.number}, lesson {of.name}: {of.question}")
    for whose, answer in found.items():
        console.say(f"  {whose:5} {answer.problem or answer.summary}")
    pairs = zip(found[YOURS].claims, found[OURS].claims, strict=False)
    for mine, theirs in pairs:
        console.say(f"  {mine.sentence}")
        for whose, claim in ((YOURS, mine), (OURS, theirs)):
            console.say(f"      {whose:5} {found[whose].verdict(claim):14} {claim.measured}")


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
