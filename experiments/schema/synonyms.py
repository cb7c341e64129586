"""Synonyms: words that are accepted in place of a knob's value, such as names of earlier versions.

A configuration that uses a synonym is the same configuration: same name, same fingerprint.
"""

import re
from collections.abc import Mapping
from typing import Any

# knob -> {synonym: the word in use}
SYNONYMS = {
    "init": {"random": "uniform"},
    "dataset": {"turned": "rotated"},
}

GROUPED = ("dataset", "model")  # knobs whose values are names of files, which Hydra looks for


def words_in_use(knobs: Mapping[str, Any]) -> dict[str, Any]:
    """Knobs with each synonym replaced by the word in use, such as those of a stored run."""
    return {
        name: SYNONYMS[name].get(value, value)
        if name in SYNONYMS and isinstance(value, str)
        else value
        for name, value in knobs.items()
    }


def in_use(override: str) -> str:
    """An override of a group, `dataset=a,b`, with each synonym replaced by the word in use.

    Hydra reads the file of a group before a configuration can be checked, so synonyms of file names
    have to be replaced in the text.
    """
    key, equals, value = override.partition("=")
    knob = key.lstrip("+")
    if not equals or knob not in GROUPED:
        return override
    for synonym, word in SYNONYMS.get(knob, {}).items():
        value = re.sub(rf"(?<![\w./-]){re.escape(synonym)}(?![\w./-])", word, value)
    return key + equals + value
