"""Step 3 of 4: logistic regression. The line answers with a probability.

There are four gaps: sigmoid, probabilities, loss, gradient. `import math` is done for you;
math.exp and math.log are all that you need.

Letters:  P  a list with one probability p for each example        N  the number of examples
          dw the derivative of the loss by w, a list of D numbers  db the derivative by b
"""

import math


def sigmoid(z):
    """A number between 0 and 1, a smooth step.

        sigmoid(z) = 1 / (1 + exp(-z))

    In: z, a number. Out: a number.

    Why: step jumps, so a small change of a weight changes nothing or all. The sigmoid has a slope
    everywhere, and a slope tells in which direction to go.
    """
    raise NotImplementedError


def probabilities(w, b, X):
    """The probability of y = 1 for each example. This is the forward pass.

        z = w[0] x[0] + w[1] x[1] + ... + b,    p = sigmoid(z)        for each x in X

    In: w, D weights; b; X, N lists of D inputs. Out: P, a list of N numbers.

    Why: z = 0 is the same line as before, and there p = 1/2. Far away from the line the model is
    sure of its answer.
    """
    raise NotImplementedError


def loss(P, Y):
    """The mean cross-entropy: how surprised the model is by the targets.

        loss of one example = -log(p)  if y = 1,    -log(1 - p)  if y = 0
        loss = the mean over all examples          log is the natural logarithm

    In: P, N probabilities; Y, N targets, 0 or 1. Out: a number.

    Why: the number of mistakes jumps, but this loss has a slope. It is large if the model is sure
    and wrong. Because it is a mean, it does not grow with the number of examples.
    """
    raise NotImplementedError


def gradient(P, X, Y):
    """The derivatives of the loss by each weight and by the bias.

        dw[d] = mean over examples of (p - y) x[d],    db = mean over examples of (p - y)

    In: P, N probabilities; X, N lists of D inputs; Y, N targets. Out: dw, db.

    Why: the chain rule has two factors. The derivative of the loss of an example by its z is
    p - y (the slope of the sigmoid cancels, try it on paper). The derivative of z by w[d] is x[d].
    """
    raise NotImplementedError


def main():
    """Trains on AND and on XOR. Start it with `python step3_logistic.py`."""
    X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    for name, Y in {"AND": [0, 0, 0, 1], "XOR": [0, 1, 1, 0]}.items():
        w, b, lr = [2.0, -1.0], 0.0, 1.0
        for epoch in range(1001):
            P = probabilities(w, b, X)
            if epoch in (0, 10, 100, 1000):
                print(f"{name}, epoch {epoch}: loss {loss(P, Y):.4f}")
            dw, db = gradient(P, X, Y)
            w, b = [weight - lr * slope for weight, slope in zip(w, dw, strict=True)], b - lr * db
    print(f"A model that always says 1/2 has the loss log(2) = {math.log(2):.4f}.")


if __name__ == "__main__":
    main()
