"""A sweep that has ended: its runs, best first, and the nets of the best ones."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from experiments.running.baselines import constant, score
from experiments.schema.config import KNOBS, Config
from experiments.schema.fields import Number
from experiments.schema.sources import all_knobs, load, problem, shape
from experiments.tracking.layout import FINAL, MORE_IS_BETTER, SEED
from scratchml import sampling
from scratchml.problems import PROBLEMS
from scratchml.training import DATA, stream

ASKED = {
    *all_knobs(),
    "seed",
    "seeds",
    "records",
    "stop_at",
}  # what is asked, not how it is learned
LARGEST = 10**7  # numbers of a data set that is made again to count its classes

Arrays = Mapping[str, np.ndarray]


class Ended:
    """The finished runs of a sweep.

    Args:
        configs: {fingerprint: Config}
        finals: {metric: {fingerprint: value}}, medians over nets.
        ranked_by: the metrics that rank, the deciding one first.
        grid: the keys of the grid.
        arrays: (fingerprint) -> all arrays of a run.
    """

    def __init__(
        self,
        configs: Mapping[Any, Config],
        finals: Mapping[str, Mapping[Any, float]],
        ranked_by: Sequence[str],
        grid: Collection[str],
        arrays: Callable[[Any], Arrays],
    ):
        self.configs, self.finals = configs, finals
        self.ranked_by, self.grid = ranked_by, grid
        self._arrays, self._known = arrays, {}

    @cached_property
    def ranked(self) -> list:
        """The fingerprints, best first; a run without a metric comes after those that have it."""

        def key(fingerprint):
            values = zip(self.ranked_by, self.values(fingerprint), strict=True)
            return [
                math.inf if value is None else -value if name in MORE_IS_BETTER else value
                for name, value in values
            ]

        return sorted(self.configs, key=key)

    @property
    def best(self) -> Config:
        """The configuration of the best run."""
        return self.configs[self.ranked[0]]

    def arrays(self, place: int) -> Arrays:
        """All arrays of the run at a place of the ranking, which are read once."""
        if place not in self._known:
            self._known[place] = self._arrays(self.ranked[place])
        return self._known[place]

    @cached_property
    def varied(self) -> dict[str, list]:
        """{knob: values} of the knobs that have several values, numbers by size."""
        found = {}
        for knob in self.grid:
            if knob in KNOBS:
                given = (getattr(config, knob) for config in self.configs.values())
                values = [*{repr(value): value for value in given}.values()]  # some are mappings
                numbers = isinstance(KNOBS[knob], Number) and None not in values
                if len(values) > 1:
                    found[knob] = sorted(values) if numbers else values
        return found

    @cached_property
    def learned_by(self) -> dict[str, list]:
        """The numbers among the varied knobs that say how nets learn, not what they are asked."""
        return {
            knob: values
            for knob, values in self.varied.items()
            if isinstance(KNOBS[knob], Number) and knob not in ASKED and None not in values
        }

    def values(self, fingerprint: Any) -> tuple[float | None, ...]:
        """The metrics of a run that rank it."""
        return tuple(self.finals[metric].get(fingerprint) for metric in self.ranked_by)

    def wins(self) -> tuple[int, int, int]:
        """(wins of the best run, wins of the second, ties) among their nets of equal seed.

        A net that has no value, or whose value is not a number, comes last.
        """
        one, other = self.arrays(0), self.arrays(1)
        _, i, j = np.intersect1d(one[SEED], other[SEED], return_indices=True)
        result = np.zeros(len(i), dtype=int)
        for metric in self.ranked_by:
            name = FINAL + metric
            if name in one and name in other:
                a, b = (_costs(run[name][at], metric) for run, at in ((one, i), (other, j)))
                result = np.where(result == 0, np.sign((a < b) * 1 - (a > b) * 1), result)
        return int(np.sum(result > 0)), int(np.sum(result < 0)), int(np.sum(result == 0))

    def guessing(self) -> float | None:
        """The share of examples that the larger class has, of the first net of the best run.

        Of held-out examples where there are any, as in `accuracy`. None where no class is guessed.
        """
        config = self.best
        if not PROBLEMS[problem(config)].exclusive or np.prod(shape(config)[:2]) > LARGEST:
            return None
        knobs = config.knobs()
        data = sampling.sample(knobs, stream(config.seed, DATA), config.seed, load(knobs))
        return score(constant(data), data)


def _costs(values, metric):
    """Values as costs: less is better, and a value that is missing is worst."""
    costs = np.asarray(values, dtype=float) * (-1.0 if metric in MORE_IS_BETTER else 1.0)
    return np.where(np.isnan(costs), np.inf, costs)
