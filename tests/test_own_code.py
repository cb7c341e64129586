"""The door for code of one's own: what is read, what is executed, and what is said of it."""

import inspect
import pickle
import re
import sys
import threading
import traceback

import pytest
from support.processes import wait_for

from experiments import own
from experiments.errors import ConfigError
from experiments.own import code_file
from experiments.running import carried
from experiments.running.carried import carrying
from experiments.schema import own_entries
from experiments.schema.config import Config
from experiments.schema.defaults import defaults
from experiments.schema.named_code import named

pytestmark = pytest.mark.usefixtures("own_command")

TEXT = '''"""Code."""
import numpy as np

FACTOR = 2.0


def double(x):
    """Twice."""
    return FACTOR * x


def broken(x):
    return np.sqrt(x, no_such_word=1)
'''


@pytest.fixture
def mine(tmp_path):
    """A folder with the file `mine.py`; a function that writes another text into it."""

    def write(text=TEXT, name="mine.py"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


# --- words ----------------------------------------------------------------------------------------


def test_files_among_words_are_named_and_the_words_hold_their_names_alone(mine, tmp_path):
    path, other = mine(), mine("A = 1\n", "other.py")
    words = [
        "-m", f"code={path},{other}", f"model=mlp,{path}:TinyNet", "lr=1,2", f"path={path}",
        f"+model=choice({other}:A, linear)", "model=sklearn.linear_model:LogisticRegression",
    ]  # fmt: skip
    assert named(words) == [
        "-m", "model=mlp,mine.py:TinyNet", "lr=1,2", f"path={path}",
        "+model=choice(other.py:A, linear)", "model=sklearn.linear_model:LogisticRegression",
    ]  # fmt: skip
    assert {name: code.text for name, code in own.NAMED.items()} == {
        "mine.py": TEXT, "other.py": "A = 1\n",
        "sklearn.linear_model:LogisticRegression":
            "from sklearn.linear_model import LogisticRegression\n",
    }  # fmt: skip


@pytest.mark.parametrize("word", [
    "model=my dir/{}:Net", "model=a=b/{}:Net", "model=a(b)/{}:Net", "model='it''s/{}:Net'",
    "model=mlp,my dir/{}:Net", "model=choice(mlp,a b/{}:Net)", "model={}:Net/", "model={{a: {}:B}}",
])  # fmt: skip
def test_no_other_file_is_read_than_the_one_that_is_named(mine, monkeypatch, word):
    """A path is never looked for inside of a word."""
    monkeypatch.chdir(mine().parent)
    for folder in ("dir", "b", "s"):
        (mine().parent / folder).mkdir(exist_ok=True)
        mine(name=f"{folder}/mine.py")
    with pytest.raises(ConfigError, match="a file of code is named PATH.py:CLASS, and its path"):
        named([word.format("mine.py")])
    assert own.NAMED == {}


def test_a_file_without_its_class_is_told_how_a_class_is_named(mine):
    with pytest.raises(ConfigError, match="model=mine.py must name a class, too: model=mine.py:NA"):
        named(["model=mlp,mine.py"])


def test_a_word_may_name_several_models(mine):
    path = mine()
    assert named([f"model=shuffle(choice({path}:A, 'mlp'))"]) == [
        "model=shuffle(choice(mine.py:A, 'mlp'))"
    ]
    assert named([f"model=[{path}:A,{path}:B]"]) == ["model=[mine.py:A,mine.py:B]"]
    assert own.NAMED.keys() == {"mine.py"}


STRANGE = {
    "return": ("x = 1\nreturn x\n", "mine.py, line 2: SyntaxError: 'return' outside function"),
    "future": ("x = 1\nfrom __future__ import annotations\n", "mine.py, line 2: SyntaxError"),
    "twice": ("def f(a, a):\n    pass\n", "mine.py, line 1: SyntaxError: duplicate argument"),
    "stand-ins": ("STAND_INS = {'mlp': 1}\n", "mine.py: STAND_INS must be a dict"),
    "no dict": ("STAND_INS = [1]\n", "mine.py: TypeError"),
    "signature": ("class A:\n    __signature__ = 3\n    def fit(self, x, y): pass\n"
                  "    def predict(self, x): pass\n", "mine.py: TypeError"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_file_is_one_sentence(mine, name):
    text, said = STRANGE[name]
    with pytest.raises(ConfigError, match=re.escape(said)) as raised:
        own_entries.use([own.read(mine(text))])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("path", ["~nosuchuser/mine.py", "a" * 300 + ".py", "mine/.py"])
def test_a_strange_path_is_one_sentence(path):
    with pytest.raises(ConfigError):
        own.name(path)


def test_nothing_is_executed_by_being_named(mine):
    own.name(mine("raise RuntimeError\n"))
    assert "own_code_mine" not in sys.modules


BAD = {  # text, and what is said of it
    "empty": ("# nothing but a comment\n", "is empty"),
    "syntax": ("x = 1\ny = (2\n", "mine.py, line 2: SyntaxError: '(' was never closed"),
    "indented": ("x = 1\n  y = 2\n", "mine.py, line 2: IndentationError: unexpected indent"),
    "latin": (b"x = 1\ny = '\xe9'\n", "mine.py, line 2: it is no text in UTF-8"),
    "null": (b"x = '\0'\n", "mine.py"),
    "large": (b"#" * (code_file.LARGEST + 1), "has more than 1,048,576 bytes"),
    "neighbour": ("import beside\n", "mine.py, line 1: a file of code stands alone"),
    "inside": ("def f():\n    from beside.x import y\n", "mine.py, line 2: a file of code stands"),
    "relative": ("x = 1\nfrom . import beside\n", "mine.py, line 2: a file of code stands alone"),
    "absent": ("import no_such_package_1\n", "mine.py, line 1: there is no package no_such_packa"),
    "star": ("from math import *\n", "mine.py, line 1: name what is imported, and not *"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(mine, kind):
    text, said = BAD[kind]
    mine(name="beside.py")
    with pytest.raises(ConfigError) as refused:
        own.name(mine(text))
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert not own.NAMED


def test_a_place_where_no_file_is_is_said(mine, tmp_path):
    (tmp_path / "folder.py").mkdir()
    wrong = {"mine.txt": "a file of code must be NAME.py", "x y.py": "a file of code must be NAME",
             "folder.py": "is a folder", "nowhere.py": "there is no such file in"}  # fmt: skip
    for name, said in wrong.items():
        with pytest.raises(ConfigError, match=said):
            own.name(tmp_path / name)


def test_two_files_of_one_name_are_refused_and_the_same_file_twice_is_not(mine, tmp_path):
    (tmp_path / "sub").mkdir()
    first, other = mine(), mine("A = 2\n", "sub/mine.py")
    assert named([f"code={first}", f"model={first}:Net"]) == ["model=mine.py:Net"]
    with pytest.raises(ConfigError, match="^two different files are named mine.py; give one"):
        named([f"code={other}"])


# --- executing ------------------------------------------------------------------------------------


def test_a_file_is_executed_once_and_its_functions_can_be_pickled_and_looked_at(mine):
    code = own.name(mine())
    module = own.module("mine.py")
    assert own.module("mine.py") is module and module.double(4) == 8
    assert pickle.loads(pickle.dumps(module.double)) is module.double
    assert inspect.getsource(module.double).startswith("def double(x):\n")
    assert own.place(module.double) == "mine.py, line 7"
    assert own.line_of(code, "double") == "mine.py, line 7"


def test_an_error_names_the_innermost_line_of_their_code(mine):
    own.name(mine())
    with pytest.raises(Exception) as raised:
        own.module("mine.py").broken(1.0)
    said = own.where(raised.value)
    assert said.startswith("mine.py, line 13: ") and "\n" not in said
    assert "return np.sqrt(x, no_such_word=1)" in "".join(traceback.format_exception(raised.value))
    with pytest.raises(ZeroDivisionError) as ours:
        _ = 1 / 0
    assert own.where(ours.value) == ""


@pytest.mark.parametrize("text", ["\nx = 1 / 0\n", "\nraise SystemExit(3)\n"])
def test_a_file_that_raises_when_it_is_executed_is_one_sentence(mine, text):
    own.name(mine(text))
    with pytest.raises(ConfigError, match=r"^mine.py, line 2: (Zero|SystemExit)"):
        own.module("mine.py")
    assert "own_code_mine" not in sys.modules


def test_another_text_is_another_module(mine):
    own.name(mine())
    old = own.module("mine.py")
    with own_entries.command():
        own.name(mine(TEXT.replace("2.0", "3.0")))
        new = own.module("mine.py")
        assert new.double(1) == 3
    assert old.double(1) == 2 and own.module("mine.py") is old
    assert sys.modules["own_code_mine"] is old


def test_a_function_carries_the_code_along(mine):
    own.name(mine())
    sent = pickle.dumps(carrying(lookup))
    with own_entries.command():
        assert own.NAMED == {}
        assert pickle.loads(sent)("mine.py") == 10.0


def test_no_code_of_an_earlier_call_stays_where_functions_are_called(mine):
    """A worker outlives the command that has named a file."""
    own.name(mine())
    with_code = carrying(lookup)
    with own_entries.command():
        without = carrying(lambda: dict(own.NAMED))
        assert with_code("mine.py") == 10.0
        assert without() == {}


def test_code_that_cannot_be_used_is_said_to_every_call():
    code = own.of_text("mine.py", "raise RuntimeError('no')\n")
    broken = carried.Carried(lookup, (code,))
    for _ in range(2):
        with pytest.raises(ConfigError, match="mine.py, line 1: RuntimeError: no"):
            broken("mine.py")


def test_a_call_with_other_code_waits_for_those_that_run(mine):
    """As on a Dask worker with several threads, which works for several people."""
    codes = [(own.of_text("mine.py", TEXT.replace("2.0", factor)),) for factor in ("2.0", "3.0")]
    found = []

    def other():
        with carried.named(codes[1]):
            found.append(lookup("mine.py"))

    thread = threading.Thread(target=other)
    with carried.named(codes[0]):
        thread.start()
        wait_for(lambda: carried._changed._waiters)
        assert not found and lookup("mine.py") == 10.0
    thread.join()
    assert found == [15.0]


def lookup(name):
    return own.module(name).double(5.0)


# --- only the command line ------------------------------------------------------------------------


def test_no_configuration_names_code(mine):
    for mapping in ({"code": "mine.py"}, {"code": None}, {"code": ["mine.py"]}):
        with pytest.raises(ConfigError, match="^code is named on the command line only"):
            Config.from_mapping(dict(defaults()) | mapping)
        with pytest.raises(ConfigError, match="^code is named on the command line only"):
            Config.from_stored(dict(defaults("xor", "mlp")) | mapping)
    with pytest.raises(ConfigError, match="^model must be one of .* got 'mine.py:TinyNet'"):
        Config.from_mapping(dict(defaults()) | {"model": "mine.py:TinyNet"})
    assert not own.NAMED and "own_code_mine" not in sys.modules
