"""A page of `scratchml explore` in Chromium: what a user does there, and what is then seen."""

import json

LESSON = '''"""Does <XOR> need width & luck?"""

from analysis import groups
from analysis.claims import Caveat, Claim
from analysis.figures.style import figure
from analysis.verdicts import every, none, number_of, ratio, share

CAPTION, CAVEAT = "None.", "None."


def cells(data):
    return {kind: groups.by(data.select(activation=kind).nets, "width")
            for kind in data.values("activation")}


def claims(cells):
    tanh = {width: groups.solved(nets) for width, nets in cells["tanh"].items()}
    never = [groups.solved(nets) for nets in cells["identity"].values()]
    epochs = [groups.epochs(cells[kind][3]) for kind in ("sigmoid", "tanh")]
    return [
        Claim("Most nets of tanh solve it at width 3", share(tanh[3]).above(0.5)),
        Caveat("Some fail at width 2", every(tanh[2])),
        Claim("Without a bend none does", none(never, 24)),
        Claim("Sigmoid takes longer than tanh", ratio(*epochs).above(1.0)),
        Claim("There are twelve of each", number_of(len(tanh[2]), "nets").equals(12)),
    ]


def draw(cells):
    return figure()[0]
'''


class Explored:
    """The page, once it is open in a browser."""

    def __init__(self, browser, path):
        self.browser, self.path = browser, path

    def open(self, address=""):
        """Opens the page anew, at an address such as `#width=3`."""
        self.browser.open("about:blank")
        self.browser.open(self.path.as_uri() + address)
        return self

    def ask(self, expression):
        """The value of an expression, once what was asked before is drawn."""
        self.browser.ask("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        return self.browser.ask(expression)

    def text(self, name):
        return self.ask(f"document.getElementById({json.dumps(name)}).innerText").strip()

    def box(self, selector):
        """[left, top, width, height] of an element, scrolled into view."""
        return self.ask(
            f"(e => (e.scrollIntoView({{block: 'center'}}), e = e.getBoundingClientRect(), "
            f"[e.left, e.top, e.width, e.height]))(document.querySelector({json.dumps(selector)}))"
        )

    def mouse(self, kind, x, y):
        pressed = 0 if kind == "mouseReleased" else 1
        self.browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                          buttons=pressed, clickCount=1)  # fmt: skip

    def drag(self, *points):
        """Presses at the first point, moves over the others, and releases at the last."""
        self.mouse("mousePressed", *points[0])
        for point in points[1:]:
            self.mouse("mouseMoved", *point)
        self.mouse("mouseReleased", *points[-1])

    def click(self, selector):
        left, top, width, height = self.box(selector)
        self.drag((left + width / 2, top + height / 2))

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.browser.call("Input.dispatchKeyEvent", type=kind, key=key,
                              windowsVirtualKeyCode=code)  # fmt: skip
