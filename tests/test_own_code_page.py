"""docs/own_code.md keeps its word: a copy of the project follows the page."""

import pytest
from support.pages import followed

from analysis.data import load


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A copy of the project in which the page was followed."""
    return followed(tmp_path_factory, "own_code.md")


def test_every_command_works(done):
    assert done.files == ["mine.py", "mine/bend.yaml", "mine/bend.py"] and len(done.said) == 7
    for command, (code, out, err) in done.said.items():
        assert code == 0, (command, out, err)


def test_the_file_is_checked_swept_and_evaluated(done):
    assert "3 of 3 right" in done.said["scratchml check mine.py"][1]
    nets = load("scratchml", done.project.uri).nets
    assert nets.groupby(["activation", "optimizer"]).size().to_dict() == {
        (activation, optimizer): 40 for activation in ("swish", "tanh")
        for optimizer in ("lion", "sgd")
    }  # fmt: skip
    (answers,) = (out for command, (_, out, _) in done.said.items() if command.startswith("python"))
    assert len(answers.splitlines()) == 3


def test_the_lesson_is_decided_and_drawn(done):
    for command in ("scratchml lessons ./mine/bend code=mine.py", "scratchml report ./mine/bend"):
        assert "1 of 1 claims hold, on 80 nets" in done.said[command][1]
    assert (done.project.root / "figures" / "bend.png").read_bytes().startswith(b"\x89PNG")
