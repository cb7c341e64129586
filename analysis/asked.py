"""What each lesson asks a reader to guess before it shows what was measured."""

from typing import NamedTuple

PERCENT = tuple(range(0, 101, 10))
RATIOS = (1, 2, 4, 8, 16, 32)
TIMES = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)


class Ask(NamedTuple):
    """What a lesson asks.

    Attributes:
        question: it has a number as its answer.
        marks: the numbers to choose from; if none is 0 and they grow by ratios, on a logarithmic
            scale.
        claim: the beginning of the claim whose interval is the measured one; a share is in per
            cent. Without it, the number is that of the lesson's answer.
        nth: which interval of the claim, or which number of the answer, counted from 0.
    """

    question: str
    marks: tuple = PERCENT
    claim: str = ""
    nth: int = 0


ASKED = {
    "perceptron": Ask("Of the 16 truth tables of two inputs, how many can a single neuron learn?",
                      (0, 2, 4, 6, 8, 10, 12, 14, 16)),
    "xor": Ask("The best line gets 3 rows of XOR right. A perceptron is stopped after 60 epochs: "
               "how often does it stand on such a line?", claim="Stopping it"),
    "logistic": Ask("A net says how probable a class is. How far off is it, at most?",
                    (.001, .003, .01, .03, .1, .3)),
    "hidden_layer": Ask("From how many random starts does a net with two hidden units solve XOR?",
                        claim="At width 2"),
    "initialization": Ask("Weights start between -10 and 10. How many nets fail on XOR?",
                          claim="At scale 10"),
    "activation": Ask("With two hidden units of relu, how many nets solve XOR?", nth=2),
    "learning_rate": Ask("Nets start with a learning rate above the stable one. How many converge "
                         "after all?", claim="A net that starts above"),
    "normalization": Ask("How many times as many epochs do unscaled data take, at least?", TIMES),
    "vanishing_gradient": Ask("How many times does each sigmoid layer shrink the gradient?",
                              RATIOS),
    "depth": Ask("Some weights of a net make 16 pieces. How many nets of that shape find them in "
                 "training?", claim="Expressible is not learned"),
    "data": Ask("A net of width 64 learns from 50 digits. How many other digits does it get right?",
                nth=2),
    "regularization": Ask("As many examples as features: how many times lower is the risk if "
                          "descent stops early?", RATIOS, nth=1),
    "optimizer": Ask("From how many starts does one optimizer solve XOR and another one fail?",
                     claim="The optimizer changes the basin"),
    "loss": Ask("At one learning rate, how many of squared error's epochs does "
                "cross-entropy take?"),
    "fit": Ask("One default of fit() is changed. By how many points do probabilities move, at "
               "most?", (0, 5, 10, 15, 20, 25, 30, 35, 40), nth=2),
    "gradient": Ask("The gradient has the slope at a in place of z. How many nets of width 8 still "
                    "solve XOR?", claim="At width 8"),
    "seeds": Ask("Sigmoid solves XOR from four of five starts, tanh from three. Of three nets "
                 "each, how often is sigmoid not ahead?", nth=1),
}  # fmt: skip
