"""The tables of the user's own files, beside ours: `code=mine.py` adds what `mine.py` has.

A file may have any of the tables of `own_rows.KINDS`, by the names that they have in `scratchml`.
Names of ours are refused, so that a word of a configuration means the same in every process.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from experiments import own
from experiments.errors import ConfigError
from experiments.models import MODELS, classes, outsiders
from experiments.models.interface import Entry
from experiments.own import Code
from experiments.schema import defaults, fingerprint
from experiments.schema.constraints import GIVEN
from experiments.schema.named_code import MODEL, is_class
from experiments.schema.own_datasets import settings
from experiments.schema.own_lessons import GROUP
from experiments.schema.own_rows import KINDS, NAME, rows, word
from experiments.schema.own_tables import execute
from experiments.schema.sources import names
from experiments.schema.synonyms import SYNONYMS

# Words that a command line does not read as texts, and names of other numbers that a run stores.
WORDS = ("null", "true", "false", "inf", "nan", "none", "all", "full", "default")
RECORDED = ("seed", "epoch", "epochs", "digest", "lr", "diverged", "solved", "epochs_to_solve",
            "best_epoch", "mistakes", "clean_epochs", "max_norm")  # fmt: skip
_added: list[tuple[dict, Any, Code]] = []  # (table, key, file) of each row that is not ours
_replaced: dict[str, Entry] = {}  # our entries of models that a file trains in its own way


@contextmanager
def command(codes: Iterable[Code] = ()) -> Iterator[None]:
    """Inside, these files count and those that are named inside; afterwards all is as before."""
    before = tuple(own.NAMED.values())
    codes = tuple(codes)
    if codes and codes == before:
        yield
        return
    lessons = {key: knobs for key, knobs in defaults.OWN.items() if key[0] == GROUP}
    try:
        defaults.forget_own(GROUP)
        use(codes)
        yield
    finally:
        use(before)
        defaults.forget_own(GROUP)
        defaults.OWN.update(lessons)


def use(codes: Iterable[Code]) -> None:
    """Names these files, and no others, in this process; executes them, and adds their rows.

    Raises:
        ConfigError: A line for each file that has a row that is not allowed, or raises an error.
    """
    codes = tuple(codes)
    while _added:
        table, key, _ = _added.pop()
        del table[key]
    MODELS.update(_replaced)
    _replaced.clear()
    defaults.forget_own("dataset", "model")
    own.name_only(codes)
    problems = []
    for code in codes:
        try:
            execute(code)
            for row in rows(code):
                _refuse_taken(code, row)
                _add(code, row)
            _add_models(code)
        except ConfigError as error:
            problems.append(str(error))
        except (Exception, SystemExit) as error:  # of code that is asked what it has
            said = own.where(error) or f"{code.name}: {type(error).__name__}: {error}"
            problems.append(said)
    if problems:
        raise ConfigError("\n".join(problems))


def _add_models(code):
    """Adds the classes of a file, and lets it train models of ours: see `workbook.stand_in`."""
    found = vars(own.module(code.name))
    for name, entry in outsiders.entries(code, found).items():
        MODELS[name] = entry
        _added.append((MODELS, name, code))
        defaults.add_own("model", name, {"model": name, **entry.defaults})
    for name, trainer in dict(found.get("STAND_INS", {})).items():
        if name not in MODELS or not callable(trainer):
            raise ConfigError(f"{code.name}: STAND_INS must be a dict, model -> trainer")
        _replaced.setdefault(name, MODELS[name])
        MODELS[name] = MODELS[name]._replace(trainer=trainer, alone=True)


def owner(knob: str, name: str) -> Code | None:
    """The file that has a value of a knob in a table; None if the value is one of ours."""
    table = next((kind.table for kind in KINDS.values() if kind.knob == knob), MODELS)
    return next((code for of, key, code in _added if of is table and word(key) == name), None)


def missing(knobs: Mapping[str, Any], *among: str) -> str | None:
    """A sentence for the first knob that names an entry of no table; None if all entries are there.

    Args:
        knobs: of a stored run.
        among: the knobs to look at; by default all that name entries.
    """
    model = knobs.get(MODEL)
    if (not among or MODEL in among) and is_class(model) and model not in MODELS:
        return f"{MODEL} {model} is not one of scratchml's; name the file that has it: "
    for kind in KINDS.values():
        known = {GIVEN, *names(), *map(word, kind.table)}
        value = knobs.get(kind.knob) if not among or kind.knob in among else None
        for name in value if isinstance(value, list | tuple) else [value]:
            if isinstance(name, str) and NAME.fullmatch(name) and name not in known:
                return f"{kind.knob} {name} is not one of scratchml's; name the file that has it: "
    return None


def changed(knobs: Mapping[str, Any], identity: str | None, *among: str) -> str | None:
    """A sentence for the first knob whose entry has other code than a run was trained with.

    Args:
        knobs: of a stored run.
        identity: of the run, as it is stored; None for a run without one, of which nothing is said.
        among: the knobs to look at; entries of ours are passed over.
    """
    theirs = [knob for knob in among if knobs[knob] and owner(knob, knobs[knob])]
    for knob in theirs if identity is not None else ():
        if fingerprint.has_changed(fingerprint.from_text(identity), knob, knobs[knob]):
            return (
                f"the code of {knob} {knobs[knob]} has changed since the run was trained; train it "
                "again, or name the file as it was, which is among the run's files"
            )
    return None


def added(code: Code) -> list[tuple[str, Any]]:
    """[(kind, key)]: the rows that a file has added to our tables."""
    kinds = {id(kind.table): name for name, kind in KINDS.items()}
    mine = [(table, key) for table, key, file in _added if file == code and table is not MODELS]
    return [(kinds[id(table)], key) for table, key in mine]


def _refuse_taken(code, row):
    """Raises ConfigError for a name that means something else, although no row of ours has it."""
    name, knob = word(row.key), KINDS[row.kind].knob
    taken = {
        "dataset": names(),  # those that are read, too
        "init": (GIVEN,),
        "measure": RECORDED,
    }
    if name in (*taken.get(knob, ()), *SYNONYMS.get(knob, ()), *WORDS):
        place = own.line_of(code, name)
        raise ConfigError(f"{place}: {knob} {name} means something else; give yours another name")


def _add(code, row):
    table = KINDS[row.kind].table
    table[row.key] = row.row
    _added.append((table, row.key, code))
    if row.kind == "DATASETS":
        defaults.add_own("dataset", row.key, settings(row.key, row.plain))


def why_no_model(name: str) -> str | None:
    """What a class lacks that the command line names as a model; None if it names no class."""
    file, _, cls = name.partition(":")
    if file not in own.NAMED:
        return None
    found = vars(own.module(file))
    if cls not in found:
        return f"{file} has no class {cls}"
    try:
        classes.inspected(name, found[cls])
    except ConfigError as error:
        return str(error)
    return f"{cls} is not a class of {file} itself"
