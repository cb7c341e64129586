"""Hydra's own tests of launchers and sweepers, on ours: together, and beside Hydra's.

The suites launch an application that is not scratchml. A launcher or a sweeper that is installed
is offered to every Hydra application, so both have to do there what Hydra's basic plugins do.
"""

import runpy
import subprocess
import sys

import pytest
from hydra.test_utils.launcher_common_tests import (
    BatchedSweeperTestSuite,
    IntegrationTestSuite,
    LauncherTestSuite,
)
from hydra.version import VersionBase
from packaging.version import Version

# The suites call Hydra without a `version_base`, and Hydra warns that its next version differs.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:\s*Future Hydra versions will no longer change working directory:UserWarning"
)


@pytest.fixture(autouse=True)
def as_in_a_new_process(monkeypatch):
    """Hydra keeps the `version_base` of the last application; the suites are for the oldest."""
    monkeypatch.setattr(VersionBase.instance(), "version_base", Version("1.1"))


PAIRS = {
    "together": ("stacked", "stacked"),
    "launcher alone": ("stacked", "basic"),
    "sweeper alone": ("basic", "stacked"),
}
TOGETHER = ["-m", "hydra/launcher=stacked", "hydra/sweeper=stacked"]


def over_pairs(names, overrides):
    """Parametrizes a suite over the pairs of launcher and sweeper."""
    cases = [(launcher, overrides(launcher, sweeper)) for launcher, sweeper in PAIRS.values()]
    return pytest.mark.parametrize(names, cases, ids=list(PAIRS))


@over_pairs("launcher_name, overrides", lambda launcher, sweeper: [f"hydra/sweeper={sweeper}"])
class TestLauncher(LauncherTestSuite):
    pass


@over_pairs(
    "launcher_name, overrides",
    lambda launcher, sweeper: [f"hydra/sweeper={sweeper}", "hydra.sweeper.max_batch_size=2"],
)
class TestBatchedSweeper(BatchedSweeperTestSuite):
    pass


@pytest.mark.parametrize("task_launcher_cfg, extra_flags", [({}, TOGETHER)], ids=["together"])
class TestIntegration(IntegrationTestSuite):
    """The suite writes a script and starts a Python for it; here this process runs the script.

    One pair is enough. Names and folders come from the job's configuration and from the basic
    launcher, to which ours hands each job of another application, whichever sweeper has made it.
    """

    @pytest.fixture(autouse=True)
    def without_another_python(self, monkeypatch):
        def run(command, **_):
            monkeypatch.setattr(sys, "argv", command[1:])
            runpy.run_path(command[1], run_name="__main__")

        monkeypatch.setattr(subprocess, "check_call", run)


def test_the_script_of_an_application_in_a_process_of_its_own(tmpdir):
    IntegrationTestSuite().test_get_orig_dir_multirun(tmpdir, {}, TOGETHER)
