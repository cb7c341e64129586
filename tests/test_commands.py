"""Stored commands of every version come back in the spelling of today, without their place."""

import pytest

from analysis.commands import launch_command, launched_by


@pytest.mark.parametrize(
    ("experiment", "command"),
    [
        ("xor", "scratchml train -m +lesson=xor"),
        ("mine", "scratchml train -m experiment=mine"),
        ("xor-quick", "scratchml lessons xor --quick"),
        ("mine-quick", "scratchml train -m experiment=mine-quick"),
        ("a b", "scratchml train -m 'experiment=a b'"),
    ],
)
def test_an_experiment_has_a_command_that_launches_it(experiment, command):
    assert launch_command(experiment) == command


@pytest.mark.parametrize(
    ("stored", "experiment", "command"),
    [
        ("python -m experiments.train -m lr=1,2", "a", "scratchml train -m lr=1,2"),
        ("scratchml train -m lr=1,2 --uri x", "a", "scratchml train -m lr=1,2"),
        ("scratchml train -m +lesson=xor tracking.uri=x", "xor", "scratchml train -m +lesson=xor"),
        ("python -m experiments.reproduce xor seed=5", "xor", "scratchml lessons xor seed=5"),
        ("python -m analysis.reproduce a xor lr=1", "xor", "scratchml lessons xor lr=1"),
        ("scratchml lessons --quick", "xor-quick", "scratchml lessons xor --quick"),
        ("python -m pytest lessons", "xor", "scratchml train -m +lesson=xor"),
        ("python 'unfinished", "xor", "scratchml train -m +lesson=xor"),
        (None, "xor", "scratchml train -m +lesson=xor"),
        ("scratchml train -m executor=serial hydra.verbose=true resume=false only=failed lr=1",
         "a", "scratchml train -m lr=1"),
    ],
)  # fmt: skip
def test_a_stored_command_comes_back_without_what_belongs_to_a_machine(stored, experiment, command):
    assert launched_by(stored, experiment) == command
