"""Columns of a table as numbers: words become one-hot."""

import numpy as np


def numbers(table, columns):
    """(N, D): a table's columns as numbers; a word becomes one-hot, and an unknown one zeros.

    Raises:
        KeyError: The table lacks a column.
    """
    blocks = []
    for column in columns:
        values = table[column["name"]]
        if column["words"] is None:
            blocks.append(np.asarray(values, dtype=float)[:, None])
        else:
            blocks.append(one_hot([str(value) for value in values], column["words"]))
    return np.concatenate(blocks, axis=1)


def one_hot(texts, words):
    """(N, K): 1 where a text is the k-th of K words; a text that is none of them is a row of 0."""
    place = {word: k for k, word in enumerate(words)}
    rows = [(n, place[text]) for n, text in enumerate(texts) if text in place]
    block = np.zeros((len(texts), len(words)))
    block[tuple(np.array(rows, dtype=int).reshape(-1, 2).T)] = 1.0
    return block
