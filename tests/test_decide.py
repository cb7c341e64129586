"""Nets until a question is decided: evidence that may be looked at after each of them."""

import numpy as np
import pytest
from scipy import stats
from support.stores import empty_store

from analysis import decide
from analysis.contrast import Contrast, contrast
from analysis.question import Question
from analysis.statistics import e_value, first_passing, wilson
from analysis.values import conditions
from experiments.schema import commandline

LEVEL = 0.05
EXPERIMENTS, MOST = 2000, 400


def boundary(p):
    """(MOST,): of n = 1, 2, ... nets the least count whose e-value reaches 1/LEVEL; n + 1: none."""
    counts = []
    for n in range(1, MOST + 1):
        k = counts[-1] if counts else 0
        while k <= n and e_value(k, n, p) < 1.0 / LEVEL:
            k += 1
        counts.append(k)
    return np.array(counts)


def stops(share, p, seed=0):
    """(EXPERIMENTS,): after how many nets each simulated experiment stops; MOST + 1: never."""
    nets = np.random.default_rng(seed).random((EXPERIMENTS, MOST)) < share
    passed = np.cumsum(nets, axis=1) >= boundary(p)
    return np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, MOST + 1), nets


@pytest.mark.parametrize("p", [0.5, 0.1])
def test_false_alarms_stay_below_the_level_whenever_one_stops(p):
    ends, nets = stops(p, p)
    alarms = int((ends <= MOST).sum())
    assert 0 < alarms and wilson(alarms, EXPERIMENTS).low <= LEVEL
    assert alarms / EXPERIMENTS <= LEVEL
    for one, end in zip(nets[:5], ends[:5], strict=True):
        assert first_passing(one, p, LEVEL) == (end if end <= MOST else None)


def test_a_p_value_would_not_allow_that():
    nets = np.random.default_rng(0).random((EXPERIMENTS, MOST)) < 0.5
    n = np.arange(1, MOST + 1)
    p = stats.binom.sf(np.cumsum(nets, axis=1) - 1, n, 0.5)
    assert (p < LEVEL).any(axis=1).mean() > 0.2


def test_an_effect_stops_it_early():
    ends, _ = stops(0.75, 0.5)
    assert (ends <= MOST).mean() > 0.99
    assert np.median(ends) < 40


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("n", [1, 7, 60])
def test_capital_does_not_grow_on_average_while_the_claim_is_false(p, n):
    k = np.arange(n + 1)
    e = np.array([e_value(count, n, p) for count in k])
    assert stats.binom.pmf(k, n, p) @ e == pytest.approx(1.0)
    assert stats.binom.pmf(k, n, p / 2) @ e < 1.0
    assert stats.binom.pmf(k, n, (1.0 + p) / 2) @ e > 1.0


def test_bets_are_averaged():
    q = np.linspace(0.5, 1.0, 200_001)
    bets = (q / 0.5) ** 7 * ((1 - q) / 0.5) ** 3
    assert e_value(7, 10, 0.5) == pytest.approx(np.trapezoid(bets, q) / 0.5)
    with pytest.raises(ValueError, match="between 0 and 1; got 1"):
        e_value(1, 2, 1.0)


@pytest.fixture
def uri(tmp_path, tmp_path_factory, monkeypatch):
    uri = empty_store(tmp_path_factory, tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


XOR = ["dataset=xor", "width=4", "lr=4", "epochs=2000", "stop=solved", "executor=serial"]


@pytest.mark.errstate(under="ignore", over="ignore")
def test_nets_are_trained_until_a_question_is_decided(uri, capsys):
    asked = [*XOR, "--y", "solved", "--between", "init=uniform,zero", "--batch", "4", "--level"]
    assert decide.main([*asked, "0.05"]) == 0
    first, second, answer = capsys.readouterr().out.splitlines()
    assert first.startswith("4 seeds: 4 of 4 seeds that differ; e = 6.2 of 20")
    assert second.startswith("7 seeds: 7 of 7 seeds that differ; e = 31.9 of 20")
    assert answer == ("decided by the first 7 seeds that differ: solved is more with init=uniform "
                      "than with zero, at level .050")  # fmt: skip
    assert decide.main([*asked, "0.2"]) == 0  # on nets that are stored
    assert "decided by the first 4 seeds" in capsys.readouterr().out


@pytest.mark.errstate(under="ignore", over="ignore")
def test_what_is_not_decided_says_so(uri, capsys):
    shares = [*XOR, "epochs=30", "init=zero", "--y", "solved", "--batch", "7", "--most", "7"]
    assert decide.main([*shares, "--above", "0.5"]) == 1
    *_, answer = capsys.readouterr().out.splitlines()
    assert answer.startswith("not decided: 0 of 7 nets, e = ")
    assert decide.main([*shares, "--below", "0.5"]) == 0
    assert "less than .500 of nets solved" in capsys.readouterr().out


def test_a_value_is_named_as_the_command_line_names_it():
    asked = contrast("train/loss", "class_weight=null,balanced")
    assert asked.sentence(up=True).endswith("with class_weight=null than with balanced")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--above", ".5", "--below", ".5"], "name one of --between, --above and --below"),
        (["--above", "1.5"], "a share must be between 0 and 1; got 1.5"),
        (["--above", ".5", "--level", "0"], "--level must be between 0 and 1; got 0"),
        (["--above", ".5", "seeds=5"], "seeds=5 is not for this command"),
        (["--between", "lr=1"], "two values; got 'lr=1'"),
    ],
)
def test_a_wrong_command_is_told(words, said, capsys):
    with pytest.raises(SystemExit) as end:
        decide.main(["--y", "solved", *words])
    assert end.value.code == 2 and said in " ".join(capsys.readouterr().err.split())


def test_training_names_the_command_that_knows_when_to_stop():
    (said,) = commandline.problems(["-m", "seeds=until-decided"])
    assert "scratchml decide" in said


def test_the_two_values_are_words_of_a_command_line():
    values = conditions(["start=[1,2],null,true"])["start"]
    for pair, words in ((values[:2], "[1, 2],null"), (values[1:], "null,true")):
        asked = Question("solved", 0.5, 0.05, Contrast("solved", "start", tuple(pair)))
        assert asked.axis == [f"start={words}"]
