"""Synonyms: words that are accepted in place of a knob or of its value, such as earlier names.

A configuration that uses a synonym is the same configuration: same name, same fingerprint.
"""

import re
from collections.abc import Mapping
from typing import Any

from experiments.models import sklearn_models

# knob -> {synonym: the word in use}
SYNONYMS = {
    "init": {"random": "uniform"},
    "dataset": {"turned": "rotated"},
    "model": {path: name for name, path in sklearn_models.PATHS.items()},
}
KNOBS = {"sklearn": "options"}  # earlier name of a knob -> the name in use

GROUPED = ("dataset", "model")  # knobs whose values are names of files, which Hydra looks for


def words_in_use(knobs: Mapping[str, Any]) -> dict[str, Any]:
    """Knobs with each synonym replaced by the word in use, such as those of a stored run."""
    return {
        KNOBS.get(name, name): SYNONYMS[name].get(value, value)
        if name in SYNONYMS and isinstance(value, str)
        else value
        for name, value in knobs.items()
    }


def in_use(override: str) -> str:
    """An override with the name of its knob, or of a file in its group, replaced by that in use.

    Hydra reads the file of a group before a configuration can be checked, so synonyms of file names
    have to be replaced in the text.
    """
    key, equals, value = override.partition("=")
    for synonym, word in KNOBS.items():
        key = re.sub(rf"^(\+*){synonym}(?=$|\.)", rf"\g<1>{word}", key)
    override, knob = key + equals + value, key.lstrip("+")
    if not equals or knob not in GROUPED:
        return override
    for synonym, word in SYNONYMS.get(knob, {}).items():
        value = re.sub(rf"(?<![\w./-]){re.escape(synonym)}(?![\w./-])", word, value)
    return key + equals + value
