"""docs/workbook.md: a reader does what the page says, and reads what the page shows."""

import re
from types import SimpleNamespace

import pytest
from support.checkout import ROOT, Checkout
from support.markdown import blocks

from experiments.workbook.gaps import STEPS

PAGE = (ROOT / "docs" / "workbook.md").read_text()
LONE = "    raise NotImplementedError\n"
FUNCTION = re.compile(r"^def (\w+)\(.*?(?=^def |\Z)", re.MULTILINE | re.DOTALL)


def write(folder, code):
    """Writes each function of a block in place of what stands in its gap."""
    for found in FUNCTION.finditer(code):
        name, body = found[1], found[0].partition("\n")[2].rstrip() + "\n"
        (path,) = (folder / s.file for s in STEPS if name in
                   {gap.name for gap in s.gaps if not gap.optional})  # fmt: skip
        pattern = rf'(def {name}\(.*?""".*?"""\n)(.*?)(?=\n\n\n|\Z)'
        text = path.read_text()
        new = re.sub(pattern, lambda m, b=body: m[1] + b.rstrip(), text, count=1, flags=re.DOTALL)
        assert new != text
        path.write_text(new)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A copy of the project in which the page was followed, from its first line to its last."""
    project = Checkout(tmp_path_factory, "workbook")
    steps, out = [], ""
    for block in blocks(PAGE):
        if block.language == "bash":
            (command,) = block.commands
            code, out, err = project.run(command)
            steps.append(SimpleNamespace(command=command, code=code, out=out, err=err, shown=[]))
            steps[-1].expected = int("exit status 1" in block.text)
        elif block.language == "python":
            write(project.root / "workbook", block.text)
        else:
            steps[-1].shown.append(block.text)
    return SimpleNamespace(project=project, steps=steps)


def test_every_command_does_what_the_page_says(done):
    assert len(done.steps) == 7
    for step in done.steps:
        err = re.sub(r"(?m)^\d+% · .*\n?", "", step.err)  # how far it is, on a slow machine
        assert (step.code, err) == (step.expected, ""), (step.command, step.out)


def test_the_teacher_says_what_the_page_shows(done):
    """To the letter, but for the shares of nets: last digits decide some nets."""
    shown = 0
    for step in done.steps:
        for text in step.shown:
            for line in text.splitlines():
                if "solve XOR" not in line:
                    assert line in step.out.splitlines(), (step.command, step.out)
                    shown += 1
    assert shown > 15


def test_the_nets_of_the_page_learn_as_it_says(done):
    shares = [dict(re.findall(r"^  (\w[\w ]+?) +(\d+) % of \d+ solve XOR", step.out, re.MULTILINE))
              for step in done.steps]  # fmt: skip
    without, right, wide = shares[3], shares[4], shares[5]
    assert without["your nets"] == without["nets with this mistake"] == "0"
    assert 70 < int(right["your nets"]) < 90 and 70 < int(right["right nets"]) < 90
    assert int(wide["your nets"]) > 95


def test_the_page_is_ten_minutes_long():
    assert len(re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL).split()) < 1000
