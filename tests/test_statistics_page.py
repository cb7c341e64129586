"""docs/statistics.md keeps its word: its commands do in order what it says."""

import importlib
import shlex

import pytest
from support import stores
from support.checkout import ROOT
from support.markdown import blocks

from analysis import cli, reproduce

PAGE = (ROOT / "docs" / "statistics.md").read_text()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """{command: exit status}, and {lesson: set of seeds} of the sweeps, which are not trained."""
    folder = tmp_path_factory.mktemp("statistics")
    found, asked = {}, {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", stores.empty_store(tmp_path_factory, folder))
        patch.chdir(folder)
        patch.setattr(reproduce, "_reproduce", lambda *given: asked.update(given[2].sets) or 0)
        for block in blocks(PAGE):
            for command in block.commands if block.language == "bash" else ():
                _, name, *words = shlex.split(command)
                found[command] = importlib.import_module(cli.COMMANDS[name][0]).main(words)
    return found, asked


@pytest.mark.errstate(under="ignore", over="ignore", invalid="ignore", divide="ignore")
def test_every_command_works(told):
    found, asked = told
    assert len(found) == 6 and set(found.values()) == {0}, found
    assert asked == {"xor": 1}  # the set of seeds that was sealed
