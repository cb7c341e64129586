"""Texts of a store can be shown: they do not steer a terminal and hold no password."""

import pytest

from experiments.tracking.text import first_line, printable, without_passwords
from experiments.tracking.uris import shown


def test_a_terminal_gets_no_control_characters():
    assert printable("a\x1b[2J\x07b\nc\td") == "a\\x1b[2J\\x07b\nc\td"
    assert printable("a\nb", "") == "a\\nb"
    assert printable("ä → 1 %") == "ä → 1 %"


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sqlite:///mlflow.db", "mlflow.db"),
        ("sqlite:////srv/a b.db?timeout=3", "/srv/a b.db"),
        ("sqlite+pysqlite:////srv/a.db", "/srv/a.db"),
        ("sqlite://", "sqlite://"),
        ("http://ada:secret@host:5000/x", "http://host:5000/x"),
        ("postgresql://ada:secret@db/runs?password=secret", "postgresql://db/runs?password="),
    ],
)
def test_a_store_is_shown_as_a_path_or_without_its_password(uri, said):
    assert shown(uri) == said


def test_passwords_go_from_the_middle_of_a_text():
    text = "tracking.uri=http://ada:s@host:5000 lr=1 at postgresql://b:t@db"
    assert without_passwords(text) == "tracking.uri=http://host:5000 lr=1 at postgresql://db"


def test_an_error_without_a_message_is_named_by_its_type():
    assert first_line(ValueError("one\ntwo")) == "one"
    assert first_line(MemoryError()) == "MemoryError"
