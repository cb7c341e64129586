"""Step 2 of 4: XOR, and why one line is not enough.

XOR is 1 if exactly one of two inputs is 1:

    second input
        1 |  1    0
        0 |  0    1
           --------
             0    1   first input

Draw a line with all the 1s on one side and all the 0s on the other side. There is none. Start
`python step2_xor.py` to see how your perceptron fails: its mistakes never end.

Two lines are enough, if a third unit combines them. There is one gap: find the three units by
hand, with a pencil. In step 4 a net finds them by itself.
"""

from step1_perceptron import train


def three_units():
    """Weights of three units that solve XOR together.

        h1 = step(w1[0] x[0] + w1[1] x[1] + b1)        the first line
        h2 = step(w2[0] x[0] + w2[1] x[1] + b2)        the second line
        answer = step(v[0] h1 + v[1] h2 + c)           a unit whose inputs are h1 and h2

    In: nothing. Out: three pairs, (w1, b1), (w2, b2), (v, c). w1, w2 and v are lists of two
    numbers. Many answers are right.

    Why: a hidden layer gives new coordinates. In the plane of h1 and h2 the four points lie so
    that one line is enough.
    """
    raise NotImplementedError


def main():
    """Trains your perceptron of step 1 on XOR. Start it with `python step2_xor.py`."""
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    w, b, mistakes = train([0.0, 0.0], 0.0, X, Y, lr=1.0, epochs=20)
    print("mistakes in each epoch:", mistakes)
    print("weights at the end:", w, b)


if __name__ == "__main__":
    main()
