"""The page of lessons in a real browser: alone, on a phone, in the dark, on paper, by keyboard."""

import re
import shutil

import numpy as np
import pytest
from support import configurations, stored
from support.checkout import ROOT
from support.chromium import PATH, Chromium
from support.stores import empty_store
from test_report import contrast, four_lessons

from analysis import page as pages
from analysis import report

pytestmark = pytest.mark.skipif(PATH is None, reason="there is no chromium; .ci/run installs it")

# Every article with what a reader sees of it.
ARTICLES = """[...document.querySelectorAll("article")].map(article => ({
    name: article.id, text: article.innerText, link: article.querySelector("p a")?.href ?? null,
    verdicts: [...article.querySelectorAll(".mark")].map(mark => mark.innerText.trim()),
    pictures: [...article.querySelectorAll("figure img")].map(img => img.offsetWidth),
}))"""
# What reaches beyond the right edge without being in a box of its own that scrolls.
OUTSIDE = """[...document.body.querySelectorAll("*")].filter(e => !e.closest(".skip, .plot"))
    .filter(e => e.getBoundingClientRect().right > innerWidth + .5).map(e => e.outerHTML)"""
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
    return folder / "figures" / "index.html"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


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
        # Figures are drawn for a white ground, whatever is around them.
        assert browser.ask("getComputedStyle(document.images[0]).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
    assert shades["light"] > 0.9 and shades["paper"] > 0.9 and shades["dark"] < 0.1


def test_on_paper_every_lesson_begins_a_sheet_and_none_is_cut(browser):
    browser.look(718, media="print")  # A4 between its margins, in pixels of the style sheet
    assert browser.ask(OUTSIDE) == []
    hidden = "[...document.querySelectorAll('.skip, .moving')].every(e => !e.offsetHeight)"
    assert browser.ask(hidden)
    wide = "[...document.querySelectorAll('.plot')].every(e => e.scrollWidth <= e.clientWidth)"
    assert browser.ask(wide)
    sheets = len(re.findall(rb"/Type\s*/Page\b", browser.pdf()))
    assert sheets >= 1 + len(browser.ask(ARTICLES))


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
