"""README and docs keep their word: commands and code run, lessons and files exist."""

import re
import shlex
import tomllib
from importlib.util import find_spec

import pytest
from support.checkout import ROOT, Checkout
from support.markdown import blocks

from analysis import cli, lessons
from analysis.answers import Answer
from analysis.essay import SAYINGS
from analysis.page import as_markdown, sayings_as_markdown

PAGES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in
         (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))}  # fmt: skip
README = PAGES["README.md"]
BLOCKS = blocks(README)
COMMANDS = [line for block in BLOCKS if block.language == "bash" for line in block.commands]
CHECKS = """
assert len(data.runs) == data.runs.run_id.nunique() == 72
assert len(data.nets) == 72 * 20 and data.nets.solved.dtype == bool
assert {"epoch", "train/loss", "lr", "activation"} <= set(data.curves)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Checkout(tmp_path_factory, "readme")


def test_every_command_and_all_code_run_in_the_order_they_are_told(project):
    ran = []
    for block in BLOCKS:
        commands = block.commands if block.language == "bash" else []
        if block.language == "python":
            commands = [shlex.join(["python", "-c", block.text + CHECKS])]
        for command in commands:
            if not command.startswith("make "):
                code, out, err = project.run(shlex.split(command))
                err = re.sub(r"(?m)^\d+% · .*\n", "", err)  # how far it is, on a slow machine
                assert (code, err) == (0, ""), (command, out, err)
                ran.append(command)
    assert len(ran) > 10
    figures = {path.name for path in (project.root / "figures").iterdir()}
    sweep = {"compare.png", "compare.csv", "explore.html", "sweep-scratchml.html"}
    assert {*sweep, "xor.png", "index.html"} <= figures


def commands(page, program):
    """The command lines of a page that start with a program's name."""
    told = [line for block in blocks(PAGES[page]) if block.language == "bash"
            for line in block.commands]  # fmt: skip
    return [line for line in told if line.startswith(f"{program} ")]


@pytest.mark.parametrize(
    "command", sorted({line for page in PAGES for line in commands(page, "make")})
)
def test_every_target_calls_what_is_there(project, command):
    code, out, err = project.run([*command.split(), "-n"])
    assert code == 0, err
    called = re.findall(r"python -m ([\w.]+)", out)
    called = [name for name in called if name not in ("venv", "pip")]
    called += [cli.COMMANDS[name][0] for name in re.findall(r"bin/scratchml (\w+)", out)]
    assert called or command == "make help"
    for name in called:
        assert find_spec(name), name


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_scratchml_is_there(page):
    """In blocks, and in the text."""
    told = [line.split()[1] for line in commands(page, "scratchml")]
    told += re.findall(r"`scratchml (\w+)", PAGES[page])
    assert set(told) <= cli.COMMANDS.keys()
    assert told or page not in ("CONTRIBUTING.md", "CHANGELOG.md")


def test_the_tests_that_contributors_run_are_there(project):
    told = commands("CONTRIBUTING.md", "python -m pytest")
    assert told
    for command in told:
        code, out, err = project.run(f"{command} --collect-only")
        assert (code, err) == (0, ""), out


def test_every_module_with_another_name_is_where_the_changelog_says():
    table = re.findall(r"^  \| (`.*`) \| (`.*`) \|$", PAGES["CHANGELOG.md"], re.MULTILINE)
    assert len(table) > 10
    for before, now in table:
        assert all(find_spec(name) for name in re.findall(r"`([\w.]+)`", now)), now
        assert not any(find_spec(name) for name in re.findall(r"`([\w.]+)`", before)), before


def test_the_changelog_tells_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = re.findall(r"^## (\S+)", PAGES["CHANGELOG.md"], re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert versions[1] == project["version"]


def test_make_tells_of_every_target(project):
    code, out, _ = project.run("make")
    told = re.findall(r"^make (\w+)", out, re.MULTILINE)
    (targets,) = re.findall(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert (code, {"help", *told}) == (0, set(targets.split()))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_is_there(page):
    text, base = PAGES[page], (ROOT / page).parent
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (base / target).is_file(), target
    for name in re.findall(r"`((?:conf|analysis|scratchml|experiments|docs|tests)/[\w./]*)`", text):
        if "NAME" not in name and "parity" not in name:
            assert (ROOT / name).exists(), name


def test_the_table_has_every_lesson_with_its_answer():
    """As `scratchml report --markdown` prints it, from a store of all lessons.

    That the words are the lessons' own is held by their tests; see support/planted.py.
    """
    (table,) = re.findall(r"<!-- lessons -->\n(.*?)<!-- /lessons -->", README, re.DOTALL)
    head, rule, *rows = table.splitlines()
    empty = [Answer(lesson) for lesson in lessons.some()]
    expected = as_markdown(empty).splitlines()
    assert [head, rule] == expected[:2]
    for row, other in zip(rows, expected[2:], strict=True):
        name_and_question, answer, nets, _ = row.rsplit("|", 3)
        assert name_and_question == other.rsplit("|", 3)[0]
        assert lessons.checked_answer(answer) == answer.strip()
        assert int(nets.replace(",", "")) > 0


def test_the_table_of_usual_sayings_is_that_of_the_page():
    """That the claims are the lessons' own is held by their tests; see support/planted.py."""
    (table,) = re.findall(r"<!-- sayings -->\n(.*?)<!-- /sayings -->", README, re.DOTALL)
    head, rule, *rows = table.splitlines()
    assert [head, rule] == sayings_as_markdown([]).splitlines()
    for row, saying in zip(rows, SAYINGS, strict=True):
        words, outcome, said, lesson = re.split(r" (?<!\\)\| ", row.strip("| "))
        assert (words, outcome) == (saying.words, saying.outcome)
        assert lesson == f"[{saying.lesson}](analysis/lessons/{saying.lesson}.py)"
        for claim in saying.claims:
            assert claim.replace("|", "\\|") in said


def test_an_activation_of_ones_own_is_the_line_that_is_shown():
    """The lines around it are in the file, and docs/own_lesson.md, which is tested, has it, too."""
    (change,) = (block.text.splitlines() for block in BLOCKS if block.language == "diff")
    kept = "\n".join(line[1:] for line in change if line.startswith(" "))
    assert kept in (ROOT / "scratchml" / "activations.py").read_text()
    (added,) = (line[1:] for line in change if line.startswith("+"))
    assert added in PAGES["docs/own_lesson.md"].splitlines()


def test_the_map_names_every_module():
    text = PAGES["docs/architecture.md"]
    for folder in ("scratchml", "experiments", "analysis"):
        for path in (ROOT / folder).glob("[!_]*.py"):
            assert f"(../{folder}/{path.name})" in text, path
