"""Formulas as MathML, which browsers draw without a script.

    mathml("2/lambda_max")   <math><mrow><mn>2</mn><mo>/</mo><msub><mi>λ</mi> ...

MathML Core (W3C 2023) is in all usual browsers, needs no font of the page's own, and is read aloud.
"""

from html import escape

from analysis.formulas import CLOSING, GREEK, OPENING, tokens

SIGNS = {"-": "−", "<=": "≤", ">=": "≥", ".": "·", "'": "′", "~": "∼"}


def mathml(formula):
    """A formula as MathML."""
    found = [token for token in tokens(formula) if token[0] != "space"]
    return f"<math>{_row(_Reader(found))}</math>"


class _Reader:
    """Tokens, read one after the other."""

    def __init__(self, found):
        self.tokens, self.at = found, 0

    @property
    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, "")

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    @property
    def is_factor_after_factor(self):
        """Whether a word or a number comes right after a factor: a product without a sign."""
        kind, text = self.tokens[self.at - 1]
        ends = kind in ("word", "number") or text in set(CLOSING)
        is_close = kind == "number" and len(self.next[1]) == 1  # 2n
        return ends and self.next[0] in ("word", "number") and not is_close

    @property
    def is_between_operands(self):
        """Whether the token that was taken last stands between two factors."""
        before = self.tokens[self.at - 2] if self.at > 1 else ("sign", "")
        return all(kind in ("word", "number") or text in set(signs) for (kind, text), signs in
                   ((before, CLOSING), (self.next, OPENING)))  # fmt: skip


def _row(reader, until=""):
    """A row of terms up to a closing bracket."""
    row = []
    while reader.next[0] and not (until and reader.next[1] == until):
        if row and reader.is_factor_after_factor:
            row.append('<mspace width=".2em"/>')
        row.append(_term(reader))
    return f"<mrow>{''.join(row)}</mrow>"


def _term(reader):
    """A term with its scripts: a power, primes, the argument of a root."""
    kind, text = reader.take()
    if text == "sqrt" and reader.next[0]:
        base = f"<msqrt>{_group(reader)}</msqrt>"
    elif text in OPENING and kind == "sign":
        base = _bracketed(reader, text)
    elif text == "x" and reader.is_between_operands:
        base = "<mo>×</mo>"
    else:
        base = _atom(kind, text)
    while reader.next[1] == "'" and kind in ("word", "sign") and text not in "=<>+-/":
        reader.take()
        base = f"<msup>{base}<mo>′</mo></msup>"
    if reader.next[1] == "^":
        reader.take()
        base = f"<msup>{base}{_group(reader)}</msup>"
    return base


def _group(reader):
    """What a power or a root is of: a bracket without its signs, or one term, perhaps negative."""
    kind, text = reader.take() if reader.next[0] else ("sign", "")
    if text == "(":
        row = _row(reader, ")")
        if reader.next[0]:
            reader.take()
        return row
    if text == "-" and reader.next[0]:
        return f"<mrow>{_atom(kind, text)}{_atom(*reader.take())}</mrow>"
    return _atom(kind, text)


def _bracketed(reader, text):
    close = CLOSING[OPENING.index(text)]
    row = _row(reader, close)
    if reader.next[0]:
        reader.take()
    return f"<mrow>{_atom('sign', text)}{row}{_atom('sign', close)}</mrow>"


def _atom(kind, text):
    if kind == "number":
        return _number(text)
    if text == "/":  # as close as in prose
        return '<mo lspace="0" rspace="0">/</mo>'
    if text == "|" or text in OPENING + CLOSING and kind == "sign":
        return f'<mo stretchy="false" lspace="0" rspace="0">{text}</mo>'
    if kind == "sign":
        return f"<mo>{escape(SIGNS.get(text, text))}</mo>"
    name, _, index = text.partition("_")
    if not index and len(name) == 2 and name[1].isdigit():
        name, index = name
    upright = ' mathvariant="normal"' if len(name) > 1 and name not in GREEK else ""
    base = f"<mi{upright}>{escape(GREEK.get(name, name))}</mi>"
    return f"<msub>{base}<mi>{escape(index)}</mi></msub>" if index else base


def _number(text):
    """A number; a power of ten as one."""
    digits, e, power = text.partition("e")
    if not e:
        return f"<mn>{text}</mn>"
    sign = "<mo>−</mo>" if power.startswith("-") else ""
    ten = f"<msup><mn>10</mn><mrow>{sign}<mn>{power.lstrip('+-').lstrip('0')}</mn></mrow></msup>"
    return ten if digits == "1" else f"<mrow><mn>{digits}</mn><mo>×</mo>{ten}</mrow>"
