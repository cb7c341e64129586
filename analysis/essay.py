"""What is usually said of machine learning, sentence by sentence, and whether it is so.

The sayings are those of an essay that calls for writing everything from scratch, in its order. Each
one rests on claims of a lesson: they are what was measured, and without them it is not shown.
"""

from typing import NamedTuple

from analysis.answers import NOT_SHOWN


class Saying(NamedTuple):
    """What is usually said.

    Attributes:
        words: a few words of it.
        outcome: whether it is so, if the claims hold: yes, "yes, but ...", or "no: ...".
        lesson: the name of the lesson that measures it.
        claims: the beginnings of the lesson's claims that it rests on.
    """

    words: str
    outcome: str
    lesson: str
    claims: tuple


class Row(NamedTuple):
    """A saying with its outcome, its lesson, and what was measured.

    Attributes:
        measured: (sentence, numbers) of each claim; of the lesson's answer, without numbers.
    """

    words: str
    outcome: str
    lesson: str
    measured: tuple

    @property
    def sentences(self):
        """What was measured, without its numbers."""
        return " ".join(sentence for sentence, _ in self.measured)


SAYINGS = (
    Saying("the default chose for you", "yes", "fit", ("The penalty", "The initialization")),
    Saying("AND, OR, any linearly separable problem", "yes", "perceptron",
           ("Of the 16 tables", "No perceptron makes more")),
    Saying("XOR does not converge, ever", "yes, but it cycles and does not diverge", "xor",
           ("No perceptron ever", "It does not diverge")),
    Saying("there is no straight line", "yes", "xor", ("No line gets",)),
    Saying("with a sigmoid the output becomes a probability", "yes", "logistic",
           ("On two clouds",)),
    Saying("now you can use gradient descent", "yes, but only below an edge", "logistic",
           ("The edge is", "Above the edge")),
    Saying("logistic regression is still linear", "yes: of XOR it says 1/2", "logistic",
           ("Below the edge every start",)),
    Saying("one hidden layer solves XOR", "yes, but not from every start", "hidden_layer",
           ('"A hidden layer', "At width 3")),
    Saying("expected output: .04, .96, .96, .05", "yes, but only for most starts", "hidden_layer",
           ("Trained example by example",)),
    Saying("only then did I understand backprop", "yes, but a net that learns is no proof of it",
           "gradient", ("At width 8", "A check by central")),
    Saying("loss: how the error is measured", "yes, and how fast it falls", "loss",
           ("Its first step", "On XOR at lr 1")),
    Saying("zero breaks", "yes, but only hidden units", "initialization",
           ("Hidden units that start equal", "From zero the perceptron")),
    Saying("zero makes every neuron learn the same", "yes", "initialization",
           ("A net of equal units",)),
    Saying("small random works", "yes, but too small takes long", "initialization",
           ("At scale .5", "Small has a price")),
    Saying("each activation changes what the net can do", "yes", "activation",
           ("Step units never learn", "Identity units")),
    Saying("big α explodes", "yes, but a net may jump to where it is stable", "learning_rate",
           ("Least squares explodes above", "A net that starts above")),
    Saying("small α stalls", "yes", "learning_rate", ("Below the edge the epochs",)),
    Saying("some optimizer updates the weights", "yes, but it also decides where they end",
           "optimizer", ("Adam solves XOR less", "The optimizer changes the basin")),
    Saying("stopping criterion, regularization: you chose neither",
           "yes, but one can do the other's work", "regularization",
           ("Stopped at time t", "At n = d, stopped")),
    Saying("normalizing matters", "yes", "normalization", ("Standardizing lowers",)),
    Saying("gradient explodes otherwise", "no: the stable learning rate shrinks", "normalization",
           ("Gradients do not explode",)),
    Saying("ReLU won", "yes, but tanh trains as well at depth 12", "vanishing_gradient",
           ("Relu nets of depth 12", "Tanh trains as well")),
    Saying("sigmoid saturates, gradient vanishes", "yes, but without saturation: its slope is 1/4 "
           "at most", "vanishing_gradient", ("Sigmoid nets of depth 6", "It is not saturation")),
    Saying("depth helps: more expressive power", "yes, but expressible is not learned", "depth",
           ("k layers of two", "Expressible is not learned")),
    Saying("big nets need lots of data", "no: wide ones are better on few data, too", "data",
           ("Bigger does not need more",)),
    Saying("more parameters, more degrees of freedom", "yes: enough to learn random labels", "data",
           ("Width 64, ",)),
    Saying("Machine Learning is not magic", "yes", "fit", ("By gradient descent our",)),
)  # fmt: skip


def rows(answers):
    """The Rows of the sayings of these answers; a lesson that has none here may name its own."""
    by_name = {answer.lesson.name: answer for answer in answers}
    known = {saying.lesson for saying in SAYINGS}
    found = [_row(saying, by_name[saying.lesson]) for saying in SAYINGS if saying.lesson in by_name]
    for answer in answers:
        if answer.lesson.name not in known:
            found += [Row(words, answer.is_so(outcome), answer.lesson.name, ((answer.summary, ""),))
                      for words, outcome in answer.lesson.sayings]  # fmt: skip
    return found


def evidence(saying, claims):
    """The claims that a saying rests on; None for one that is not among `claims`."""
    return tuple(
        next((claim for claim in claims if claim.sentence.startswith(beginning)), None)
        for beginning in saying.claims
    )


def _row(saying, answer):
    found = evidence(saying, answer.claims)
    is_shown = not answer.absent and all(claim and claim.holds for claim in found)
    outcome = saying.outcome if is_shown else NOT_SHOWN
    said = tuple((f"{claim.sentence}.", claim.measured) for claim in found if claim)
    return Row(saying.words, outcome, saying.lesson, said or ((answer.summary, ""),))
