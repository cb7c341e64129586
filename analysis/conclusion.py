"""The end of reproducing lessons: the page, its copy in the store, and the claims in print."""

import hashlib

from analysis import page
from analysis.commands import QUICK, QUICK_NETS
from analysis.printing import show
from experiments import console
from experiments.tracking.layout import KIND, REPORT
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store


def conclude(names, answers, out, uri=None, quick=False, verbose=False):
    """Whether all is well with the lessons `names`; writes the page and prints their answers.

    The page is stored in MLflow, too, if all lessons were asked for, and each answer becomes the
    description of its lesson's experiment.

    Args:
        answers: {name: Answer} of all lessons. Those that were not asked for are on the page if
            they have runs.
        verbose: whether every claim is printed.
    """
    found = [a for name, a in answers.items() if a and (name in names or not a.is_missing)]
    found.sort(key=lambda answer: (answer.lesson.chapter, answer.lesson.name))
    files = page.write(found, out, quick)
    if len(names) == len(answers) and not quick:
        store_page(files, [claim.holds for answer in found for claim in answer.claims], uri)
    shown = [answer for answer in found if answer.lesson.name in names]
    describe(shown, quick, uri)
    console.say("")
    show(shown, verbose=verbose)
    if quick:
        console.say(f"--quick: at most {QUICK_NETS} nets a run, so intervals are wide, and a claim "
                    "that is not shown to hold may be true or false")  # fmt: skip
    return not any(a.problem or a.absent or not (quick or a.holds) for a in shown)


def describe(answers, quick=False, uri=None):
    """Makes each answer the description of its experiment in MLflow's pages.

    An experiment whose nets several lessons read is described by the lesson that has trained them.
    The first lesson comes last: MLflow lists the experiment first that was changed last.
    """
    for answer in reversed(answers):
        if answer.sentence and not answer.lesson.nets_of:
            experiment = answer.lesson.name + QUICK * quick
            with open_store(uri, experiment) as store:
                store.describe(f"**{answer.lesson.question}** {answer.sentence}")


def store_page(files, held, uri=None):
    """Stores the page and its figures as a run of the experiment `report`.

    The same page is stored once; when it is made again, its run becomes the last one to end.

    Args:
        files: {name: bytes}.
        held: for each claim, whether it holds.
    """
    parts = [hashlib.sha256(word).digest() for item in sorted(files.items()) for word in
             (item[0].encode(), item[1])]  # fmt: skip
    fingerprint = hashlib.sha256(b"".join(parts)).hexdigest()
    with open_store(uri, REPORT) as store:
        stored = store.finished([fingerprint])
        if stored:
            store.finish(stored[fingerprint])
            return
        store.write(
            RunRecord(
                name=f"{sum(held)} of {len(held)} claims hold",
                metrics=[("claims", float(len(held)), 0), ("claims/hold", float(sum(held)), 0)],
                tags={KIND: REPORT},
                artifacts=files,
                fingerprint=fingerprint,
            )
        )
