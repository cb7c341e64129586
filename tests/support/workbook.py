"""Workbooks that are filled in: right code in four styles, and code with one line changed."""

import re
from pathlib import Path

from support.odd_code import HEAD, ODD

from experiments.workbook import writing

LISTS = {  # the style of scratchml/plain.py
    "step": "return 1 if z > 0 else 0",
    "predict": "return step(sum(a * c for a, c in zip(w, x)) + b)",
    "update": """
        error = y - predict(w, b, x)
        new = [w[d] + lr * error * x[d] for d in range(len(x))]
        return new, b + lr * error
    """,
    "train": """
        mistakes = []
        for epoch in range(epochs):
            wrong = 0
            for x, y in zip(X, Y):
                if predict(w, b, x) != y:
                    wrong += 1
                w, b = update(w, b, x, y, lr)
            mistakes.append(wrong)
            if wrong == 0:
                break
        return w, b, mistakes
    """,
    "three_units": "return ([1, 1], -0.5), ([-1, -1], 1.5), ([1, 1], -1.5)",
    "sigmoid": "return 1 / (1 + math.exp(-z))",
    "probabilities": "return [sigmoid(sum(a * c for a, c in zip(w, x)) + b) for x in X]",
    "loss": """
        total = 0
        for p, y in zip(P, Y):
            total -= y * math.log(p) + (1 - y) * math.log(1 - p)
        return total / len(Y)
    """,
    "gradient": """
        dw, db = [0.0] * len(X[0]), 0.0
        for p, x, y in zip(P, X, Y):
            for d in range(len(x)):
                dw[d] += (p - y) * x[d] / len(Y)
            db += (p - y) / len(Y)
        return dw, db
    """,
    "initialize": """
        W1 = [[rng.uniform(-1, 1) for _ in range(H)] for _ in range(D)]
        b1 = [rng.uniform(-1, 1) for _ in range(H)]
        W2 = [rng.uniform(-1, 1) for _ in range(H)]
        return W1, b1, W2, rng.uniform(-1, 1)
    """,
    "forward": """
        a1 = []
        for h in range(len(b1)):
            z = b1[h]
            for d in range(len(x)):
                z += x[d] * W1[d][h]
            a1.append(sigmoid(z))
        z2 = b2
        for h in range(len(b1)):
            z2 += a1[h] * W2[h]
        return a1, sigmoid(z2)
    """,
    "output_delta": "return p - y",
    "hidden_delta": "return [dz2 * W2[h] * a1[h] * (1 - a1[h]) for h in range(len(W2))]",
    "gradients": """
        dW1 = [[x[d] * dz1[h] for h in range(len(dz1))] for d in range(len(x))]
        dW2 = [a1[h] * dz2 for h in range(len(a1))]
        return dW1, dz1, dW2, dz2
    """,
    "train_step": """
        D, H, N = len(W1), len(W2), len(X)
        sW1, sb1 = [[0.0] * H for _ in range(D)], [0.0] * H
        sW2, sb2 = [0.0] * H, 0.0
        for x, y in zip(X, Y):
            a1, p = forward(W1, b1, W2, b2, x)
            dz2 = output_delta(p, y)
            dz1 = hidden_delta(dz2, W2, a1)
            dW1, db1, dW2, db2 = gradients(x, a1, dz1, dz2)
            for h in range(H):
                for d in range(D):
                    sW1[d][h] += dW1[d][h]
                sb1[h] += db1[h]
                sW2[h] += dW2[h]
            sb2 += db2
        new_W1 = [[W1[d][h] - lr * sW1[d][h] / N for h in range(H)] for d in range(D)]
        new_b1 = [b1[h] - lr * sb1[h] / N for h in range(H)]
        new_W2 = [W2[h] - lr * sW2[h] / N for h in range(H)]
        return new_W1, new_b1, new_W2, b2 - lr * sb2 / N
    """,
}

# Arrays in and arrays out, other names of arguments; lists would raise an error in most functions.
NUMPY = {
    "step": "def step(total):\n    return np.heaviside(total, 0)",
    "predict": "def predict(weights, bias, row):\n    return step(np.dot(weights, row) + bias)",
    "update": """
        delta = lr * (y - predict(w, b, x))
        w = w + delta * np.asarray(x)
        return w, b + delta
    """,
    "train": """
        counts = np.zeros(0, dtype=int)
        while len(counts) < epochs:
            count = 0
            for row in range(X.shape[0]):
                count += int(predict(w, b, X[row]) != Y[row])
                w, b = update(w, b, X[row], Y[row], lr)
            counts = np.append(counts, count)
            if not count:
                return w, b, counts
        return w, b, counts
    """,
    "three_units": """
        return (np.array([2, 2]), -1), (np.array([-2, -2]), 3), (np.array([1, 1]), np.float64(-1.5))
    """,
    "sigmoid": "return 1 / (1 + np.exp(-z))",
    "probabilities": "return sigmoid(X @ w + b)",
    "loss": "return -np.where(Y == 1, np.log(P), np.log(1 - P)).mean()",
    "gradient": """
        error = P - Y
        return (error[:, None] * X).mean(axis=0), error.mean()
    """,
    "initialize": """
        gen = np.random.default_rng(rng.randrange(2**32))
        return gen.uniform(-1, 1, (D, H)), np.zeros(H), gen.uniform(-1, 1, H), 0.0
    """,
    "forward": """
        hidden = sigmoid(x @ W1 + b1)
        return hidden, sigmoid(hidden @ W2 + b2)
    """,
    "output_delta": "return p - y",
    "hidden_delta": "return dz2 * W2 * a1 * (1 - a1)",
    "gradients": "return np.outer(x, dz1), dz1, a1 * dz2, dz2",
    "train_step": """
        A = sigmoid(X @ W1 + b1)
        dZ2 = (sigmoid(A @ W2 + b2) - Y) / len(Y)
        dZ1 = np.outer(dZ2, W2) * A * (1 - A)
        return (W1 - lr * X.T @ dZ1, b1 - lr * dZ1.sum(axis=0), W2 - lr * A.T @ dZ2,
                b2 - lr * dZ2.sum())
    """,
}

# In place where this is allowed, lists as answers, fractions of one step, helpers, while and map.
IN_PLACE = LISTS | {
    "step": "return z > 0",
    "update": """
        error = y - predict(w, b, x)
        for d, value in enumerate(x):
            w[d] += lr * error * value
        b += lr * error
        return [w, b]
    """,
    "train": """
        mistakes, epoch, go_on = [], 0, True
        while go_on and epoch < epochs:
            answers = []
            for x, y in zip(X, Y):
                answers.append(predict(w, b, x) == y)
                w, b = update(w, b, x, y, lr)
            mistakes += [answers.count(False)]
            epoch += 1
            go_on = not all(answers)
        return [w, b, mistakes]
    """,
    "three_units": "return [[[1, -1], -0.5], [[-1, 1], -0.5], [[1, 1], -0.5]]",
    "sigmoid": "return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))",
    "probabilities": """
        def one(x):
            z = b
            for d in range(len(w)):
                z = z + w[d] * x[d]
            return sigmoid(z)
        return tuple(map(one, X))
    """,
    "loss": """
        parts = [-math.log(p if y == 1 else 1 - p) for p, y in zip(P, Y)]
        return math.fsum(parts) / len(parts)
    """,
    "gradient": """
        errors = [p - y for p, y in zip(P, Y)]
        columns = list(zip(*X))
        dw = tuple(sum(e * v for e, v in zip(errors, column)) / len(Y) for column in columns)
        return [dw, sum(errors) / len(errors)]
    """,
    "forward": """
        columns = zip(*W1)
        a1 = tuple(sigmoid(sum(a * c for a, c in zip(x, k)) + q) for k, q in zip(columns, b1))
        return a1, sigmoid(sum(map(lambda a, c: a * c, a1, W2), b2))
    """,
    "hidden_delta": """
        dz1 = []
        for weight, a in zip(W2, a1):
            slope = a - a * a
            dz1.append(slope * weight * dz2)
        return dz1
    """,
    "train_step": """
        backward = []
        for i in range(len(X)):
            a1, p = forward(W1, b1, W2, b2, X[i])
            error = output_delta(p, Y[i]) / len(X)
            backward.append(gradients(X[i], a1, hidden_delta(error, W2, a1), error))
        for dW1, db1, dW2, db2 in backward:
            for h in range(len(W2)):
                W2[h] -= lr * dW2[h]
                b1[h] -= lr * db1[h]
                for d in range(len(W1)):
                    W1[d][h] -= lr * dW1[d][h]
            b2 -= lr * db2
        return W1, b1, W2, b2
    """,
}
STYLES = {  # name: (code, lines before the first function)
    "lists": (LISTS, ""),
    "numpy": (NUMPY, "import numpy as np"),
    "in place": (IN_PLACE, ""),
    "odd": (LISTS | ODD, HEAD),
}


def fill(folder, code, head=""):
    """Writes a workbook into `folder`, with code for some of its gaps.

    Args:
        code: the name of a gap -> the body of the function, or all of it from `def` on.
        head: lines before the first function, such as an import.
    """
    writing.write(folder)
    for path in Path(folder).glob("step*.py"):
        text = path.read_text()
        for name, body in code.items():
            text = replaced(text, name, body)
        path.write_text(text.replace("\n\n\ndef ", f"\n{head}\n\n\ndef ", 1))
    return folder


def replaced(text, name, body):
    """The text of a page with one gap filled."""
    lines = body.strip("\n").splitlines()
    margin = min((len(one) - len(one.lstrip()) for one in lines if one.strip()), default=0)
    lines = [one[margin:] for one in lines]
    pattern = rf'(def {name}\(.*?\n    """.*?""")\n    raise NotImplementedError\n'
    if lines[0].startswith(f"def {name}("):
        return re.sub(pattern, lambda found: "\n".join(lines) + "\n", text, flags=re.DOTALL)
    inner = "\n".join("    " + one for one in lines)
    return re.sub(pattern, lambda found: f"{found[1]}\n{inner}\n", text, count=1, flags=re.DOTALL)
