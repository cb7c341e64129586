"""The page of lessons in a real browser: alone, on a phone, in the dark, on paper, by keyboard."""

import re
import shutil

import numpy as np
import pytest
from PIL import Image
from support import configurations, stored
from support.checkout import ROOT
from support.chromium import PATH
from support.seen import contrast
from support.stores import empty_store
from test_report import four_lessons

from analysis import page as pages
from analysis import report
from analysis.data import load
from analysis.sweeps import writing

pytestmark = pytest.mark.skipif(PATH is None, reason="there is no chromium; .ci/run installs it")

# Every article with what a reader sees of it.
ARTICLES = """[...document.querySelectorAll("article")].map(article => ({
    name: article.id, text: article.innerText, link: article.querySelector("p a")?.href ?? null,
    verdicts: [...article.querySelectorAll(".mark")].map(mark => mark.innerText.trim()),
    pictures: [...article.querySelectorAll("figure img")].map(img => img.offsetWidth),
}))"""
# What reaches beyond the right edge without being in a box of its own that scrolls.
OUTSIDE = """(BOXES => [...document.body.querySelectorAll("*")].filter(e => !e.closest(BOXES))
    .filter(e => e.getBoundingClientRect().right > innerWidth + .5).map(e => e.outerHTML)
    )(".skip, .plot, .scale, .formula, .wide")"""
SMALLEST = """Math.min(...[...document.body.querySelectorAll("*")]
    .filter(e => e.innerText?.trim()).map(e => parseFloat(getComputedStyle(e).fontSize)))"""
PERCEPTRON = {
    "model": "perceptron", "order": "seed", "seeds": 24, "epochs": 60, "records": 61, "paths": True
}  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The report on a lesson of the project, and on four that are true, false, absent, broken."""
    folder = tmp_path_factory.mktemp("page")
    uri = empty_store(tmp_path_factory, folder)
    for name in ("width", "moves", "broken"):
        stored.sweep(uri, name, [configurations.config(width=w, epochs=3, seeds=4) for w in (2, 3)])
    tables = [(dataset, coding) for dataset in ("xor", "and") for coding in ("binary", "bipolar")]
    starts = [(*table, "zero") for table in tables]
    starts += [("xor", coding, "integer") for coding in ("binary", "bipolar")]
    stored.sweep(uri, "xor", [
        configurations.config(
            dataset=dataset, coding=coding, init=init, init_scale=10, **PERCEPTRON
        )
        for dataset, coding, init in starts
    ])  # fmt: skip
    with four_lessons(folder / "lessons") as lessons, np.errstate(all="ignore"):
        shutil.copy(ROOT / "analysis" / "lessons" / "xor.py", lessons)
        verdicts = report.build(uri=uri, out=folder / "figures")
        pages.write(verdicts, folder / "quick", quick=True)
        (folder / "sweep.html").write_text(writing.page(load("xor", uri)))
    return folder / "figures" / "index.html"


@pytest.fixture
def browser(chromium, page):
    """The page, as it is on a desk."""
    chromium.look(1280)
    chromium.open(page.as_uri())
    return chromium


def test_nothing_is_asked_of_the_network(browser, page):
    asked = [event["request"]["url"] for event in browser.happened("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert len(asked) > 3  # the pictures count, too
    assert browser.happened("Log.entryAdded") == []  # what the browser complains of
    assert browser.happened("Network.loadingFailed") == []


def test_the_policy_of_the_page_forbids_all_that_is_not_on_it(browser, tmp_path, page):
    """Planted: a script, and a picture from elsewhere. Neither gets through."""
    planted = "<script>document.title = 'ran'</script><img src='http://localhost:1/x.png'>"
    (tmp_path / "index.html").write_text(page.read_text().replace("</main>", f"{planted}</main>"))
    browser.open((tmp_path / "index.html").as_uri())
    assert browser.ask("document.title") != "ran"
    said = " ".join(event["entry"]["text"] for event in browser.happened("Log.entryAdded"))
    assert said.count("Content Security Policy") == 2


def test_every_picture_is_decoded(browser):
    sizes = browser.ask(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert len(sizes) == 4
    assert min(sizes) >= 700


def test_every_lesson_is_complete_for_who_reads_it(browser):
    articles = {article["name"]: article for article in browser.ask(ARTICLES)}
    assert [*articles] == ["moves", "width", "xor", "broken", "absent"]
    for name in ("moves", "width", "xor"):
        article = articles[name]
        question, *rest = article["text"].splitlines()
        assert question.endswith("?")
        for part in ("measured", "test", "Caveat", "Run it again"):
            assert part in rest, (name, part)
        assert f"scratchml train -m +lesson={name}" in rest
        assert re.fullmatch(
            r"http://127\.0\.0\.1:5000/#/experiments/\d+/runs\?.*=sweep", article["link"]
        )
        assert len(article["pictures"]) == 1 and article["pictures"][0] > 700
        assert article["verdicts"]
    assert articles["width"]["verdicts"] == ["✓ holds", "✗ does not hold"]
    assert articles["absent"]["link"] is None
    assert "Run it" in articles["absent"]["text"].splitlines()


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 2560])
def test_nothing_sticks_out_at_the_side(browser, width):
    browser.look(width, mobile=width < 500)
    assert browser.ask("document.documentElement.scrollWidth") == width
    assert browser.ask(OUTSIDE) == []


def test_on_a_phone_words_are_large_and_figures_can_be_pushed(browser):
    browser.look(360, 740, mobile=True)
    assert browser.ask("innerWidth") == 360  # not zoomed out to fit something wide
    assert browser.ask(SMALLEST) >= 13
    plots = browser.ask(
        "[...document.querySelectorAll('.plot')].map(e => [e.clientWidth, e.scrollWidth])"
    )
    assert all(shown <= 360 and 500 <= whole for shown, whole in plots)


def colours(browser):
    names = browser.ask("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
    return ["#" + "".join(f"{int(n):02x}" for n in re.findall(r"\d+", name)) for name in names]


def test_it_is_dark_in_the_dark_and_light_on_paper(browser):
    shades = {}
    for name, look in {
        "light": {}, "dark": {"scheme": "dark"}, "paper": {"media": "print", "scheme": "dark"}
    }.items():  # fmt: skip
        browser.look(1280, **look)
        ground, ink = colours(browser)
        assert contrast(ground, ink) > 10
        shades[name] = contrast(ground, "#000000") / 21  # 1 is white
    assert shades["light"] > 0.9 and shades["paper"] > 0.9 and shades["dark"] < 0.1


def ground(browser, path):
    """The colour of the ground of the first figure, as it is seen."""
    browser.ask("document.querySelector('figure img').scrollIntoView()")
    x, y = browser.ask(
        "(r => [r.left + 2, r.top + 2])(document.querySelector('figure img')"
        ".getBoundingClientRect())"
    )
    browser.screenshot(path)
    return Image.open(path).convert("RGB").getpixel((round(x), round(y)))


def test_figures_fit_the_ground_of_the_page(browser, tmp_path):
    """They are drawn on white; on a dark page the same files are dark, with light lines."""
    assert ground(browser, tmp_path / "light.png") == (255, 255, 255)
    browser.look(1280, scheme="dark")
    page = tuple(int(colours(browser)[0][i : i + 2], 16) for i in (1, 3, 5))
    assert max(np.abs(np.subtract(ground(browser, tmp_path / "dark.png"), page))) <= 2
    browser.look(718, media="print", scheme="dark")
    assert browser.ask("getComputedStyle(document.images[0]).filter") == "none"


def test_paper_is_filled_and_nothing_is_cut(browser):
    browser.look(718, media="print")  # A4 between its margins, in pixels of the style sheet
    assert browser.ask(OUTSIDE) == []
    hidden = "[...document.querySelectorAll('.skip, .moving, .guess')].every(e => !e.offsetHeight)"
    assert browser.ask(hidden)
    wide = "[...document.querySelectorAll('.plot')].every(e => e.scrollWidth <= e.clientWidth)"
    assert browser.ask(wide)
    height = browser.ask("document.documentElement.scrollHeight")
    sheets = len(re.findall(rb"/Type\s*/Page\b", browser.pdf()))
    assert 1 < sheets <= 1 + 1.3 * height / 1047  # an A4 sheet without its margins


def seen(browser, selector):
    """The texts of what can be seen of a selector."""
    return browser.ask(
        f"[...document.querySelectorAll({selector!r})].filter(e => e.checkVisibility("
        "{visibilityProperty: true})).map(e => e.innerText?.trim() ?? '')"
    )


def guess(browser, side):
    browser.ask(f"document.querySelector('#xor .guess .{side}').click()")


def test_a_guess_is_shown_beside_what_was_measured(browser):
    """Without a script of the page: the style sheet shows it once a mark is chosen."""
    assert seen(browser, "#xor .guess label") == []  # folded
    browser.ask("document.querySelector('#xor .guess summary').click()")
    assert len(seen(browser, "#xor .guess label")) == 11
    assert seen(browser, "#xor .measured") == seen(browser, "#xor .said") == []
    for side, words in (("low", "left of"), ("high", "right of")):
        guess(browser, side)
        (said,) = seen(browser, "#xor .said")
        assert words in said and re.search(r"[\d.]+% to [\d.]+%", said)
        assert len(seen(browser, "#xor .measured")) == 1
    places = browser.ask("""(measured => [...document.querySelectorAll('#xor .guess input')]
        .map(e => [e.className, e.getBoundingClientRect().x + e.offsetWidth / 2 - measured.x,
        measured.width]))(document.querySelector('#xor .measured').getBoundingClientRect())""")
    for side, place, width in places:  # each mark stands where it says
        assert {"low": place < 0, "high": place > width}.get(side, True), (side, place, width)


def test_answers_can_be_hidden_until_they_are_guessed(browser):
    parts = [f"#xor {part}" for part in (".answer", "figure", ".claims", ".limits")]
    assert all(seen(browser, part) for part in parts)
    browser.ask("document.querySelector('#first').click()")
    assert not any(seen(browser, part) for part in parts)
    assert seen(browser, "#width .answer")  # which asks nothing
    guess(browser, "low")
    assert all(seen(browser, part) for part in parts)


def test_a_term_is_explained_beside_it_and_by_the_keyboard(browser):
    assert seen(browser, "[popover]") == []
    browser.ask("document.querySelector('#xor .term').focus()")
    press(browser, "Enter", 13)
    (said,) = seen(browser, "[popover]")
    assert re.match(r"\S.*: \w", said)
    word, box = (
        browser.ask(
            f"(r => [r.x, r.y, r.right, r.bottom])(document.querySelector({one!r})"
            ".getBoundingClientRect())"
        )
        for one in ("#xor .term", ":popover-open")
    )
    assert abs(box[0] - word[0]) < 30 and min(abs(box[1] - word[3]), abs(word[1] - box[3])) < 30
    press(browser, "Escape", 27)
    assert seen(browser, "[popover]") == []


def test_formulas_are_drawn_by_the_browser(browser):
    size = "[...document.querySelectorAll({!r})].map(e => e.getBoundingClientRect().{})"
    assert min(browser.ask(size.format("#xor .claims msqrt", "width"))) > 8
    assert min(browser.ask(size.format("main math", "width"))) > 4
    assert max(browser.ask(size.format("#xor .claims li > p math", "height"))) < 32  # one line


def test_the_page_of_a_sweep_stands_alone_on_any_screen(browser, page):
    path = page.parents[1] / "sweep.html"
    for look in ({"width": 320, "mobile": True}, {"width": 1280, "scheme": "dark"},
                 {"width": 718, "media": "print"}):  # fmt: skip
        browser.look(**look)
        browser.open(path.as_uri())
        assert browser.ask("document.documentElement.scrollWidth") == look["width"]
        assert browser.ask(OUTSIDE) == []
        assert browser.happened("Log.entryAdded") == []
    asked = [event["request"]["url"] for event in browser.happened("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    sizes = browser.ask(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert len(sizes) >= 3 and min(sizes) >= 700
    assert len(seen(browser, "tbody tr")) == 6


def press(browser, key, code):
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                     text="\r" if key == "Enter" else "")  # fmt: skip


def test_the_keyboard_gets_past_the_contents(browser):
    press(browser, "Tab", 9)
    assert browser.ask("document.activeElement.className") == "skip"
    assert browser.ask("document.activeElement.getBoundingClientRect().left") >= 0
    press(browser, "Enter", 13)
    press(browser, "Tab", 9)
    assert browser.ask("document.activeElement.closest('article').id") == "moves"


def test_the_quick_version_says_so_at_its_head(browser, page):
    said = "document.querySelector('.quick')?.getBoundingClientRect().top"
    assert browser.ask(said) is None
    browser.open((page.parents[1] / "quick" / "index.html").as_uri())
    assert 0 < browser.ask(said) < 400
