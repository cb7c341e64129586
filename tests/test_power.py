"""Power: how many nets a claim needs, by drawing the stored ones, against the exact answer."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from support import configurations, stored, stores

from analysis import power
from analysis.claims import Claim
from analysis.contrast import contrast
from analysis.data import load
from analysis.groups import solved
from analysis.lessons import Lesson
from analysis.sample_size import Chances
from analysis.statistics import newcombe, two_proportions, wilson
from analysis.verdicts import difference, every, less_often_than, more_often, share

NETS, RESAMPLES = 400, 400
HITS = {2: np.arange(NETS) % 10 < 7, 3: (np.arange(NETS) // 10) % 10 < 5}  # independent shares
LOW = {2: np.arange(NETS) % 5 < 2, 3: np.arange(NETS) % 5 < 2}  # the same nets


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """A store with two sweeps of two widths, whose nets solve it in known shares."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("power"))
    for name, hits in (("apart", HITS), ("alike", LOW)):
        configs = [configurations.config(width=w, epochs=100, seeds=NETS) for w in hits]
        results = [stores.arrays(NETS) | {"final/solved": hits[w]} for w in hits]
        stored.sweep(uri, name, configs, results=results)
    return uri


def lesson(*rules, cells=None):
    """A lesson whose cells are {width: (R,) solved}, with one claim a rule on them."""

    def by_width(data):
        return {width: solved(data.select(width=width).nets) for width in (2, 3)}

    def claims(cells):
        return [Claim(f"claim {i}", rule(cells)) for i, rule in enumerate(rules)]

    return Lesson("test", "?", cells=cells or by_width, claims=claims)


def is_near(chance, exact):
    """Whether a chance that was found by drawing is the exact one, but for its error."""
    return exact in wilson(round(chance.estimate * RESAMPLES), RESAMPLES, 0.999)


def chances(data, *rules, **more):
    return Chances(lesson(*rules, **more), data, resamples=RESAMPLES)


def test_the_chance_of_a_binomial_test_is_its_exact_power(uri):
    def exact(n):
        k = np.arange(n + 1)
        rejects = stats.binom.cdf(k, n, 0.5) < 0.05
        return stats.binom.pmf(k, n, 0.4)[rejects].sum()

    found = chances(load("alike", uri), lambda cells: less_often_than(0.5, cells[2], p=0.05))
    enough = found.enough(0)
    assert exact(enough.nets) > 0.87 and exact(round(enough.nets / 2**0.5)) < 0.93
    for factor in (0.125, 0.25, 0.5, 1):
        assert is_near(found.chance(0, factor), exact(round(factor * NETS)))


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (lambda cells: more_often(cells[2], cells[3], p=0.01),
         lambda k1, k2, n: two_proportions(k1, n, k2, n, "greater").p < 0.01),
        (lambda cells: difference(cells[2], cells[3]).above(0.0),
         lambda k1, k2, n: newcombe(k1, n, k2, n).low > 0.0),
    ],
    ids=["two proportions and Fisher", "Newcombe"],
)  # fmt: skip
def test_the_chance_of_a_comparison_is_its_exact_power(uri, rule, holds):
    n = 25  # small enough for Fisher's test, and for all pairs of counts
    first, second = (stats.binom.pmf(range(n + 1), n, p) for p in (0.7, 0.5))
    pairs = [(i, j) for i in range(n + 1) for j in range(n + 1) if first[i] * second[j] > 1e-6]
    exact = sum(first[i] * second[j] for i, j in pairs if holds(i, j, n))
    assert is_near(chances(load("apart", uri), rule).chance(0, n / NETS), exact)


def test_runs_with_the_same_seeds_are_drawn_together(uri):
    same = chances(load("alike", uri), lambda cells: share(cells[2] != cells[3]).below(0.05))
    assert same.enough(0).factor < 0.5  # with other nets in each, they would differ half the time
    other = chances(load("apart", uri), lambda cells: share(cells[2] != cells[3]).below(0.05))
    assert other.enough(0).factor is None


def test_what_no_longer_has_an_axis_of_nets_is_named(uri):
    def cells(data):
        nets = data.select(width=2).nets
        return SimpleNamespace(
            hits=solved(nets), mean=np.array([nets["train/loss"].mean()]), grid=np.linspace(0, 1, 7)
        )

    found = chances(load("apart", uri), lambda cells: share(cells.hits).above(0.5), cells=cells)
    assert found.drawable.held == ("mean",)
    assert set(found.drawable.axes) == {("hits",)}
    drawn = found.drawable.draw(0.5, 1)
    assert len(drawn.hits) == NETS // 2 and drawn.mean == found.drawable.cells.mean
    again = found.drawable.draw(0.5, 1).hits
    assert (drawn.hits == again).all() and (drawn.hits != found.drawable.draw(0.5, 2).hits).any()


def test_a_lesson_without_cells_is_drawn_from_its_data(uri):
    found = chances(load("apart", uri), lambda data: share(solved(data.nets)).above(0.5),
                    cells=lambda data: data)  # fmt: skip
    assert found.drawable.held == () and found.nets(0, 0.25) == 2 * NETS // 4
    assert found.reaches(0, 1.0, chance=0.9)  # .6 of 800
    assert not found.reaches(0, 0.02, chance=0.9)


def test_the_command_answers_each_claim(uri, tmp_path, monkeypatch, capsys):
    from analysis import own_lesson

    rules = (
        lambda cells: share(cells[2]).above(0.6),
        lambda cells: share(cells[2]).above(0.699),
        lambda cells: every(cells[2] | ~cells[2]),
    )
    named = lesson(*rules)
    monkeypatch.setattr(own_lesson, "some", lambda names: [named])
    object.__setattr__(named, "name", "apart")
    assert power.main(["apart", "--uri", uri]) == 0
    _, enough, more, exact = capsys.readouterr().out.splitlines()
    assert "283 of 400" in enough and "> 1,600 of 400" in more
    assert "all 400  at most 0.7% are exceptions" in exact


def test_a_pilot_says_how_many_seeds_its_sweep_needs(uri, capsys):
    asked = ["--uri", uri, "--y", "solved", "--between", "width=2,3"]
    assert power.main(["apart", *asked]) == 0
    first, answer = capsys.readouterr().out.splitlines()
    assert first.startswith("solved is more with width=2 than with 3: .700")
    seeds = int(answer.partition(":")[0].removeprefix("seeds="))
    assert two_proportions(round(0.7 * seeds), seeds, round(0.5 * seeds), seeds, "greater").p < 0.05
    assert 80 <= seeds <= 142  # the usual formula asks for 101
    assert power.main(["alike", *asked]) == 1  # no number finds what is not there
    assert "seeds are too few" in capsys.readouterr().out


def test_a_question_names_what_can_be_asked(uri):
    data = load("apart", uri)
    with pytest.raises(LookupError, match="no measure 'speed'; there are .*solved"):
        contrast("speed", "width=2,3").pairs(data)
    with pytest.raises(LookupError, match="two values; got 'width=2'"):
        contrast("solved", "width=2")
    with pytest.raises(LookupError, match="no run of apart has width=9"):
        contrast("solved", "width=2,9").pairs(data)
