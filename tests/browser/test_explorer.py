"""The page of `scratchml explore` in a real browser, held against `analysis.data` and NumPy."""

import re

import numpy as np
import pytest
from support import configurations, stored
from support.chromium import PATH
from support.explored import LESSON, Explored
from support.processes import wait_for
from support.seen import contrast
from support.stores import empty_store

from analysis.data import load
from analysis.explore import page as pages
from analysis.explore.__main__ import build
from analysis.statistics import wilson
from experiments.tracking.layout import PATH as WAY
from experiments.tracking.layout import WEIGHTS
from scratchml.activations import ACTIVATIONS

pytestmark = [
    pytest.mark.skipif(PATH is None, reason="there is no chromium; .ci/run installs it"),
    pytest.mark.errstate(under="ignore"),
]

WIDTHS, SEEDS, EPOCHS = (2, 3), 12, 300
ODD = "odd </script><b>&é"
FEW = {"seeds": 3, "epochs": 20, "records": 6, "paths": True}
ODD_RUNS = [
    {"dataset": "moons", "width": 4, "activation": "tanh", "n_samples": 30, **FEW},
    {"dataset": "blobs", "n_classes": 3, "n_samples": 30, "width": 4, **FEW},
    {"dataset": "blobs", "n_features": 50, "n_samples": 30, "width": 4, "depth": 2, **FEW},
    {"dataset": "chebyshev", "width": 8, "activation": "relu", "lr": 0.1, **FEW},
    {"dataset": "xor", "model": "perceptron", "bias": False, **FEW},
    {"dataset": "diabetes", "model": "linear", "lr": 0.05, "target_scaling": "standard",
     "scaling": "standard", **FEW},
    {"dataset": "linear", "model": "linear", "lr": 1000.0, "n_samples": 20, **FEW | {"epochs": 90}},
    {"dataset": "xor", "width": 5, **FEW},  # is stored without weights
    {"dataset": "xor", "width": 6, "seeds": 10_000, "epochs": 1},
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explore")
    uri = empty_store(tmp_path_factory, folder)
    stored.sweep(uri, "touch", [
        configurations.config(activation=kind, width=width, seeds=SEEDS, epochs=EPOCHS, records=12,
                              paths=True, lr=2.0)
        for kind in ACTIVATIONS for width in WIDTHS
    ])  # fmt: skip
    (folder / "touch.py").write_text(LESSON)
    with np.errstate(all="ignore"):
        odd = [configurations.config(**choices) for choices in ODD_RUNS]
        results = configurations.train(*odd)
        results[7] = {n: a for n, a in results[7].items() if not n.startswith((WEIGHTS, WAY))}
        stored.sweep(uri, ODD, odd, results=results)
        build(f"{folder}/touch", uri, folder)
    return folder, uri


@pytest.fixture(scope="module")
def data(store):
    return load("touch", store[1])


@pytest.fixture(scope="module")
def odd(store):
    data = load(ODD, store[1])
    (store[0] / "odd.html").write_text(pages.as_html(data, ODD))
    return data


@pytest.fixture
def page(chromium, store):
    """The page of the lesson, as it is on a desk; a test opens it, at an address or at none."""
    chromium.look(1280, 900)
    return Explored(chromium, store[0] / "explore.html")


@pytest.fixture
def odd_page(chromium, store, odd):
    chromium.look(1280, 900)
    return Explored(chromium, store[0] / "odd.html").open()


def at(address):
    """An address from its knobs: at(width=3, net=2)."""
    return "#" + "&".join(f"{name}={value}" for name, value in address.items())


def rate(nets):
    """The rate of nets and its interval, as the page writes them."""
    found = wilson(int(nets.solved.sum()), len(nets))
    return f"{found.estimate:.1%}".replace("%", " %"), [f"{100 * x:.1f} %" for x in found[1:]]


def shown(page):
    """The rate and the interval that are to be seen."""
    return page.text("rate-number"), re.findall(r"[\d.]+ %", page.text("rate-interval"))[:2]


# --- the net --------------------------------------------------------------------------------------


def outputs(page, data, run_id):
    """(page's, NumPy's) outputs of two nets of a run on seven inputs, at all stored epochs."""
    arrays, rng = data.arrays(run_id), np.random.default_rng(0)
    ways = {n.removeprefix(WAY): a for n, a in arrays.items() if n.startswith(WAY)}
    X = rng.normal(size=(7, ways["W1"].shape[2])).round(3)
    found = page.ask(f"""(r => [0, 2].map(i => numbers.times[r.path.time].map(epoch => Array.from(
        net.outputs(r, numbers.state(r, i, epoch).weights, Float64Array.from({X.ravel().tolist()}),
                    numbers.examples(r, i).units).out))))(
        numbers.runs.find(r => r.id === "{run_id}"))""")
    stored = [[data.function({n: a[i, t].astype(np.float32).astype(float) for n, a in ways.items()},
                             run_id, i)(X).ravel() for t in range(len(arrays["epoch"]))]
              for i in (0, 2)]  # fmt: skip
    return np.array(found), np.array(stored)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_computed_as_numpy_does(page, data, activation):
    page.open()
    for width in WIDTHS:
        found, expected = outputs(
            page, data, data.select(activation=activation, width=width).run_id
        )
        assert np.abs(found - expected).max() < 1e-6
        if activation != "step":
            assert np.ptp(expected, axis=1).max() > 0.1  # the nets move


@pytest.mark.parametrize("run", [0, 1, 2, 3, 4, 5])
def test_so_are_all_kinds_of_outputs_depths_and_units(odd_page, odd, run):
    found, expected = outputs(odd_page, odd, odd.runs.run_id[run])
    assert np.abs(found - expected).max() < 1e-6 * max(1.0, np.abs(expected).max())


def test_dragging_the_epoch_bends_the_surface(page, data):
    run = data.select(activation="tanh", width=3)
    page.open(at({"width": 3, "activation": "tanh", "net": 1}))
    assert f"of {EPOCHS}" in page.text("epoch-now")
    left, top, width, height = page.box("#epoch")
    middle = top + height / 2
    for share in (0.02, 0.6):
        page.drag(
            (left + width - 9, middle), (left + width / 2, middle), (left + share * width, middle)
        )
        epoch = int(re.search(r"epoch (\d+)", page.text("epoch-now"))[1])
        curve = run.curves[(run.curves.seed == 1) & (run.curves.epoch == epoch)]
        loss = float(curve["train/loss"].iloc[0])
        assert float(
            re.search(r"loss ([\d.]+)", page.text("said"))[1].rstrip(".")
        ) == pytest.approx(loss, rel=5e-3)
        arrays = run.arrays()
        t = arrays["epoch"].tolist().index(epoch)
        weights = {n.removeprefix(WAY): a[1, t] for n, a in arrays.items() if n.startswith(WAY)}
        X = np.array([[0.5, 0.5], [-0.2, 0.7], [0.9, -0.3]])
        expected = [surface_colour(a) for a in run.function(weights)(X).ravel()]
        assert np.abs(np.array(pixels(page, X)) - expected).max() < 14
        page.open(at({"width": 3, "activation": "tanh", "net": 1, "at": "end"}))


def surface_colour(output):
    """What the figures' colour map makes of an output."""
    from analysis.figures.colours import DIVERGING

    return [255.0 * c for c in DIVERGING(float(output))[:3]]


def pixels(page, X):
    """The colours of the picture at points of the plane, from -.4 to 1.4 both ways."""
    places = ((X + 0.4) / 1.8).tolist()
    return page.ask(f"""(c => {places}.map(([x, y]) => Array.from(c.getContext("2d").getImageData(
        Math.round(x * c.width), Math.round((1 - y) * c.height), 1, 1).data.slice(0, 3))))(
        document.getElementById("picture"))""")


def test_a_click_on_a_curve_and_on_a_dot_picks_their_nets(page):
    page.open(at({"width": 2, "activation": "sigmoid", "net": 0}))
    for place in (
        "p => [p.x.to(p.epochs[9] + 1), p.y.to(numbers.curve(r, 'train/loss', i)[9])]",
        "p => charts.place(p, r, i)",
    ):
        left, top, width, _ = page.box("#curves")
        for seed in (3, 7):
            x, y = page.ask(f"""((r, i) => ({place})(charts.plane(r, "train/loss", {width}, 340)))(
                choice.run(), {seed})""")
            page.drag((left + x, top + y))
            assert page.text("net-now") == f"net {seed}"


# --- knobs ----------------------------------------------------------------------------------------


def test_a_knob_keeps_the_net_and_moves_the_interval(page, data):
    page.open(at({"width": 2, "activation": "tanh", "net": 5, "at": 60}))
    assert shown(page) == rate(data.select(width=2, activation="tanh").nets)
    page.ask("document.querySelector('#knobs input[type=range]').focus()")
    page.press("ArrowRight", 39)
    assert shown(page) == rate(data.select(width=3, activation="tanh").nets)
    assert page.text("net-now") == "net 5" and "width 2" in page.text("rate-was")
    epoch = page.text("epoch-now")
    page.click("#knobs input[type=radio]")  # the first word, identity
    assert shown(page) == rate(data.select(width=3, activation="identity").nets)
    assert (page.text("net-now"), page.text("epoch-now")) == ("net 5", epoch)


def test_the_same_net_is_shown_for_every_value_of_a_knob(page, data):
    page.open(at({"width": 3, "activation": "tanh", "net": 4}))
    page.ask("choice.turn(numbers.knobs.findIndex(k => k.name === 'activation'), 4)")
    buttons = page.ask("[...document.querySelectorAll('#same-row button')].map(b => b.innerText)")
    kinds = data.values("activation")
    assert [words.split()[1] for words in buttons] == kinds
    for kind, words in zip(kinds, buttons, strict=True):
        nets = data.select(activation=kind, width=3).nets
        fate = "solved" if nets.solved[nets.seed == 4].item() else "stuck"
        assert fate in words
    page.click(f"#same-row button:nth-child({1 + kinds.index('relu')})")
    assert page.ask("location.hash").startswith("#activation=relu&width=3&net=4")


# --- selections -----------------------------------------------------------------------------------


def test_boxes_are_brushed_and_the_rate_and_the_claims_follow(page, data):
    page.open(at({"width": 2, "activation": "identity"}))
    verdicts = "[...document.querySelectorAll('#claims-list li')].map(e => e.innerText)"
    whole = page.ask(verdicts)
    assert [("✓ holds" in words) for words in whole] == [True, False, True, True, True]
    assert page.ask("[...document.querySelectorAll('.of-selection')].every(e => e.hidden)")
    cells = {
        kind: page.ask(f"""[...document.querySelectorAll('.cell')].findIndex(
        e => e.ariaLabel.includes('activation {kind}, width 3'))""")
        for kind in ("tanh", "sigmoid")
    }
    assert min(cells.values()) >= 0
    place = {}
    page.box("#cells")
    for kind, n in cells.items():
        left, top, width, height = page.ask(f"""(e => [e.left, e.top, e.width, e.height])(
            document.querySelectorAll('.cell')[{n}].getBoundingClientRect())""")
        place[kind] = left + width / 2, top + height / 2
    page.drag(place["sigmoid"], place["tanh"])
    both = data.select(width=3, activation=["sigmoid", "tanh"]).nets
    assert shown(page) == rate(both)
    words = [text.splitlines()[-1] for text in page.ask(verdicts)]
    tanh, interval = rate(both[both.activation == "tanh"])
    assert words[0].startswith("Of the selection it holds: " + tanh)
    assert all(end in words[0] for end in interval)
    assert words[1] == words[2] == "None of its nets is selected."
    found = both.groupby("activation", observed=True).epochs_to_solve.apply(
        lambda epochs: np.median(epochs.fillna(np.inf))
    )
    times = float(re.search(r"([\d.]+) times", words[3])[1])
    assert times == pytest.approx(found["sigmoid"] / found["tanh"], rel=5e-3)
    assert words[4].startswith("Decided on the whole")
    page.click("#clear")
    assert shown(page) == rate(data.select(width=2, activation="identity").nets)


def test_a_range_of_ends_is_brushed_too(page, data):
    page.open(at({"width": 2, "activation": "tanh"}))
    left, top, width, _ = page.box("#curves")
    nets = data.select(width=2, activation="tanh").nets
    right = left + width - 40
    page.drag((right, top + 10), (right, top + 40), (right, top + 150))
    low, high = (float(end) for end in page.ask("choice.state.range"))
    inside = nets[(nets["train/loss"] >= low) & (nets["train/loss"] <= high)]
    assert 0 < len(inside) < len(nets)
    assert shown(page) == rate(inside)
    assert page.ask("selection.bandOfSelection().epochs.length") > 5


def test_the_band_is_that_of_the_selected_nets(page, data):
    page.open(at({"width": 2, "activation": "tanh"}))
    band = page.ask("selection.bandOfSelection()")
    curves = data.select(width=2, activation="tanh").curves
    for epoch in (0, EPOCHS):
        losses = curves["train/loss"][curves.epoch == epoch].astype(np.float32)
        n = band["epochs"].index(epoch)
        for name, q in (("low", 0.05), ("middle", 0.5), ("high", 0.95)):
            assert band[name][n] == pytest.approx(np.quantile(losses, q), rel=1e-5)


# --- the address ----------------------------------------------------------------------------------


def test_an_address_shows_the_same_again(page):
    names = ("said", "rate-number", "selection", "curves-legend")
    page.open(at({"activation": "relu", "width": 3, "net": 5, "at": 40, "runs": "0-2.5"}))
    assert "4 runs" in page.text("selection")
    page.click("#next")
    page.ask("choice.select([0, 0.5])")
    texts, address = [page.text(name) for name in names], page.ask("location.hash")
    assert "Net 6 at epoch" in texts[0] and "0 to 0.5" in texts[2]
    page.open(address)
    assert [page.text(name) for name in names] == texts
    page.ask("location.hash = '#activation=tanh&width=2&net=1'")
    assert page.text("net-now") == "net 1" and "all nets" in page.text("selection")


@pytest.mark.parametrize("address", ["#width=9&net=1e9&at=x&runs=7-.a.99&ends=1~x", "#%", "#net"])
def test_a_wrong_address_is_as_none(page, address):
    page.open(address)
    assert page.text("said").startswith("Net 0 at epoch")
    assert page.browser.happened("Runtime.exceptionThrown") == []


# --- the page -------------------------------------------------------------------------------------


def test_it_is_alone_and_its_policy_lets_no_other_script_run(page, tmp_path):
    page.open()
    asked = [e["request"]["url"] for e in page.browser.happened("Network.requestWillBeSent")]
    assert [url.partition("#")[0] for url in asked] == [page.path.as_uri()]
    assert page.browser.happened("Log.entryAdded") == []
    planted = "<script>document.title = 'ran'</script><img src='http://localhost:1/x.png'>"
    (tmp_path / "x.html").write_text(page.path.read_text().replace("<main>", f"<main>{planted}"))
    other = Explored(page.browser, tmp_path / "x.html").open()
    assert other.ask("document.title") == "Does <XOR> need width & luck?"
    said = [event["entry"]["text"] for event in page.browser.happened("Log.entryAdded")]
    assert len(said) == 2 and all("Content Security Policy" in text for text in said)


def test_texts_of_the_store_stay_texts(odd_page):
    assert odd_page.ask("[document.title, document.querySelectorAll('b').length]") == [ODD, 0]
    assert odd_page.browser.happened("Runtime.exceptionThrown") == []


def test_the_page_says_what_it_cannot_show(odd_page, odd):
    said = {}
    for r in range(len(ODD_RUNS)):
        odd_page.ask(f"(choice.state.places = numbers.runs[{r}].at, choice.pick(0))")
        label = odd_page.ask("document.getElementById('picture').ariaLabel")
        said[r] = f"{label} {odd_page.text('legend')} {odd_page.text('unstored')}"
    assert "each class has a colour" in said[1]
    assert "50 inputs have no plane" in said[2]
    assert "Output against input" in said[3]
    assert "diverged" in said[6]
    assert "no weights of layers are stored" in said[7]
    assert odd_page.text("rate-says") == "of 10,000 nets solve it"
    assert odd_page.browser.happened("Runtime.exceptionThrown") == []
    nets = odd.select(width=6).nets
    assert shown(odd_page) == rate(nets)
    assert odd_page.path.stat().st_size < 8_000_000


OUTSIDE = """[...document.body.querySelectorAll("*")].filter(e => !e.closest(".skip, .wide, svg"))
    .filter(e => e.getBoundingClientRect().right > innerWidth + .5).map(e => e.outerHTML)"""


def test_nothing_sticks_out_at_the_side(page, odd_page):
    for one, widths in ((odd_page, (390,)), (page.open(), (320, 390, 768, 1280, 2560))):
        for width in widths:
            one.browser.look(width, mobile=width < 500)
            assert one.ask("document.documentElement.scrollWidth") == width
            assert one.ask(OUTSIDE) == []


def test_it_is_dark_in_the_dark_and_light_on_paper(page):
    page.open()
    for look, dark in (({}, False), ({"scheme": "dark"}, True),
                       ({"media": "print", "scheme": "dark"}, False)):  # fmt: skip
        page.browser.look(1000, **look)
        ground, ink = ("#" + "".join(f"{int(n):02x}" for n in re.findall(r"\d+", name))
                       for name in page.ask("(s => [s.backgroundColor, s.color])(getComputedStyle("
                                            "document.body))"))  # fmt: skip
        assert contrast(ground, ink) > 10
        assert (contrast(ground, "#000000") < 2) == dark
    page.browser.look(718, media="print")  # A4 between its margins
    assert page.ask("document.documentElement.scrollWidth") == 718
    assert page.ask("!document.getElementById('play').offsetHeight")
    assert len(re.findall(rb"/Type\s*/Page\b", page.browser.pdf())) >= 2


def test_everything_has_a_name_and_the_keyboard_reaches_it(page):
    page.open()
    unnamed = """[...document.querySelectorAll("canvas, button, input, select")].filter(e =>
        !e.hidden && !e.ariaLabel && !e.innerText?.trim() && !e.closest("label"))
        .map(e => e.outerHTML)"""
    assert page.ask(unnamed) == []
    assert page.ask("document.querySelectorAll('canvas').length") >= 2 + 2 + len(WIDTHS)
    reached = set()
    for _ in range(12):
        page.press("Tab", 9)
        reached.add(page.ask("document.activeElement.id"))
    assert {"play", "epoch", "previous", "next", "next-solved"} <= reached
    assert "aria-live" in page.ask("document.getElementById('said').outerHTML")


def test_play_runs_through_the_epochs(page):
    page.open(at({"width": 3, "activation": "tanh", "net": 1, "at": 0}))
    page.click("#play")
    wait_for(lambda: page.ask("choice.step()") >= 1)
    wait_for(lambda: page.ask("choice.state.epoch") is None)  # Infinity: the end
    assert page.text("play") == "Play"
