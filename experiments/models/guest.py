"""One net of a class that is not ours: made, trained and asked, each answer checked.

Examples are handed over as lists of lists, or as an array where the file of the class imports
NumPy. Targets are a list of 0 and 1, of classes 0, 1, ..., or of numbers; for several outputs they
are a row each.
"""

import copy
import re

import numpy as np

from experiments import own
from experiments.models import classes
from experiments.models.calls import Patience, Randomness, theirs
from experiments.own import Fault
from scratchml.problems import PROBLEMS, plain

FEW = 3  # examples with which a method is tried
LARGEST_LOGIT = 745.0  # of a probability of exactly 0 or 1: exp(-745) is the least number above 0
WANTS_MANY = re.compile(  # an error of code that takes many examples, given a single one
    r"not iterable|not subscriptable|has no len\(|dimension|2D array|to scalar variable"
)
ATTRIBUTE = re.compile(r"[wWbB]\d*")  # attributes that hold weights, as in the textbooks


class Guest:
    """A net.

    Args:
        name: of the model, for messages.
        signature: of its class, see `classes.inspected`.
        known: the value of each knob and fact, see `classes.arguments`.
        options: further arguments of its constructor.
        problem: what it learns, a key of `scratchml.problems.PROBLEMS`.

    Raises:
        Fault: Its code raises an error, or answers with what cannot be an answer.
    """

    def __init__(self, name, signature, known, options, problem):
        self.title, self.signature = name.rpartition(":")[2], signature
        self.problem = PROBLEMS[problem]
        self.randomness, self.patience = Randomness(known["seed"]), Patience()
        self.epochs, self.n_outputs = 0, known["n_outputs"]
        arguments = classes.arguments(signature, known, options)
        with theirs(f"{self.title}(...)", self.randomness):
            self.net = signature.cls(**arguments)
        self.asks = self._answering_method()
        self.said = f"{self.title}.{self.asks}"  # for messages
        self.asked_at_once = None  # until it is asked for the first time

    # --- learning -----------------------------------------------------------------------------

    def train(self, X, Y, weights, epochs):
        """Trains for some epochs: X (N, D), targets Y (N, K), weights (N, 1) or None."""
        signature = self.signature
        calls = 1 if signature.epochs or signature.at_once else epochs
        further = {signature.epochs: epochs} if signature.epochs else {}
        if weights is not None:
            further[signature.weights] = self._plain(weights[:, 0])
        for _ in range(calls):
            self._learn(X, plain(Y, self.problem), further, epochs // calls)

    def _learn(self, X, y, further, epochs):
        learn = self.signature.learn
        doing = f"{self.title}.{learn}, after epoch {self.epochs}"
        given = self._plain(X), self._plain(y)
        with theirs(doing, self.randomness, self.patience.limit(epochs)) as watch:
            getattr(self.net, learn)(*given, **further)
        self.patience.add(epochs, watch.seconds)
        self.epochs += epochs
        if not self.signature.arrays and given != (X.tolist(), y.tolist()):
            raise self.fault(
                learn, f", after epoch {self.epochs - epochs}: it has changed the examples"
            )

    def fault(self, method, said):
        """A Fault in what a method has done: `mine.py, line 9: TinyNet.train ...`.

        It begins with the line of the method, if that is the user's own code.
        """
        function = getattr(self.net, method)
        at = own.place(getattr(function, "__func__", function))
        at = f"{at}: " if at != getattr(function, "__name__", None) else ""
        return Fault(f"{at}{self.title}.{method}{said}")

    def _plain(self, array):
        """What the class is given: a list, or an array that it cannot change."""
        if not self.signature.arrays:
            return array.tolist()
        given = array.view()
        given.flags.writeable = False
        return given

    # --- answering ----------------------------------------------------------------------------

    def _answering_method(self):
        signature = self.signature
        if self.problem.classes and signature.probabilities:
            return signature.probabilities
        return signature.values or signature.probabilities

    def _answers_many(self, X):
        """Whether the method takes many examples at once; otherwise it takes one.

        It is tried with both, on a copy. If both go well, it takes many only if that comes to the
        same.
        """
        alone, alone_error = self._tried(lambda net: self._one_by_one(net, X))
        many, many_error = self._tried(lambda net: self._all_at_once(net, X))
        if alone is None and many is None:
            raise many_error if WANTS_MANY.search(str(alone_error)) else alone_error
        return many is not None and (alone is None or np.allclose(alone, many, equal_nan=True))

    def _tried(self, call):
        try:
            with theirs(f"a copy of {self.title}", self.randomness):
                net = copy.deepcopy(self.net)
            return call(net), None
        except Fault as error:
            return None, error

    def _all_at_once(self, net, X):
        with theirs(self.said, self.randomness):
            answers = getattr(net, self.asks)(self._plain(X))
        return self._checked(answers, len(X))

    def _one_by_one(self, net, X):
        given = self._plain(X)
        with theirs(self.said, self.randomness):
            method = getattr(net, self.asks)
            answers = [method(x) for x in given]
        return self._checked(answers, len(X))

    def _checked(self, answers, n):
        """(N, K): answers as numbers.

        Raises:
            Fault: They are no numbers, or not one row an example.
        """
        try:
            A = np.array(answers, dtype=float)
        except (TypeError, ValueError, OverflowError):
            A = None
        if A is None or (np.isnan(A).any() and None in np.ravel(np.array(answers, dtype=object))):
            raise self.fault(self.asks, f" must answer with numbers; got {str(answers)[:80]}")
        A = A.reshape(n, -1) if A.ndim and len(A) == n else A
        allowed = {1, self.n_outputs} | ({2} if self.n_outputs == 1 and self._is_sure() else set())
        if A.ndim != 2 or A.shape[1] not in allowed:
            raise self.fault(
                self.asks,
                f" must answer with {self.n_outputs} number(s) for each of {n} examples; "
                f"got shape {A.shape}",
            )
        return A

    def _is_sure(self):
        return self.problem.classes and self.asks == self.signature.probabilities

    def logits(self, X):
        """(N, K): the answers for X, (N, D), as logits where they are probabilities.

        Raises:
            Fault: They are not between 0 and 1.
        """
        if self.asked_at_once is None:
            self.asked_at_once = self._answers_many(X[:FEW])
        call = self._all_at_once if self.asked_at_once else self._one_by_one
        A = call(self.net, X)
        if not self._is_sure():
            return self._classes(A) if self.problem.one_hot else A
        if A.shape[1] == 2 and self.n_outputs == 1:  # of both classes, as in scikit-learn
            A = A[:, 1:]
        if np.any((A < 0.0) | (A > 1.0)):
            worst = A[(A < 0.0) | (A > 1.0)][0]
            raise self.fault(
                self.asks, f" must answer with probabilities, from 0 to 1; got {worst:.6g}"
            )
        with np.errstate(divide="ignore"):
            Z = np.log(A) if self.problem.one_hot else np.log(A) - np.log1p(-A)
        return np.clip(Z, -LARGEST_LOGIT, LARGEST_LOGIT)

    def _classes(self, A):
        """(N, K): 1 for the class that is answered, and 0 for the others."""
        return (A == np.arange(self.n_outputs)).astype(float) if A.shape[1] == 1 else A

    # --- weights ------------------------------------------------------------------------------

    def weights(self):
        """{name: array} of its attributes that are called w, b, W1, b1, ... and hold numbers."""
        found = {name: _numbers(value) for name, value in self._attributes().items()}
        return {name.strip("_"): array for name, array in found.items() if array is not None}

    def set_weights(self, weights):
        """Gives its attributes the values that `weights` has returned for another net.

        Raises:
            Fault: They are not all that the net is made of.
        """
        attributes = {name.strip("_"): name for name in self._attributes()}
        if not weights or attributes.keys() != weights.keys():
            raise Fault(
                f"{self.title} answers only where it was trained: its weights are not stored. Name "
                "them w, b, W1, b1, ... in its constructor, and train it again"
            )
        for name, array in weights.items():
            was = getattr(self.net, attributes[name])
            value = array if isinstance(was, np.ndarray) else array.tolist()
            setattr(self.net, attributes[name], value)

    def _attributes(self):
        found = own.attributes(self.net)
        return {n: v for n, v in found.items() if ATTRIBUTE.fullmatch(n.strip("_"))}


def _numbers(value):
    try:
        return np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None
