"""Settings: which knobs of a sweep a page shows, and which runs lend their paths to others."""

from dataclasses import dataclass

from analysis.figures.labels import label
from analysis.values import is_missing, rank, whole
from experiments.tracking.layout import CURVE, EPOCH, LOSS, PATH, SEED

# Knobs of what is stored of a net, and of how long it is trained. Nets that differ in nothing else
# take the same steps, to the last bit, for as long as both are trained.
STORED = ("seed", "seeds", "records", "spacing", "paths", "measure")
LENGTH = ("epochs", "stop", "stop_at")
NOT_SET = "not set"


@dataclass(frozen=True)
class Knob:
    """A knob that a page shows, with others that change only together with it.

    Attributes:
        name: of the knob.
        labels: of its values, in order.
        others: what the other knobs are for each value, such as "lr 0.5, shuffle false".
        places: {run id: the index of its value}.
        numbers: whether the values are numbers, so that they have an order.
    """

    name: str
    labels: tuple
    others: tuple
    places: dict
    numbers: bool

    def facts(self):
        """What the page is told of it."""
        return {"name": self.name, "values": self.labels, "with": self.others,
                "numbers": self.numbers}  # fmt: skip


def shown(runs, knobs):
    """The Knobs that tell the runs apart: those that stand alone first, and those with most values.

    A knob that follows from the others is left out: first those of what is stored and of the rule
    by which a net stops, then those with the fewest values.

    Args:
        runs: the data frame of runs.
        knobs: the names of its columns that are knobs.
    """
    columns = {knob: [*map(_value, runs[knob])] for knob in knobs}
    columns = {knob: values for knob, values in columns.items() if len({*map(repr, values)}) > 1}
    columns = _needed(columns, [knob for knob in (*STORED, "stop_at", "stop") if knob in columns])
    together = {}
    for knob, values in columns.items():
        together.setdefault(_partition(values), []).append(knob)
    first = {names[0]: columns[names[0]] for names in together.values()}
    kept = _needed(first, sorted(first, key=lambda knob: len({*map(repr, first[knob])})))
    made = [_knob(names, columns, runs.run_id) for names in together.values() if names[0] in kept]
    return sorted(made, key=lambda knob: (any(knob.others), -len(knob.labels)))


def _needed(columns, knobs):
    """The columns without those of `knobs`, in turn, without which runs differ just as well."""
    for knob in knobs:
        others = {name: values for name, values in columns.items() if name != knob}
        if _settings(others) == _settings(columns):
            columns = others
    return columns


def lent(data):
    """{run id: the run that lends it the paths of the nets that both have}.

    Some runs store the weights of few nets at many points, for others to be looked at. Whether
    their nets are the same is read from their losses, which have to be equal where both have one.
    """
    learning = [knob for knob in data.knobs if knob not in STORED + LENGTH]
    groups = {}
    for row in data.runs.to_dict("records"):
        groups.setdefault(repr([_value(row[knob]) for knob in learning]), []).append(row)
    found = {}
    for rows in groups.values():
        lenders = [row for row in rows if row.get("paths") is True]
        for row in (row for row in rows if row.get("paths") is False):
            for lender in lenders:
                if _same_nets(data, row["run_id"], lender["run_id"]):
                    found[row["run_id"]] = lender["run_id"]
    return found


def _same_nets(data, one, other):
    """Whether the nets of `other` are nets of `one`, with equal losses at the epochs of both."""
    (mine, theirs) = (data.arrays(run, SEED, EPOCH, CURVE + LOSS, "final/epochs")
                      for run in (one, other))  # fmt: skip
    place = {seed: i for i, seed in enumerate(mine[SEED].tolist())}
    if not place.keys() >= {*theirs[SEED].tolist()} or CURVE + LOSS not in mine:
        return False
    rows = [place[seed] for seed in theirs[SEED].tolist()]
    epochs = {epoch: t for t, epoch in enumerate(mine[EPOCH].tolist())}
    for t, epoch in enumerate(theirs[EPOCH].tolist()):
        running = (mine["final/epochs"][rows] >= epoch) & (theirs["final/epochs"] >= epoch)
        if epoch in epochs:
            losses = mine[CURVE + LOSS][rows, epochs[epoch]], theirs[CURVE + LOSS][:, t]
            if (losses[0] != losses[1])[running].any():
                return False
    return True


def has_paths(arrays):
    """Whether the weights of a run's nets are stored along their curves."""
    return any(name.startswith(PATH) for name in arrays)


def _value(value):
    return None if is_missing(value) else whole(value)


def _settings(columns):
    """The number of different settings of runs, of which `columns` are the knobs."""
    return len({repr(row) for row in zip(*columns.values(), strict=True)}) or 1


def _partition(values):
    """Which of the values are equal: a key that is the same for knobs that change together."""
    first = {}
    return tuple(first.setdefault(repr(value), len(first)) for value in values)


def _knob(names, columns, run_ids):
    name, *others = names
    rows = [*zip(*(columns[knob] for knob in names), strict=True)]
    order = sorted({repr(row): row for row in rows}.values(), key=lambda row: _rank(row[0]))
    place = {repr(row): i for i, row in enumerate(order)}
    also = [", ".join(f"{knob} {_label(v)}" for knob, v in zip(others, row[1:], strict=True)
                      if v is not None) for row in order]  # fmt: skip
    return Knob(
        name, tuple(_label(row[0]) for row in order), tuple(also),
        {run: place[repr(row)] for run, row in zip(run_ids, rows, strict=True)},
        all(_is_number(value) for value, *_ in order),
    )  # fmt: skip


def _label(value):
    return NOT_SET if value is None else label(value)


def _rank(value):
    """As `analysis.values.rank`; a knob that is not set comes first."""
    return (value is not None, rank(value if value is not None else 0))


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)
