"""docs/own_data.md keeps its word: a copy of the project follows the page."""

import json

import pytest
from support.pages import followed

from analysis.data import load


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A copy of the project in which the page was followed."""
    return followed(tmp_path_factory, "own_data.md")


def test_every_command_works(done):
    assert len(done.said) == 7
    for command, (code, out, err) in done.said.items():
        assert code == 0, (command, out, err)


def test_the_sweep_learns_more_than_the_majority_class(done):
    nets = load("people", done.project.uri).nets
    assert len(nets) == 4 * 5
    rate = nets[(nets.model == "logistic") & (nets.lr == 1)]["test/accuracy"].median()
    assert rate > 0.72  # most people do not buy: 67 %


def test_a_claim_is_decided_by_one_command(done):
    (answer,) = [out for command, (_, out, _) in done.said.items() if " decide " in command]
    assert "test/accuracy is more with class_weight=null than with balanced" in answer


def test_the_exported_net_takes_the_file_as_it_is(done):
    predictions = json.loads((done.project.root / "predictions.json").read_text())["predictions"]
    (said,) = [out for command, (_, out, _) in done.said.items() if " export " in command]
    assert said.splitlines()[-1].endswith("-m buyers -i people.csv -t csv")
    assert len(predictions) == 5000 and all(0 < p < 1 for (p,) in predictions)
