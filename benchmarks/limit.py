"""The limit of training: the operations of a step, and how many this processor does a second."""

import re
import time

import numpy as np

from scratchml.addresses import RESULT, ROW, address
from scratchml.blocks import aligned
from scratchml.compiling import loop
from scratchml.losses import LOSSES
from scratchml.optimizers import OPTIMIZERS
from scratchml.rows import formulas

# A line of a row's text that computes something, and does not only take a number.
COMPUTES = re.compile(r"^ *(?:v\d+|lanes\[.*?\]) = (?!\w+\[[^]]*\]$|as_bits|as_float).+$", re.M)
CHAINS, TERMS, NUMBERS = 8, 16, 8192


def operations(model, n):
    """Additions, multiplications, divisions, comparisons and choices of a step of one net.

    The step is one of gradient descent on cross-entropy of `n` examples.
    """
    loss = LOSSES[model.output, "cross_entropy"]
    rows = formulas(model, loss, OPTIMIZERS["sgd"])
    of = {name: len(COMPUTES.findall(text)) for name, text in rows.items()}
    weights = [d * h for d, h in zip(model.sizes, model.sizes[1:], strict=False)]
    units, hidden, outputs = sum(model.sizes[1:]), sum(model.sizes[1:-1]), model.sizes[-1]
    forward = 2 * sum(weights) + units + hidden * of["f"]
    backward = 2 * sum(weights) + units + 2 * sum(weights[1:]) + hidden * (of["slope"] + 1)
    return n * (forward + backward + outputs * (of["loss"] + 1)) + (
        (sum(weights) + units) * of["step"]
    )


def a_second(seconds=1.0):
    """Additions and multiplications a second of one process, on numbers that are at hand."""
    row, numbers, out = ROW(loop(_text())), aligned((NUMBERS,)), aligned((NUMBERS,))
    numbers[:] = np.linspace(0.0, 1.0, NUMBERS)
    at = address(numbers)
    begin, done = time.perf_counter(), 0
    while time.perf_counter() < begin + seconds:
        for _ in range(100):
            row(*RESULT, at, at, address(out), at, NUMBERS, 1, 0)
        done += 100 * NUMBERS * 2 * (CHAINS + 1) * TERMS
    return done / (time.perf_counter() - begin)


def _text():
    """A row of sums of products, side by side, so that none waits for itself."""
    half = CHAINS // 2
    lines = ["x = first[i]", "y = x + 0.5", *(f"c{j} = {j}.5" for j in range(CHAINS))]
    for _ in range(TERMS):
        lines += [f"c{j} += {'xy'[j // half]} * {j % half}.25" for j in range(CHAINS)]
        lines += ["x += 1.0", "y += 1.0"]
    lines += [f"third[i] = {' + '.join(f'c{j}' for j in range(CHAINS))}"]
    head = ["def row(first, second, third, lanes, rows, block, t):", "    for i in range(rows):"]
    return "\n".join([*head, *(f"        {line}" for line in lines)]) + "\n"
