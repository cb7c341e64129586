"""The values of one column: numbers, or words."""

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.errors import ConfigError

if TYPE_CHECKING:
    from pandas import Series

SHOWN = 5  # columns or words that a message lists


def is_number(values: "Series") -> bool:
    """Whether a column holds numbers or truth values, and not words; dates are refused."""
    from pandas.api import types

    if types.is_numeric_dtype(values) and not types.is_complex_dtype(values):
        return True
    if types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        raise ConfigError(
            f"column {values.name} holds dates; make numbers of them, or leave it out"
        )
    return False


def check_cells(values: "Series") -> None:
    """Raises ConfigError if a column has lists or objects for values, as JSON and Parquet allow."""
    from pandas.api import types

    if types.is_object_dtype(values) and not all(map(types.is_scalar, values)):
        raise ConfigError(
            f"column {values.name} holds lists or objects; "
            "make a column of each of their values, or leave it out"
        )


def words(values: "Series") -> np.ndarray:
    """(N,): a column's values as texts; a missing one is an empty text."""
    return np.array(["" if one is None or one != one else str(one) for one in values], dtype=object)


def reads_as_number(word: str) -> bool:
    """Whether a word is a number in a file; 1_2 is one in Python only."""
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word


def some(words: list[Any], most: int = SHOWN) -> str:
    """The first of many words, as a list in a sentence."""
    listed = ", ".join(str(word) for word in words[:most])
    return listed + (f" and {len(words) - most:,} more" if len(words) > most else "")
