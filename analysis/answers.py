"""Answers: what the runs in a store say to the question of a lesson."""

from dataclasses import dataclass
from pathlib import Path

from analysis import cache, lessons, registration
from analysis.commands import QUICK, launch_command
from analysis.data import load
from analysis.figures import saving, style
from analysis.registration import Standing
from experiments.tracking.errors import TrackingError
from experiments.tracking.pages import SHARE, runs_of
from experiments.tracking.places import default_uri
from experiments.tracking.server import HOST, PORT
from experiments.tracking.uris import shown

UI = f"http://{HOST}:{PORT}"  # where `scratchml ui` serves the store, unless the port is taken

NOT_SHOWN = "not shown"  # of a usual saying: its claims do not hold, or were not decided
TOO_FEW = "too few nets"  # the verdict of the quick version on a claim that it cannot show


@dataclass(frozen=True)
class Answer:
    """The answer to one lesson.

    Attributes:
        lesson: the `Lesson`.
        claims: the `Claim`s, decided; empty if there is a `problem`.
        command: the command that launches the lesson's sweep.
        sentence: the lesson's answer in a sentence; empty if it has none.
        runs, nets: their numbers in the sweep.
        link: the address of the runs in MLflow's pages, or None.
        figure: the path of the PNG, or None; `animation` is the path of the WebP.
        absent: the names of runs that the sweep lists and the store does not hold.
        problem: the reason why claims or figures are lacking: no runs, or an error of the lesson.
        is_missing: whether the problem is that the sweep was never run.
        quick: whether the runs have few nets each, so that a claim that fails may well be true.
        standing: whether the claims were sealed before their nets were trained.
    """

    lesson: lessons.Lesson
    claims: tuple = ()
    sentence: str = ""
    command: str = ""
    runs: int = 0
    nets: int = 0
    link: str | None = None
    figure: Path | None = None
    animation: Path | None = None
    absent: tuple = ()
    problem: str | None = None
    is_missing: bool = False
    quick: bool = False
    standing: Standing = Standing()

    @property
    def holds(self):
        """Whether every claim was decided on all runs of the sweep, and holds."""
        return not self.problem and not self.absent and all(c.holds for c in self.claims)

    def verdict(self, claim):
        """The verdict on a claim of this answer, in words."""
        return TOO_FEW if self.quick and not claim.holds else claim.words

    def is_so(self, outcome):
        """Whether a usual saying is so, in words: `outcome` if the lesson's claims show it."""
        return outcome if self.claims and self.holds else NOT_SHOWN

    @property
    def summary(self):
        """The answer in a sentence or, without one, the number of claims that hold."""
        return self.sentence or self.count

    @property
    def count(self):
        """The number of claims that hold, in words."""
        if self.is_missing:
            return "not run yet"
        if not self.claims:
            return "could not be decided"
        held = sum(claim.holds for claim in self.claims)
        return f"{held} of {len(self.claims)} claims hold"


def total(answers):
    """One sentence about many answers: the claims that hold, and the lessons without a verdict."""
    claims = [claim for answer in answers for claim in answer.claims]
    held = sum(claim.holds for claim in claims)
    nets = sum(answer.nets for answer in answers if not answer.lesson.nets_of)  # each net once
    words = f"{held} of {len(claims)} claims hold, on {nets:,} nets"
    without = [answer.lesson.name for answer in answers if not answer.claims]
    if few := sum(not claim.holds for answer in answers if answer.quick for claim in answer.claims):
        words += f"; too few nets for {few}"
    return words + (f"; without a verdict: {', '.join(without)}" if without else "")


def decide(lesson, uri=None, out=None, quick=False, anew=False, ui=None, sweep=None, code=None):
    """The Answer to one lesson; its figures are drawn into the folder `out` if there is one.

    A lesson that fails is an answer too, so that it does not keep the others from the page.

    Args:
        quick: whether to read the runs of the quick version.
        anew: whether to decide and draw again if `out` holds the answer of the same runs.
        ui: the address of MLflow's pages; by default UI, or the store's own server.
        sweep: the run id of a sweep; by default the newest.
        code: files of the user's own that the runs need, see `analysis.data.load`.

    Raises:
        StoreError: The store cannot be read.
    """
    experiment = f"{lesson.name}{QUICK}" if quick else lesson.experiment
    about = {"command": lesson.command or launch_command(experiment), "quick": quick}
    if lesson.problem:
        return Answer(lesson, **about, problem=lesson.problem)
    try:
        data = load(experiment, uri, sweep, code=code)
        data = data.select(**dict(lesson.selected)) if lesson.selected else data
    except (LookupError, ValueError) as error:  # no such runs; the sweep's own file is damaged
        said = _sentence(error).replace(launch_command(experiment), about["command"])
        is_missing = isinstance(error, LookupError)
        return Answer(lesson, **about, problem=said, is_missing=is_missing)
    about |= {
        "command": data.command,
        "runs": len(data),
        "link": _link(uri, ui, data.experiment_id),
        "absent": data.missing,
    }
    about["standing"] = registration.standing(lesson, data, uri)
    data = registration.as_usual(data)
    origin = cache.origin(lesson, data)
    cached = None if anew or out is None else cache.read(out, lesson.name, origin)
    if cached is not None:
        about["claims"], about["nets"], about["sentence"], files = cached
        return Answer(lesson, **about, **_pictures(files))
    _decide_anew(lesson, data, out, origin, about)
    return Answer(lesson, **about)


def _decide_anew(lesson, data, out, origin, about):
    """Adds claims, sentence and pictures to what is known `about` an Answer, or its problem."""
    try:
        about["nets"] = len(data.nets)
        cells = lesson.cells(data)
        about["claims"] = tuple(lesson.claims(cells))
        if not about["claims"]:
            raise ValueError("a lesson needs a claim")
        if lesson.answer is not None:
            about["sentence"] = lessons.checked_answer(lesson.answer(cells))
        if out is not None:
            files = _draw(lesson, cells, out, still=about["quick"])
            about |= _pictures(files)
            said = about["claims"], about["nets"], about.get("sentence", "")
            cache.write(out, lesson.name, origin, *said, files)
    except Exception as error:  # a lesson may raise anything
        about["problem"] = _sentence(error)


def _draw(lesson, cells, out, still):
    """The files of a lesson's figure and, unless it is to be `still`, of its animation."""
    style.theme()  # for a lesson that calls Matplotlib itself
    figure = lesson.draw(cells)
    files = saving.save(figure, out / lesson.name)
    saving.close(figure)
    if lesson.animate is not None and not still:
        files.append(saving.save_animation(lesson.animate(cells), out / lesson.name, lesson.fps))
    return files


def _pictures(files):
    kinds = {".png": "figure", ".webp": "animation"}
    return {kinds[path.suffix]: path for path in files if path.suffix in kinds}


def _link(uri, ui, experiment_id):
    """The address of an experiment's runs in MLflow's pages, without a password.

    `scratchml ui` keeps a view of the newest sweep in each store that it opens. On a server nobody
    may have done that yet.
    """
    uri = uri or default_uri()
    if uri.startswith(("http://", "https://")):
        return runs_of(ui or shown(uri).rstrip("/"), experiment_id)
    return f"{runs_of(ui or UI, experiment_id)}&{SHARE}"


def _sentence(error):
    """The message of an error, after its class unless the message says all."""
    if isinstance(error, TrackingError) or type(error) is LookupError:
        return str(error)
    return f"{type(error).__name__}: {error}"  # a KeyError, for example, says its key only
