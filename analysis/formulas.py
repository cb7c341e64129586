"""Formulas in sentences, found by their signs.

    formulas("explodes above lr = 2/lambda_max, within 1 %")   ["lr = 2/lambda_max"]

A formula is a run of numbers, letters, known names and signs that holds a sign no prose has: a
power, a fraction, a Greek letter, a function of something. All other text stays as it is.
"""

import re

GREEK = dict(zip(
    "alpha beta gamma delta epsilon eps eta theta kappa lambda mu pi rho sigma tau phi psi".split(),
    "αβγδεεηθκλμπρστφψ", strict=True,
))  # fmt: skip
FUNCTIONS = {"sqrt", "ln", "log", "exp", "var", "relu", "tent"}
OF = {"f", "E", "N", "U", "P"}  # letters that are functions where a bracket follows
WORDS = FUNCTIONS | {"lr", "noise", "sharpness", "dL", "dz", "epoch"}
BESIDE = {*"-+=<>/^('"}  # signs beside which `a` is a letter and no article
OPENING, CLOSING = "([{", ")]}"
ENDS = {*CLOSING, "|", "'"}  # signs at the end of a factor
TOKEN = re.compile(
    r"""(?P<number>(?:\d[\d,]*\d|\d)(?:\.\d+)?(?:e[+-]?\d+)?(?=[^\W\d_]\b|\W|$)
                 |\.\d+(?:e[+-]?\d+)?(?!\w))
      | (?P<word>[^\W\d_](?:[^\W_]|(?<=[^\W\d_]{2})'(?=[a-z]))*(?:_\w+)?)
      | (?P<sign><=|>=|[-+=<>/^|()\[\]{}',.~])
      | (?P<space>[ ])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
LETTER = re.compile(r"[^\W\d_]\d?(?:_\w+)?")  # w, l2, W1, x_1


def formulas(text):
    """The formulas of a text, as they are written there."""
    return [part for part, is_formula in parts(text) if is_formula]


def parts(text):
    """[(part, whether it is a formula)] of a text, in order."""
    found, run = [], []
    for token in [*tokens(text), ("other", "")]:
        if _may_belong(token):
            run.append(token)
            continue
        found += _split(run)
        found.append((token[1], False))
        run = []
    return _joined(found)


def tokens(text):
    """[(kind, text)] of a text: number, word, sign, space, other."""
    return [(match.lastgroup, match.group()) for match in TOKEN.finditer(text)]


def _may_belong(token):
    kind, text = token
    if kind == "word":
        return bool(LETTER.fullmatch(text)) or text.partition("_")[0] in GREEK or text in WORDS
    return kind in ("number", "sign", "space")


def _split(run):
    """The parts of a run of tokens that may be a formula, cut where prose comes in between."""
    cuts = [0, *(i for i in range(1, len(run)) if _is_break(run, i)), len(run)]
    for start, end in zip(cuts, cuts[1:], strict=False):
        piece = run[start:end]
        low, high = _trimmed(piece)
        core = piece[low:high]
        is_formula = bool(core) and _is_strong(core) and _is_balanced(core)
        yield "".join(text for _, text in piece[:low]), False
        yield "".join(text for _, text in core), is_formula
        yield "".join(text for _, text in piece[high:]), False


def _is_break(run, i):
    """Whether a new piece begins at token i: after a comma or a full stop, or at an article."""
    before, (kind, text) = run[i - 1][1], run[i]
    depth = sum(t in OPENING for _, t in run[:i]) - sum(t in CLOSING for _, t in run[:i])
    if before in (",", ".") and kind == "space":
        return depth <= 0
    if before == " " and kind == "space":
        return True
    if kind == "number" and before == " " and i > 1:  # lr 1/8, and f(z) 100 times
        earlier = run[i - 2]
        return earlier[0] != "sign" and earlier[1] not in FUNCTIONS or earlier[1] in ENDS
    if before == "'" and text == "s":  # tent^4's
        return True
    if text in ("a", "A", "I") and before == " ":  # an article, unless a sign stands beside it
        after = next((t for k, t in run[i + 1 :] if k != "space"), "")
        earlier = next((t for k, t in reversed(run[:i]) if k != "space"), "")
        return not (after in BESIDE or earlier in BESIDE)
    return False


def _trimmed(piece):
    """(low, high): the part of a piece without what can stand at no end of a formula."""
    low, high = 0, len(piece)
    while low < high and (piece[low][0] == "space" or piece[low][1] in ",.')]}/^=<>+~"
                          or (piece[low][1] in ("a", "A", "I") and _ends(piece, low))):  # fmt: skip
        low += 1
    while high > low and (
        piece[high - 1][0] == "space" or piece[high - 1][1] in ",.-+=<>/^([{~'"
        or piece[high - 1][1] in CLOSING and not _is_balanced(piece[low:high])
    ):  # fmt: skip
        high -= 1
    while low < high and piece[low][1] in OPENING and not _is_balanced(piece[low:high]):
        low += 1
    return low, high


def _ends(piece, i):
    """Whether after token i, an article, there is no sign that makes it a letter."""
    after = next((text for kind, text in piece[i + 1 :] if kind != "space"), "")
    return after not in BESIDE


def _is_balanced(piece):
    texts = [text for _, text in piece]
    counts = [sum(t == sign for t in texts) for sign in "()[]{}|"]
    pairs = zip(counts[0:6:2], counts[1:6:2], strict=True)
    return all(a == b for a, b in pairs) and counts[6] % 2 == 0


def _is_strong(piece):
    """Whether tokens hold what no prose has."""
    kinds = [kind for kind, _ in piece]
    texts = [text for _, text in piece]
    for i, (kind, text) in enumerate(piece):
        after = texts[i + 1] if i + 1 < len(texts) else ""
        if text == "^" or (kind == "number" and "e" in text):
            return True
        if kind == "word" and text.partition("_")[0] in GREEK:
            return True
        if kind == "word" and text in FUNCTIONS and i + 1 < len(texts):
            return True
        if text in OF and (after == "(" or after == "'" and "(" in texts[i + 1 :]):
            return True
        if text == "/" and 0 < i < len(texts) - 1:
            return True
        if text in ("=", "<", ">", "<=", ">=", "+", "~") and "word" in kinds[:i]:
            return True
    return "|" in texts and "word" in kinds


def _joined(found):
    """Parts with neighbours of one kind as one, and without empty ones."""
    merged = []
    for text, is_formula in found:
        if text and merged and not is_formula and not merged[-1][1]:
            merged[-1] = (merged[-1][0] + text, False)
        elif text:
            merged.append((text, is_formula))
    return merged
