"""A workbook: write the models from scratch in four small files, and a teacher looks at them.

    scratchml learn                 writes the files into ./workbook, and changes none of yours
    scratchml learn check           runs what you have written so far, and says what is not right

After either of them, FOLDER names another folder than ./workbook.
"""

import argparse
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from experiments import console
from experiments.errors import UserError
from experiments.process import startup, streams
from experiments.process.interrupts import CODE

FOLDER = "workbook"
NETS, WIDTH = 400, 2


def main(arguments=None):
    """The command; returns the exit status: 1 if something that is written is not right."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parse(words)
    startup.one_blas_thread()
    with console.clean_exit():
        try:
            if options.check:
                return check(options.folder, options.step, options.nets, options.width)
            return write(options.folder)
        except KeyboardInterrupt:
            console.complain("stopped")
            return CODE


def _parse(words):
    parser = argparse.ArgumentParser(
        "scratchml learn",
        usage="scratchml learn [FOLDER]\n"
        "       scratchml learn check [FOLDER] [--step N] [--nets N] [--width N]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", default=FOLDER, metavar="FOLDER")
    checking = parser.add_argument_group("with check")
    checking.add_argument("--step", type=int, choices=(1, 2, 3, 4), help="only this step")
    nets = f"nets that your code trains when step 4 is written; default: {NETS}; 0 for none"
    checking.add_argument("--nets", type=_whole, help=nets)
    width = f"hidden units of these nets; default: {WIDTH}"
    checking.add_argument("--width", type=_width, help=width)
    check = words[:1] == ["check"]
    options = parser.parse_args(words[check:])
    given = [name for name in ("step", "nets", "width") if getattr(options, name) is not None]
    if given and not check:
        parser.error(f"--{given[0]} belongs to `scratchml learn check`")
    options.check = check
    options.nets = NETS if options.nets is None else options.nets
    options.width = options.width or WIDTH
    return options


def _whole(text):
    if not text.isdecimal() or int(text) > 10_000:
        raise argparse.ArgumentTypeError(f"must be a whole number up to 10000; got {text!r}")
    return int(text)


def _width(text):
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 64; got {text!r}")
    return int(text)


def write(folder):
    """Writes the files, and tells where to begin."""
    from experiments.workbook import writing

    written, kept = writing.write(folder)
    for name in written:
        console.say(f"written: {Path(folder) / name}")
    for name in kept:
        console.say(f"left as it is: {Path(folder) / name}")
    command = "scratchml learn check" + (f" {shlex.quote(folder)}" if folder != FOLDER else "")
    console.say(f"\nBegin with {Path(folder) / 'README.md'}. After each gap: {command}")
    return 0


def is_workbook(folder):
    """Whether a folder has one of the four files."""
    from experiments.workbook.gaps import STEPS

    return any((Path(folder) / step.file).is_file() for step in STEPS)


def check(folder, number=None, nets=NETS, width=WIDTH):
    """Looks at the files of the reader, and prints what the teacher thinks."""
    from experiments.workbook import check as checking
    from experiments.workbook import teacher
    from experiments.workbook.gaps import STEPS
    from experiments.workbook.verdicts import BROKEN, WRONG

    if not is_workbook(folder):
        if folder == FOLDER and is_workbook("."):
            raise UserError(
                "You are inside of a workbook. Name this folder: scratchml learn check ."
            )
        raise UserError(
            f"{folder} is no workbook. Make one with: scratchml learn {shlex.quote(folder)}"
        )
    steps = [step for step in STEPS if number in (None, step.number)]
    reports = [checking.look(folder, step) for step in steps]
    for line in teacher.page(reports):
        console.say(line)
    if nets and reports[-1].step is STEPS[-1] and reports[-1].trainable:
        train(folder, reports[-1], nets, width)
    verdicts = [one for report in reports for one in report.verdicts.values()]
    bad = any(one.kind in (WRONG, BROKEN) for one in verdicts)
    return int(bad or any(report.problem for report in reports))


def train(folder, report, nets, width):
    """Trains nets with the reader's code, and prints how many of them solve XOR."""
    from experiments.workbook import population, teacher
    from experiments.workbook.verdicts import WRONG

    console.say("\n" + "\n".join(teacher.below(teacher.of_population(width, nets), "")) + "\n")
    arrays = report.verdicts["train_step"].arrays
    with console.Bar(nets) as bar:
        tell = lambda done: bar.update(done, f"{done} of {nets} nets")  # noqa: E731
        mine = population.of_reader(folder, report.step.file, nets, width, arrays, tell)
    if not mine.nets:
        raise UserError("Not one net was trained in time: one step of train_step takes too long")
    counts = {"your nets": mine}
    wrong = [(name, one) for name, one in report.verdicts.items() if one.kind == WRONG]
    if wrong and wrong[0][1].formula and wrong[0][0] != "sigmoid":
        name, verdict = wrong[0]
        with suppress(ValueError):  # a transposed matrix does not fit at another width
            same = population.of_formulas(nets, width, name, verdict.formula)
            counts["nets with this mistake"] = same
    counts["right nets"] = population.of_formulas(nets, width)
    for line in teacher.shares(counts):
        console.say(line)
    console.say("")
    for line in teacher.meaning(mine, counts["right nets"], not wrong):
        console.say("\n".join(teacher.below(line, "")))


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
