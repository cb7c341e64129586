"""docs/own_class.md keeps its word: a copy of the project follows the page."""

import pytest
from support.pages import followed

from analysis.data import load


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A copy of the project in which the page was followed."""
    return followed(tmp_path_factory, "own_class.md")


def test_every_command_works(done):
    assert len(done.said) == 6
    for command, (code, out, err) in done.said.items():
        assert code == 0, (command, out, err)


def test_the_class_is_trained_beside_ours(done):
    data = load("tiny", done.project.uri)
    tiny = data.select(model="tiny.py:TinyNet")
    assert len(data.runs) == 8 and len(tiny.nets) == 4 * 10
    assert tiny.select(dataset="and", lr=2).nets.solved.all()
    assert 0.2 < tiny.select(dataset="xor", lr=2).nets.solved.mean() < 1


def test_a_claim_is_decided_by_one_command(done):
    (answer,) = [out for command, (_, out, _) in done.said.items() if " decide " in command]
    assert "decided by the first" in answer and "more than .500 of nets solved" in answer


def test_a_stored_net_answers(done):
    answers = next(out for command, (_, out, _) in done.said.items() if "load" in command)
    assert "[[" in answers and "0." in answers


def test_estimators_of_a_package_are_models(done):
    data = load("scratchml", done.project.uri).select(dataset="iris")
    assert data.nets["test/accuracy"].median() > 0.9
