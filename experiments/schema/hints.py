"""Hints: the knob or the value that the user probably means by a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from experiments import words as trade

# word -> the knob that is offered for it. A class of one's own may mean another thing by the words
# that are added here, so its parameters are told apart by those of `experiments.words` alone.
KNOB_WORDS = trade.KNOB_WORDS | {
    word: knob
    for knob, words in {
        "width": "nodes",
        "l2": "alpha lambda",
        "stop": "stopping",
        "test_fraction": "val_split validation_size holdout",
        "batch_size": "mini_batch",
        "seeds": "runs trials nets",
        "dataset": "task",
        "noise": "noise_level noise_std",
        "records": "log_every n_records",
        "experiment": "project exp experiment_name",
        "executor.workers": "n_workers num_workers cores threads",
        "tracking.uri": "tracking_uri",
    }.items()
    for word in words.split()
}

# knob -> {word: the value that it means here}
VALUE_WORDS = {
    "activation": {
        **{"logistic": "sigmoid", "linear": "identity", "none": "identity", "heaviside": "step"},
        **dict.fromkeys(("gelu", "elu", "selu", "silu", "swish", "leaky_relu"), "relu"),
    },
    "loss": {
        **dict.fromkeys(("mse", "l2", "squared", "quadratic"), "squared_error"),
        **dict.fromkeys(("bce", "ce", "log_loss", "nll", "logistic"), "cross_entropy"),
    },
    "optimizer": {
        **dict.fromkeys(("gd", "gradient_descent", "none"), "sgd"),
        **{"adamw": "adam", "nag": "nesterov"},
    },
    "init": {
        **dict.fromkeys(("kaiming", "kaiming_normal", "kaiming_uniform"), "he"),
        **dict.fromkeys(("glorot", "xavier_normal", "xavier_uniform", "glorot_uniform"), "xavier"),
        **{"gaussian": "normal", "zeros": "zero", "ones": "constant"},
    },
    "scaling": {
        **dict.fromkeys(("standardize", "zscore", "standard_scaler"), "standard"),
        **dict.fromkeys(("center", "centered", "mean"), "centred"),
    },
    "target_scaling": dict.fromkeys(("standardize", "zscore", "standard_scaler"), "standard"),
    "model": {
        **dict.fromkeys(("nn", "net", "neural_net", "ann", "dense"), "mlp"),
        **{"logreg": "logistic", "regression": "linear", "linreg": "linear"},
    },
    "stop": {
        **{"none": "never", "null": "never", "patience": "no_progress"},
        **dict.fromkeys(("early", "early_stopping", "val_loss", "test_loss"), "held_out"),
    },
    "executor": {
        **dict.fromkeys(("processes", "parallel", "multiprocessing", "joblib", "loky"), "local"),
        **dict.fromkeys(("sequential", "single", "none"), "serial"),
    },
    "objective": {"loss": "train/loss", "accuracy": "train/accuracy", "rmse": "train/rmse"},
}
FLAG_WORDS = dict.fromkeys(("yes", "on", "y", "1"), "true") | dict.fromkeys(
    ("no", "off", "n", "0"), "false"
)
EMPTY = ("none", "all", "full", "default")  # words for null, where a knob may be null
LONGEST = 1000  # characters of a value that a message repeats
CLOSE = 0.7  # how similar two words must be, between 0 and 1: test_size is not batch_size


def shown(value: Any) -> str:
    """A value as YAML and the command line write it: None is null, True is true."""
    words = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number with too many digits"
    return text if len(text) <= LONGEST else f"{text[:40]}..., {len(text):,} characters"


def knob(name: Any, known: Iterable[str]) -> str | None:
    """The known name that is meant by an unknown one, or None."""
    known, word = list(known), _plain(name)
    meant = KNOB_WORDS.get(word)
    return meant if meant in known else _nearest(word, known)


def value(name: str, given: Any, words: Iterable[str], optional: bool = False) -> str | None:
    """The value of a knob that is meant by a word that is not allowed, or None.

    Args:
        words: the words that are allowed.
        optional: whether null is allowed.
    """
    words, word = list(words), _plain("null" if given is None else given)
    if not isinstance(given, str) and given is not None:
        return None
    meant = VALUE_WORDS.get(name, {}).get(word)
    if meant in words:
        return meant
    if optional and word in EMPTY:
        return "null"
    return _nearest(word, words)


def several(name: str, given: Any, words: Iterable[str]) -> str | None:
    """The list that is meant by a word or by a list of words, as it is written, or None."""
    if isinstance(given, str) and given.lower() in EMPTY:
        return "[]"
    given = given if isinstance(given, list) else [given] if isinstance(given, str) else []
    close = [each if each in words else value(name, each, words) for each in given]
    return f"[{','.join(close)}]" if close and all(close) else None


def _plain(word):
    return (
        (word if isinstance(word, str) else shown(word))[:100]
        .strip()
        .lower()
        .replace("-", "_")
        .replace(" ", "_")
    )


def _nearest(word, words):
    """The word that is spelled most alike; capital letters make no difference."""
    lower = {_plain(each): each for each in words}
    return next((lower[each] for each in get_close_matches(word, lower, 1, CLOSE)), None)
