"""Step 1 of 4: a perceptron, which is a weighted sum and a threshold.

There are four gaps: step, predict, update, train. Write each function in place of its line
`raise NotImplementedError`, in this order. Then ask the teacher:

    scratchml learn check

Letters, in all four files:
    x   the inputs of one example, a list of D numbers       X   a list of all x
    y   the target of one example, 0 or 1                    Y   a list of all y
    w   the weights, a list of D numbers                     b   the bias, a number
    lr  the learning rate, a number above 0
"""


def step(z):
    """The decision of a unit.

        step(z) = 1  if z > 0,  otherwise 0

    In: z, a number. Out: 0 or 1.

    Why: a sum can be any number, but an answer is yes or no. At z = 0 somebody has to choose; in
    this workbook the answer at 0 is 0.
    """
    raise NotImplementedError


def predict(w, b, x):
    """The answer of the perceptron to one example.

        z = w[0] x[0] + w[1] x[1] + ... + b,    answer = step(z)

    In: w, D weights; b, the bias; x, D inputs. Out: 0 or 1.

    Why: the points where z = 0 are a line. The perceptron answers 1 on one side of the line and 0
    on the other side. The bias moves the line away from the origin.
    """
    raise NotImplementedError


def update(w, b, x, y, lr):
    """The weights and the bias after the perceptron has seen one example.

        error = y - answer          with the answer that the old w and b give
        new w[d] = w[d] + lr * error * x[d]        for each input d
        new b    = b    + lr * error

    In: w, b, x, y, lr. Out: new w, new b.

    Why: the error is 0 if the answer is right, so a right answer changes nothing. After a mistake
    the line moves towards the example. Only inputs that are not 0 can have caused the mistake, so
    only their weights change.
    """
    raise NotImplementedError


def train(w, b, X, Y, lr, epochs):
    """The weights, the bias, and the number of mistakes in each epoch.

    In one epoch the perceptron sees all examples, one after the other. Each example is one update.
    A mistake is an answer, given before its update, that is not the target.
    Training stops after the first epoch without a mistake, and after `epochs` epochs in any case.

    In: w, b, X, Y, lr, and epochs, a whole number. Out: w, b, mistakes; mistakes is a list with
    one whole number for each epoch.

    Why: without a mistake nothing changes any more, so more epochs are of no use. But there are
    data on which the mistakes never end: step 2 is about them.
    """
    raise NotImplementedError


def main():
    """Trains a perceptron on AND. Start it with `python step1_perceptron.py`."""
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    w, b, mistakes = train([0.0, 0.0], 0.0, X, Y, lr=1.0, epochs=100)
    print("mistakes in each epoch:", mistakes)
    for x, y in zip(X, Y, strict=True):
        print(x, "target", y, "answer", predict(w, b, x))


if __name__ == "__main__":
    main()
