"""`scratchml learn` writes the workbook and never over it; `check` runs it only if it is named."""

import ast
import subprocess
import sys

import pytest
from support.checkout import ROOT
from support.workbook import LISTS, fill

from experiments.workbook import writing
from experiments.workbook.__main__ import main
from experiments.workbook.gaps import STEPS

TRAP = "raise SystemExit('this code must not run')\n"


def test_the_folder_has_all_files_and_all_gaps(tmp_path, capsys):
    assert main([str(tmp_path / "a" / "book")]) == 0
    folder = tmp_path / "a" / "book"
    assert {path.name for path in folder.iterdir()} == {"README.md", *(s.file for s in STEPS)}
    out = capsys.readouterr().out
    assert f"written: {folder / 'README.md'}" in out
    assert f"After each gap: scratchml learn check {folder}" in out
    gaps = 0
    for step in STEPS:
        tree = ast.parse((folder / step.file).read_text())
        functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
        for gap in (gap for gap in step.gaps if not gap.optional):
            function, gaps = functions[gap.name], gaps + 1
            docstring, only = function.body  # a docstring, and nothing that answers
            assert isinstance(only, ast.Raise), gap.name
            assert [one.arg for one in function.args.args] == list(gap.arguments)
            assert "In: " in docstring.value.value and "Out: " in docstring.value.value
            assert "Why: " in docstring.value.value
    assert gaps == 15


def test_what_the_reader_wrote_is_never_changed(tmp_path, capsys):
    fill(tmp_path, LISTS)
    (tmp_path / "README.md").write_text("mine\n")
    (tmp_path / "step2_xor.py").unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main([str(tmp_path)]) == 0
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after.pop("step2_xor.py") == (writing.PAGES / "step2_xor.py").read_bytes()
    assert after == before
    out = capsys.readouterr().out
    assert f"written: {tmp_path / 'step2_xor.py'}" in out
    assert f"left as it is: {tmp_path / 'step1_perceptron.py'}" in out


def test_a_place_where_nothing_can_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as error:
        main([str(tmp_path / "file")])
    assert error.value.code == 2
    said = capsys.readouterr().err
    assert "the workbook cannot be written" in said and said.count("\n") == 1


def test_a_folder_that_is_no_workbook_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit) as error:
        main(["check", str(tmp_path)])
    assert error.value.code == 2
    expected = f"{tmp_path} is no workbook. Make one with: scratchml learn {tmp_path}\n"
    assert capsys.readouterr().err == expected


def test_a_reader_inside_of_the_folder_is_told_how_to_name_it(tmp_path, capsys, monkeypatch):
    fill(tmp_path, LISTS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["check"])
    said = "You are inside of a workbook. Name this folder: scratchml learn check .\n"
    assert capsys.readouterr().err == said
    assert main(["check", ".", "--step", "2"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--step", "1"], "--step belongs to `scratchml learn check`"),
        (["check", "--step", "5"], "invalid choice: 5"),
        (["check", "--nets", "many"], "must be a whole number up to 10000; got 'many'"),
        (["check", "--width", "0"], "must be a whole number from 1 to 64; got '0'"),
    ],
)
def test_a_wrong_option_is_told(words, said, capsys):
    with pytest.raises(SystemExit) as error:
        main(words)
    assert error.value.code == 2
    assert said in capsys.readouterr().err


def test_the_exit_status_tells_whether_something_is_wrong(tmp_path, capsys):
    fill(tmp_path, {"step": LISTS["step"]})
    assert main(["check", str(tmp_path), "--step", "1"]) == 0  # unwritten is not wrong
    path = tmp_path / "step1_perceptron.py"
    path.write_text(path.read_text().replace("z > 0 else 0", "z < 0 else 0"))
    assert main(["check", str(tmp_path), "--step", "1"]) == 1
    assert "1 of 4" not in capsys.readouterr().out.splitlines()[-1]


def test_nets_are_trained_when_step_4_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("experiments.workbook.population.EPOCHS", 40)
    fill(tmp_path, LISTS | {"hidden_delta": "return [dz2 * w for w in W2]"})
    assert main(["check", str(tmp_path), "--step", "4", "--nets", "10"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "The same numbers come out if the derivative of the activation is left out." in out
    assert "10 nets with 2 hidden units, trained on XOR by your code" in out
    assert "your nets 0 % of 10 solve XOR" in out
    assert "nets with this mistake 0 % of 10 solve XOR" in out
    assert "right nets" in out
    assert main(["check", str(tmp_path), "--step", "4", "--nets", "0"]) == 1
    assert "trained on XOR" not in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--help"], [], ["check", "other"]])
def test_code_that_the_reader_has_not_named_never_runs(words, tmp_path):
    """Neither that of the working directory, nor that of another workbook."""
    for name in ("numpy", "json", "rich", "step1_perceptron", "scratchml", "experiments"):
        (tmp_path / f"{name}.py").write_text(TRAP)
    fill(tmp_path / "other", {})
    for name in ("numpy", "step1_perceptron"):
        (tmp_path / "workbook").mkdir(exist_ok=True)
        (tmp_path / "workbook" / f"{name}.py").write_text(TRAP)
    command = [sys.executable, "-P", "-m", "analysis.cli", "learn", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "must not run" not in done.stdout


def test_the_module_is_the_command(tmp_path):
    command = [sys.executable, "-m", "experiments.workbook", str(tmp_path / "book")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "book" / "step4_hidden_layer.py").is_file()
