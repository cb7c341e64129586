"""Mistakes as a reader makes them: a line of right code (LISTS) in another form.

Each is (gap, what is right, what is there in its place, words of the teacher's sentence).
"""

STEP1 = [
    ("step", "z > 0", "z >= 0", "the answer at z = 0 is 1"),
    ("step", "1 if z > 0 else 0", "1 if z > 0 else -1", "the answers are -1 and 1"),
    ("step", "1 if z > 0 else 0", "0 if z > 0 else 1", "the two answers are exchanged"),
    ("predict", " + b)", ")", "the bias is left out"),
    ("predict", "step(sum(a * c for a, c in zip(w, x)) + b)",
     "sum(a * c for a, c in zip(w, x)) + b", "without the step"),
    ("update", "y - predict(w, b, x)", "predict(w, b, x) - y", "the sign is turned"),
    ("update", "lr * error * x[d]", "lr * error", "x[d] is left out"),
    ("update", "lr * error", "error", "the learning rate is left out"),
    ("update", "return new, b + lr * error", "return new, b", "the bias is not changed"),
    ("update", "y - predict(w, b, x)", "y", "the target y is used in place of the error"),
    ("update", "return new, b + lr * error",
     "return new, b + lr * (y - predict(new, b, x))", "before the bias asks for the answer"),
    ("train", "if wrong == 0:\n                break", "pass", "training goes on"),
    ("train", "if wrong == 0:", "if mistakes[-2:-1] == [0]:", "one epoch more"),
    ("train", "            if wrong == 0:\n                break\n        return",
     "            return", "training stops after one epoch"),
]  # fmt: skip

STEP3 = [
    ("sigmoid", "math.exp(-z)", "math.exp(z)", "the sign of z is turned"),
    ("sigmoid", "1 / (1 + math.exp(-z))", "1 / 1 + math.exp(-z)", "brackets are missing"),
    ("probabilities", "sigmoid(sum(a * c for a, c in zip(w, x)) + b)",
     "sum(a * c for a, c in zip(w, x)) + b", "the sigmoid is left out"),
    ("probabilities", " + b)", ")", "the bias is left out"),
    ("loss", "total / len(Y)", "total", "there is a sum where the mean belongs"),
    ("loss", "total -=", "total +=", "the sign is turned"),
    ("loss", "y * math.log(p) + (1 - y) * math.log(1 - p)", "y * math.log(p)",
     "only the examples with y = 1 count"),
    ("loss", "zip(P, Y)", "zip(Y, P)", "inputs and targets are swapped"),
    ("loss", "math.log", "math.log2", "that of base 2"),
    ("gradient", "p - y", "y - p", "the sign is turned"),
    ("gradient", " / len(Y)", "", "there is a sum where the mean belongs"),
    ("gradient", "db += (p - y) / len(Y)", "db += p - y", "db is a sum"),
    ("gradient", "(p - y)", "(p - y) * p * (1 - p)", "one more derivative of the sigmoid"),
    ("gradient", "x[d]", "y", "inputs and targets are swapped"),
    ("gradient", "zip(P, X, Y)", "zip(P, Y, X)", "swapped: y where x belongs"),
    ("gradient", "+=", "=", "only the last example counts"),
]  # fmt: skip

STEP4 = [
    ("initialize", "[[rng.uniform(-1, 1) for _ in range(H)] for _ in range(D)]",
     "[[0.0] * H for _ in range(D)]", "All weights W1 are 0."),
    ("initialize", "[[rng.uniform(-1, 1) for _ in range(H)] for _ in range(D)]",
     "[[rng.uniform(-1, 1)] * H for _ in range(D)]", "The hidden units have equal weights."),
    ("initialize", "rng.uniform(-1, 1)", "rng.random()", "none is below 0"),
    ("initialize", "range(D)", "range(H)", "W1 has"),
    ("initialize", "rng.uniform(-1, 1)", "random.uniform(-1, 1)", "Do all numbers come from rng?"),
    ("initialize", "rng.uniform(-1, 1)", "random.Random(7).uniform(-1, 1)", "equal weights"),
    ("initialize", "W1 = [[", "rng = random.Random(7)\n        W1 = [[",
     "Every seed gives the same net."),
    ("initialize", "rng.uniform(-1, 1)", "rng.uniform(-9, 9)", "Large weights"),
    ("forward", "z = b1[h]", "z = 0", "the hidden biases b1 are left out"),
    ("forward", "z2 = b2", "z2 = 0", "the bias b2 of the output is left out"),
    ("forward", "W1[d][h]", "W1[h][d]", "W1 is transposed"),
    ("forward", "a1.append(sigmoid(z))", "a1.append(z)", "the hidden units have no sigmoid"),
    ("forward", "return a1, sigmoid(z2)", "return a1, z2", "the output has no sigmoid"),
    ("output_delta", "p - y", "y - p", "the sign is turned"),
    ("output_delta", "p - y", "(p - y) * p * (1 - p)", "one more derivative of the sigmoid"),
    ("hidden_delta", " * a1[h] * (1 - a1[h])", "", "the derivative of the activation is left out"),
    ("hidden_delta", "a1[h] * (1 - a1[h])", "sigmoid(a1[h]) * (1 - sigmoid(a1[h]))",
     "f'(a1), where f'(z1) belongs"),
    ("hidden_delta", "(1 - a1[h])", "(a1[h] - 1)", "the sign is turned"),
    ("hidden_delta", " * W2[h]", "", "the weights W2 are left out"),
    ("gradients", "[[x[d] * dz1[h] for h in range(len(dz1))] for d in range(len(x))]",
     "[[x[d] * dz1[h] for d in range(len(x))] for h in range(len(dz1))]",
     "the gradient of W1 is transposed"),
    ("gradients", "[[x[d] * dz1[h] for h in range(len(dz1))] for d in range(len(x))]",
     "[[x[h] * dz1[d] for h in range(2)] for d in range(2)]", "the gradient of W1 is transposed"),
    ("gradients", "return dW1, dz1", "return dW1, [0.0] * len(dz1)",
     "the hidden biases b1 have no gradient"),
    ("gradients", "a1[h] * dz2", "dz2", "the outputs a1 of the hidden units are left out"),
    ("train_step", " - lr *", " + lr *", "the step goes uphill"),
    ("train_step", "] - lr *", "] + lr *", "W1, b1 and W2 come out if the sign is turned"),
    ("train_step", "sW2[h] / N", "sW2[h]", "numbers of W2 come out if there is a sum"),
    ("train_step", " / N", "", "there is a sum where the mean belongs"),
    ("train_step", "lr * ", "", "the learning rate is left out"),
    ("train_step", "return new_W1, new_b1,", "return new_W1, b1,",
     "the hidden biases b1 are not updated"),
    ("train_step", "b2 - lr * sb2 / N", "b2", "the output bias b2 is not updated"),
    ("train_step", "+= ", "= ", "only the last example counts"),
    ("train_step", "zip(X, Y)", "zip(Y, X)", "swapped: y where x belongs"),
    ("train_step", "(dz2, W2, a1)", "(dz2, [w - lr * s / N for w, s in zip(W2, sW2)], a1)",
     "is taken with a W2 that the examples before have changed"),
]  # fmt: skip

ONE_BY_ONE = """
    W1, b1, W2 = [row[:] for row in W1], b1[:], W2[:]
    for x, y in zip(X, Y):
        a1, p = forward(W1, b1, W2, b2, x)
        dz2 = output_delta(p, y)
        dz1 = hidden_delta(dz2, W2, a1)
        dW1, db1, dW2, db2 = gradients(x, a1, dz1, dz2)
        for h in range(len(W2)):
            W2[h] -= lr * dW2[h]
            b1[h] -= lr * db1[h]
            for d in range(len(x)):
                W1[d][h] -= lr * dW1[d][h]
        b2 -= lr * db2
    return W1, b1, W2, b2
"""

OUTPUT_FIRST = """
    A = sigmoid(X @ W1 + b1)
    dZ2 = (sigmoid(A @ W2 + b2) - Y) / len(Y)
    W2 = W2 - lr * A.T @ dZ2
    b2 = b2 - lr * dZ2.sum()
    dZ1 = np.outer(dZ2, W2) * A * (1 - A)
    return W1 - lr * X.T @ dZ1, b1 - lr * dZ1.sum(axis=0), W2, b2
"""

OUTPUT_IN_THE_MIDDLE = """
    A = sigmoid(X @ W1 + b1)
    for x, a, dz2 in zip(X, A, (sigmoid(A @ W2 + b2) - Y) / len(Y)):
        W2 = W2 - lr * a * dz2
        b2 = b2 - lr * dz2
        dz1 = dz2 * W2 * a * (1 - a)
        W1 = W1 - lr * np.outer(x, dz1)
        b1 = b1 - lr * dz1
    return W1, b1, W2, b2
"""
