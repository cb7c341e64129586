"""A lesson in a folder of one's own: its sweep, its answer, and when its Python runs."""

import pytest
from support.own_code import TEXT
from support.stores import empty_store

from analysis import own_lesson, report
from analysis.commands import launched_by
from analysis.lessons import __main__ as again
from experiments import train
from experiments.errors import ConfigError
from experiments.schema import defaults, own_entries, own_lessons

SWEEP = """\
# Does it bend?
defaults:
  - override /dataset: plaid
activation: swish
seeds: 3
epochs: 5
hydra:
  sweeper:
    grids:
      - {width: [2, 3]}
"""
ANSWER = '''"""Does it bend?"""

import pathlib

from analysis.claims import Claim
from analysis.figures import style
from analysis.verdicts import every

pathlib.Path(r"MARK").write_text("ran")

CAPTION = "A figure."
CAVEAT = "Little."


def claims(data):
    outputs = data.select(width=2).net()([[0.0, 1.0]])
    return [Claim("It bends", every([outputs.shape == (1, 1)], len(data.nets)))]


def draw(data):
    return style.figure()[0]
'''


@pytest.fixture
def folder(tmp_path, tmp_path_factory, monkeypatch, own_command):
    """A folder with mine.py and mine/bend.yaml and .py, in which commands are given."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine.py").write_text(TEXT)
    (tmp_path / "mine" / "bend.yaml").write_text(SWEEP)
    answer = ANSWER.replace("MARK", str(tmp_path / "ran"))
    (tmp_path / "mine" / "bend.py").write_text(answer)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", empty_store(tmp_path_factory, tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_swept_decided_and_drawn_and_its_python_runs_where_it_is_named(folder, capsys):
    out, ran = ["--out", str(folder / "figures")], folder / "ran"
    words = ["-m", "+lesson=./mine/bend", "code=mine.py", "executor=serial"]
    assert train.main(words) == 0
    assert "2 runs of 6 nets trained" in capsys.readouterr().out and not ran.exists()
    assert train.main(words) == 0 and "2 runs: 2 done already" in capsys.readouterr().out
    report.main(["xor", *out])
    assert not ran.exists()
    capsys.readouterr()
    assert report.main(["./mine/bend", "--code", "mine.py", *out]) == 0
    assert "1 of 1 claims hold, on 6 nets" in capsys.readouterr().out and ran.exists()
    assert (folder / "figures" / "bend.png").exists()
    assert "Does it bend?" in (folder / "figures" / "index.html").read_text()
    ran.unlink()
    assert again.main(["mine/bend.py", "--code", "mine.py", *out]) == 0 and ran.exists()
    assert report.main(["./mine/bend", "--check"]) == 1  # swish is named nowhere
    assert "activation swish is not one of scratchml's" in capsys.readouterr().out


def test_without_its_sweep_it_says_how_to_make_it(folder, capsys):
    assert report.main(["mine/bend", "--check"]) == 1
    assert "make it with: scratchml train -m +lesson=./mine/bend" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("import pathlib", "import pathlib\n1 / 0", "bend.py, line 4: ZeroDivisionError"),
        ("import pathlib", "import (", "bend.py, line 3: SyntaxError"),
        ('CAPTION = "A figure."', "", "lesson bend lacks CAPTION"),
        ('"A figure."', "None", "AttributeError: 'NoneType' object has no attribute 'split'"),
        ('"Little."', '"Little."\nSAYINGS = 3', "AttributeError: 'int' object has no attribute 'i"),
        ("outputs = data", "outputs = data.nets.nothing", "bend.py, line 16: AttributeError: 'Dat"),
        (
            "outputs = data",
            "raise SystemExit(3)\n    outputs = data",
            "bend.py, line 16: SystemExit: 3",
        ),
        ("return style.figure()[0]", "return 1 / 0", "bend.py, line 21: ZeroDivisionError"),
        ("import pathlib", "import other", "bend.py, line 3: a file of code stands alone"),
    ],
)
def test_a_lesson_that_is_wrong_is_one_sentence_with_its_line(folder, capsys, old, new, said):
    train.main(["-m", "+lesson=./mine/bend", "code=mine.py", "executor=serial"])
    file = folder / "mine" / "bend.py"
    file.write_text(file.read_text().replace(old, new))
    (folder / "mine" / "other.py").write_text("")
    assert report.main(["./mine/bend", "--code", "mine.py", "--out", str(folder / "figures")]) == 1
    assert said in capsys.readouterr().out


REFUSED = {
    "nowhere": (None, "there is no lesson mine/wrong.yaml in "),
    "code": ("code: mine.py\n", "code is named on the command line only"),
    "experiment": ("experiment: other\n", "experiment must be wrong, the name of the file"),
    "list": ("- 1\n", "mine/wrong.yaml is no lesson: it must be knobs"),
    "yaml": ("a: [\n", "mine/wrong.yaml is refused: "),
    "bomb": ("a: &a [1, 2]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in ("ab", "bc", "cd", "de",
                                                                           "ef")),
        "mine/wrong.yaml is refused: it stands for more than 10,000 values"),
    "large": ("# " + "x" * 2**20, "mine/wrong.yaml is refused: it has 1,048,578 bytes"),
    "tag": ("a: !!python/object/apply:os.system [exit]\n", "mine/wrong.yaml is refused: could not"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_sweep_that_is_wrong_is_refused(folder, capsys, kind):
    text, said = REFUSED[kind]
    if text is not None:
        (folder / "mine" / "wrong.yaml").write_text(text)
    assert train.main(["-m", "+lesson=./mine/wrong", "executor=serial", "seeds=2"]) == 2
    assert said in capsys.readouterr().err


def test_a_name_of_ours_or_of_two_lessons_is_refused(folder):
    for name in ("xor", "bend"):
        (folder / f"{name}.yaml").write_text("seeds: 2\n")
    with pytest.raises(ConfigError, match="^xor is a lesson of scratchml; give yours another name"):
        own_lessons.add("./xor")
    assert own_lessons.add("./mine/bend.yaml") == "bend" == own_lessons.add("mine/bend")
    with pytest.raises(ConfigError, match="^two different lessons are named bend; give one anoth"):
        own_lessons.add("./bend")
    assert "bend" in defaults.options("lesson")
    with own_entries.command():
        assert "bend" not in defaults.options("lesson")
    assert "bend" in defaults.options("lesson")


def test_a_lesson_that_is_named_twice_is_read_once(folder):
    (folder / "ran").unlink(missing_ok=True)
    words = ["./mine/bend", "mine/bend.py", str(folder / "mine" / "bend.yaml")]
    [lesson] = own_lesson.some(words)
    assert lesson.name == "bend" and lesson.problem is None


def test_the_command_of_a_stored_sweep_keeps_the_place():
    stored = "scratchml lessons ./mine/bend seeds=4 code=mine.py --uri x"
    assert launched_by(stored, "bend") == "scratchml lessons ./mine/bend seeds=4 code=mine.py"
    trained = "scratchml train -m +lesson=./mine/bend code=mine.py"
    assert launched_by(trained, "bend") == trained
    assert own_lesson.name_of("./mine/bend.py") == "bend" == own_lesson.name_of("bend")


HYDRAS = {
    "hydra: {hydra_logging: {version: 1}}": "hydra.hydra_logging",
    "hydra: {job_logging: {version: 1}}": "hydra.job_logging",
    "hydra: {callbacks: {a: {_target_: mine.X}}}": "hydra.callbacks",
    "hydra: {run: {dir: /tmp}}": "hydra.run",
    "hydra: {sweeper: {_target_: mine.X}}": "hydra.sweeper._target_",
    "hydra: 3": "hydra.",
    "defaults: [{override hydra/job_logging: default}]": "defaults: override hydra/job_logging",
    "defaults: [{/hydra/launcher: basic}]": "defaults: /hydra/launcher",
    "hydra/launcher: basic": "hydra/launcher",
}


@pytest.mark.parametrize("text", HYDRAS)
def test_a_lesson_says_nothing_to_hydra_but_its_grid(folder, text):
    """Hydra's logging writes files and imports classes; its callbacks import code."""
    (folder / "mine" / "bad.yaml").write_text(text)
    with pytest.raises(ConfigError, match=f"{HYDRAS[text]}.* is not for a lesson of your own"):
        own_lessons.add("./mine/bad")


@pytest.mark.parametrize("word", ["./", "/", "~nosuchuser/x", "./" + "a" * 300])
def test_a_strange_place_of_a_lesson_is_one_sentence(folder, word):
    with pytest.raises(ConfigError):
        own_lessons.add(word)
