"""Terms that a newcomer does not know, each explained where it first appears in a lesson."""

import re
from typing import NamedTuple

from markupsafe import Markup, escape

from analysis.formulas import parts
from analysis.mathml import mathml


class Term(NamedTuple):
    """A term of the page.

    Attributes:
        name: its name in addresses.
        words: the term, as it is written most often.
        meaning: without the term itself.
        pattern: of the words in a text that mean it; empty where only the page's own labels do.
    """

    name: str
    words: str
    meaning: str
    pattern: str = ""


TERMS = (
    Term("shape", "2-2-1", "the units of a net, layer by layer: 2-2-1 has two inputs, one hidden "
         "layer of two units, and one output", r"\d+(?:-\d+)+-\d+"),
    Term("solved", "solved", "every output is within .3 of its target, 0 or 1", "solve[sd]?"),
    Term("wilson", "Wilson 95 %", "an interval around a share of nets, made so that it holds the "
         "true share in 95 of 100 repetitions", "Wilson(?: 95 %)?"),
    Term("newcombe", "Newcombe 95 %", "such an interval around the difference of two shares",
         "Newcombe(?: 95 %)?"),
    Term("p", "p-value", "how often chance alone would show as much or more if the claim were "
         "false", "p-values?"),
    Term("level", "level", "the p-value below which a claim holds"),
    Term("margin", "margin", "the number with which what was measured is compared"),
    Term("holm", "Holm", "a stricter level for many claims together: the chance that any of them "
         "is wrong stays below .05", "Holm"),
    Term("ranks", "Mann-Whitney", "a test whether the numbers of one group tend to be larger than "
         "those of another, by their order alone", "Mann-Whitney"),
    Term("caveat", "caveat", "a claim that says where the usual sentence is false"),
    Term("exploratory", "exploratory", "its limits may have been set after a look at these nets; a "
         "claim is confirmed on fresh seeds if it was sealed before they were trained"),
    Term("nats", "nats", "the unit of a loss with the natural logarithm; guessing between two "
         "classes costs ln 2 = .693 nats", "nats|ln 2"),
    Term("curvature", "lambda_max", "the largest eigenvalue of the Hessian: the curvature of the "
         "loss in its steepest direction", "lambda_max|sharpness"),
)  # fmt: skip
KNOWN = re.compile("|".join(
    rf"(?<![\w-])(?P<{term.name}>{term.pattern})(?![\w-])" for term in TERMS if term.pattern
))  # fmt: skip
BLACK = re.compile(r"\b(black)\b")


class Telling:
    """Texts of one lesson as HTML: formulas typeset, each term explained once, all else escaped."""

    def __init__(self):
        self._explained = set()

    def __call__(self, text):
        """The HTML of a text."""
        return Markup("".join(self._part(*part) for part in parts(str(text))))

    def term(self, name):
        """The HTML of a term by its name, such as `level`."""
        return self._explain(name, typeset(next(t.words for t in TERMS if t.name == name)))

    def _part(self, text, is_formula):
        if is_formula:
            found, formula = KNOWN.search(text), mathml(text)
            return self._explain(found.lastgroup, formula) if found else formula
        html, end = [], 0
        for found in KNOWN.finditer(text):
            html += [_words(text[end : found.start()]),
                     self._explain(found.lastgroup, escape(found.group()))]  # fmt: skip
            end = found.end()
        return "".join([*html, _words(text[end:])])

    def _explain(self, name, html):
        """The HTML of a term: a button that opens its meaning, or plain text the second time."""
        if name in self._explained:
            return Markup(html)
        self._explained.add(name)
        button = f'<button type="button" class="term" popovertarget="term-{name}">{html}</button>'
        return Markup(button)


def glossary():
    """[(name, HTML of the term, HTML of its meaning)] of all terms."""
    return [(term.name, typeset(term.words), typeset(term.meaning)) for term in TERMS]


def typeset(text):
    """The HTML of a text with its formulas typeset."""
    found = parts(str(text))
    return Markup("".join(mathml(t) if is_one else escape(t) for t, is_one in found))


def _words(text):
    """The HTML of words. What is black on white paper is white where a page is dark."""
    black = '<span class="in-light">black</span><span class="in-dark">white</span>'
    return Markup("").join(
        Markup(black) if part == "black" else escape(part) for part in BLACK.split(text)
    )
