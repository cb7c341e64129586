"""The report shows what the store says, to everybody, and fails when a claim does."""

import csv
import io
import re
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from support import configurations, stored, stores
from support.seen import Page, contrast

from analysis import answers, cache, lessons, report
from analysis.answers import decide
from analysis.claims import Claim
from analysis.lessons import __main__ as redraw
from analysis.page import as_markdown, write
from analysis.printing import show
from analysis.verdicts import Check, Verdict, note

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")

WIDTH = '''
    """Do wide nets solve <XOR> & co | more often?

    A second paragraph, which the page leaves out.
    """

    from analysis.claims import Caveat, Claim
    from analysis.figures.panels import grid, rates
    from analysis.groups import solved
    from analysis.verdicts import none, note, share

    CHAPTER = 2
    CAPTION = """Share of nets against
        width; bars: "Wilson"."""
    CAVEAT = "Only <b>two</b> widths."

    def cells(data):
        return solved(data.nets)

    def claims(cells):
        return [
            Claim("Some <i>nets</i> exist", share(cells).at_least(0) & note("n > 0 [bold]")),
            Caveat("No net exists", none(cells == cells)),
        ]

    def answer(cells):
        return f"Of {len(cells)} <nets> | some & more."

    def draw(cells):
        fig, (ax,) = grid()
        rates(ax, {1: cells})
        return fig
'''
MOVES = '''
    """Does it move?"""

    from analysis.claims import Claim
    from analysis.figures.style import figure
    from analysis.verdicts import every, note

    CHAPTER = 1
    CAPTION, CAVEAT, FPS = "A line.", "None.", 5

    def claims(data):
        return [Claim("It moves", every([True]) & note("2 frames"))]

    def draw(data):
        fig, ax = figure()
        ax.plot([0, 1])
        return fig

    def animate(data):
        for i in range(2):
            fig, ax = figure()
            ax.plot([0, i])
            yield fig
'''
ABSENT = MOVES.replace("Does it move?", "Was it run?").replace("CHAPTER = 1\n", "\n")
BROKEN = MOVES.replace("Does it move?", "Does it work?").replace("2 frames", "{data.nets['none']}")
BROKEN = BROKEN.replace('"{data', 'f"{data').replace("CHAPTER = 1", "CHAPTER = 3")


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """A store with the sweeps of three lessons of the four."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("report"))
    for name in ("width", "moves", "broken"):
        stored.sweep(uri, name, [configurations.config(width=w, epochs=3, seeds=4) for w in (2, 3)])
    return uri


@contextmanager
def four_lessons(folder):
    """Four lessons in a folder, in place of the real ones."""
    folder.mkdir()
    sources = {"width": WIDTH, "moves": MOVES, "absent": ABSENT, "broken": BROKEN}
    with pytest.MonkeyPatch.context() as patch:
        for name, source in sources.items():
            (folder / f"{name}.py").write_text(textwrap.dedent(source))
            patch.delitem(sys.modules, f"analysis.lessons.{name}", raising=False)
        patch.setattr(lessons, "__path__", [str(folder)])
        yield folder


@pytest.fixture
def folder(tmp_path):
    with four_lessons(tmp_path / "lessons") as folder:
        yield folder


@pytest.fixture(scope="module")
def built(uri, tmp_path_factory):
    """The report of the four lessons: verdicts, folder, page."""
    folder = tmp_path_factory.mktemp("built")
    with four_lessons(folder / "lessons"), np.errstate(all="ignore"):
        verdicts = report.build(uri=uri, out=folder / "out")
    return verdicts, folder / "out", Page((folder / "out" / "index.html").read_text())


# --- lessons --------------------------------------------------------------------------------------


def test_a_lesson_is_found_by_being_in_the_folder(folder):
    (folder / "_shared.py").write_text("")
    assert lessons.names() == ["absent", "broken", "moves", "width"]
    assert [lesson.name for lesson in lessons.some()] == ["moves", "width", "broken", "absent"]


def test_a_lessons_question_is_its_first_line(folder):
    lesson = lessons.read("width")
    assert lesson.question == "Do wide nets solve <XOR> & co | more often?"
    assert lesson.caption == 'Share of nets against width; bars: "Wilson".'


def test_a_lesson_that_lacks_something_is_named(folder):
    (folder / "empty.py").write_text("CAPTION = 'x'\n")
    with pytest.raises(TypeError, match="empty lacks CAVEAT, claims, draw, a docstring"):
        lessons.read("empty")
    with pytest.raises(LookupError, match=r"'widht'; there are \['absent'"):
        lessons.some(["widht"])


def test_a_broken_file_does_not_hide_the_others(folder, uri, tmp_path):
    (folder / "width.py").write_text("import nothing_of_this_name\n")
    verdicts = report.build(["width", "moves"], uri, tmp_path / "out")
    assert [(v.lesson.name, v.holds) for v in verdicts] == [("moves", True), ("width", False)]
    assert "No module named 'nothing_of_this_name'" in said(verdicts)
    assert "could not be decided" in (tmp_path / "out" / "index.html").read_text()


def test_the_lessons_of_the_project_are_whole():
    for lesson in lessons.some():
        assert lesson.problem is None
        assert lesson.question.endswith((".", "?", "!"))
        assert lesson.caption and lesson.caveat


@pytest.mark.parametrize(
    "wrong",
    [{"sentence": " "}, {"measured": ""}, {"nets": 0}, {"nets": 1.5}, {"holds": None},
     {"holds": float("nan")}, {"rule": ""}],
)  # fmt: skip
def test_a_claim_without_a_verdict_is_refused(wrong):
    def claim(sentence="s", measured="m", rule="r", nets=3, holds=True):
        return Claim(sentence, Verdict(measured, (Check("exact", rule, nets, holds),), nets))

    assert claim().words == "holds"
    with pytest.raises(ValueError):
        claim(**wrong)


def test_a_claim_needs_a_rule():
    with pytest.raises(ValueError, match="needs its test"):
        Claim("It was seen", note("at dawn").on(3))


@pytest.mark.parametrize(
    "answer", ["No number.", "3 and no end", f"{'word ' * 25} 3.", "", "Yes? 1 of 2"]
)
def test_an_answer_is_one_short_sentence_with_a_number(answer):
    assert lessons.checked_answer(" In 3 of 4. ") == "In 3 of 4."
    with pytest.raises(ValueError, match="at most 25 words"):
        lessons.checked_answer(answer)


# --- verdicts -------------------------------------------------------------------------------------


def test_every_lesson_gets_a_verdict_in_the_order_of_chapters(built):
    verdicts, out, _ = built
    assert [(v.lesson.name, v.summary, v.holds) for v in verdicts] == [
        ("moves", "1 of 1 claims hold", True),
        ("width", "Of 8 <nets> | some & more.", False),
        ("broken", "could not be decided", False),
        ("absent", "not run yet", False),
    ]
    assert [(v.runs, v.nets) for v in verdicts] == [(2, 8), (2, 8), (2, 8), (0, 0)]


def test_each_lesson_with_runs_has_its_files(built):
    _, out, _ = built
    assert sorted(path.name for path in out.iterdir()) == [
        "index.html", "moves.json", "moves.png", "moves.svg", "moves.webp", "report.csv",
        "width.json", "width.png", "width.svg",
    ]  # fmt: skip


def test_a_sweep_with_missing_runs_upholds_nothing(folder, tmp_path_factory, tmp_path):
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    config = configurations.config(width=2, epochs=3, seeds=4)
    stored.sweep(uri, "absent", [config], failed=["xor deep"])
    verdict = decide(lessons.read("absent"), uri)
    assert verdict.absent == ("xor deep",)
    assert verdict.claims[0].holds
    assert not verdict.holds
    assert "not in the store: xor deep" in said([verdict])


def test_a_figure_that_fails_leaves_the_claims(folder, uri, tmp_path):
    source = (folder / "width.py").read_text().replace("rates(ax, {1: cells}", "rates(ax, cells")
    (folder / "width.py").write_text(source)
    (verdict,) = report.build(["width"], uri, tmp_path / "out")
    assert len(verdict.claims) == 2
    assert verdict.problem.startswith("AttributeError")
    assert verdict.figure is None
    assert "figure could not be drawn" in (tmp_path / "out" / "index.html").read_text()


def test_an_unknown_lesson_is_an_error_that_lists_the_known(folder, uri, tmp_path):
    with pytest.raises(LookupError, match="there are"):
        report.build(["nonsense"], uri, tmp_path)


# --- files ----------------------------------------------------------------------------------------


def test_the_same_store_gives_the_same_bytes(built, folder, uri, tmp_path):
    _, out, _ = built  # from another folder of the same lessons
    report.build(uri=uri, out=tmp_path / "again")
    for path in out.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_nothing_tells_of_the_machine_or_the_time(built, tmp_path, uri):
    _, out, page = built
    for path in (*out.glob("*.html"), *out.glob("*.csv"), *out.glob("*.svg")):
        text = path.read_text()
        for trace in (str(tmp_path), uri, uri.removeprefix("sqlite:///"), "/home/"):
            assert trace not in text, path.name
    assert not re.search(r"\b20\d\d-\d\d-\d\d|\d\d:\d\d:\d\d", page.text)


def test_the_table_of_claims_holds_all_of_them(built):
    verdicts, out, _ = built
    rows = list(csv.DictReader(io.StringIO((out / "report.csv").read_text())))
    assert [(row["lesson"], row["claim"], row["verdict"], row["caveat"]) for row in rows] == [
        ("moves", "It moves", "holds", "false"),
        ("width", "Some <i>nets</i> exist", "holds", "false"),
        ("width", "No net exists", "does not hold", "true"),
    ]
    assert rows[1]["measured"] == verdicts[1].claims[0].measured


def test_the_markdown_table_has_a_row_for_each_lesson(built):
    lines = as_markdown(built[0]).splitlines()
    assert len(lines) == 2 + 4
    assert lines[3].startswith("| [width](analysis/lessons/width.py) | Do wide nets solve")
    cells = [re.split(r"(?<!\\)\|", line) for line in lines]
    assert {len(row) for row in cells} == {6}


# --- the cache ------------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch):
    """The names of lessons that are decided, one entry each time."""
    decided = []
    read = lessons.read

    def counting(name):
        lesson = read(name)
        return replace(lesson, claims=lambda cells: decided.append(name) or lesson.claims(cells))

    monkeypatch.setattr(lessons, "read", counting)
    return decided


def test_what_did_not_change_is_decided_and_drawn_once(folder, uri, tmp_path, counted):
    first = report.build(["moves", "width"], uri, tmp_path)
    again = report.build(["moves", "width"], uri, tmp_path)
    assert counted == ["moves", "width"]
    for one, other in zip(first, again, strict=True):
        assert replace(one, lesson=None) == replace(other, lesson=None)
    report.build(["moves"], uri, tmp_path / "elsewhere")
    decide(lessons.read("moves"), uri, tmp_path, anew=True)
    decide(lessons.read("moves"), uri)
    assert counted[2:] == ["moves"] * 3


@pytest.mark.parametrize(
    "change",
    [
        lambda folder, out: (out / "moves.svg").unlink(),
        lambda folder, out: (out / "moves.webp").write_bytes(b"RIFF"),
        lambda folder, out: (out / "moves.json").unlink(),
        lambda folder, out: (out / "moves.json").write_text("{}"),
        lambda folder, out: (out / "moves.json").write_text("[1"),
        lambda folder, out: (folder / "moves.py").write_text(textwrap.dedent(MOVES) + "# new"),
    ],
    ids=["svg lost", "webp damaged", "verdict lost", "no verdict", "no JSON", "lesson edited"],
)
def test_what_changed_is_made_anew(folder, uri, tmp_path, counted, change):
    out = tmp_path / "out"
    report.build(["moves", "width"], uri, out)
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix != ".json"}
    change(folder, out)
    report.build(["moves", "width"], uri, out)
    assert counted == ["moves", "width", "moves"]
    assert before == {name: (out / name).read_bytes() for name in before}


def test_a_new_sweep_is_decided_anew(folder, tmp_path_factory, tmp_path, counted):
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    config = configurations.config(width=2, epochs=3, seeds=4)
    stored.sweep(uri, "width", [config])
    (few,) = report.build(["width"], uri, tmp_path / "out")
    stored.sweep(uri, "width", [config, configurations.config(width=3, epochs=3, seeds=4)], hour=2)
    (more,) = report.build(["width"], uri, tmp_path / "out")
    assert (few.nets, more.nets) == (4, 8)
    assert counted == ["width", "width"]


def test_other_code_or_other_packages_count_as_a_change(monkeypatch):
    cache._shared.cache_clear()
    before = cache._shared()
    cache._shared.cache_clear()
    assert cache._shared() == before
    for where, name, new in (
        (cache.metadata, "version", lambda package: "0"),
        (Path, "read_bytes", lambda path: b"other code"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, new)
            cache._shared.cache_clear()
            assert cache._shared() != before
    cache._shared.cache_clear()


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_what_was_asked_measured_and_decided(built):
    verdicts, _, page = built
    for verdict in verdicts:
        assert verdict.lesson.question in page.text
        assert verdict.lesson.caveat in page.text
        assert verdict.command in page.text
        for claim in verdict.claims:
            for words in (claim.sentence, claim.measured, claim.test, claim.words, claim.level):
                assert words in page.text
    assert "scratchml train -m +lesson=width" in page.text
    assert "2 of 3 claims hold" in page.text


def test_words_are_never_markup(built):
    _, out, page = built
    text = (out / "index.html").read_text()
    assert "<i>nets" not in text and "<b>two" not in text and "<XOR>" not in text
    assert "&lt;XOR&gt; &amp; co" in text


def test_the_page_stands_alone(built):
    _, out, page = built
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}
    sources = [image["src"] for image in page.all("img")]
    assert len(sources) == 3  # two figures and a moving picture
    assert all(source.startswith(("data:image/png;", "data:image/webp;")) for source in sources)
    assert "url(" not in (out / "index.html").read_text()


def test_links_lead_somewhere(built):
    _, _, page = built
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert sorted(ids) == sorted(set(ids))
    inside = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    outside = [a["href"] for a in page.all("a") if not a["href"].startswith("#")]
    assert set(inside) <= set(ids)
    assert len(outside) == 3  # the lesson that was not run has no runs to look at
    view = r"http://127\.0\.0\.1:5000/#/experiments/\d+/runs\?.*&viewStateShareKey=sweep"
    assert all(re.fullmatch(view, href) for href in outside)  # the view that `scratchml ui` keeps


def test_the_page_is_for_everybody(built):
    """A language, a title, a way past the contents, headings in order, words for each picture."""
    _, out, page = built
    assert page.all("html")[0]["lang"] == "en"
    assert "width=device-width" in str(page.all("meta"))
    assert page.all("a")[0] == {"class": "skip", "href": "#lessons"}
    assert {"main", "header", "nav", "title"} <= {tag for tag, _ in page.tags}
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    assert all(image.get("alt") for image in page.all("img"))
    text = (out / "index.html").read_text()
    assert "prefers-color-scheme: dark" in text and "@media print" in text


def test_words_stand_out_from_their_ground(built):
    """4.5 is WCAG's AA for text, in light, in dark and on paper."""
    _, out, _ = built
    schemes = re.findall(r":root \{(.*?)\}", (out / "index.html").read_text(), re.DOTALL)
    assert len(schemes) == 3
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#\w+)", scheme))
        for word in ("ink", "soft", "link", "good", "bad"):
            for ground in ("page", "card"):
                assert contrast(colours[word], colours[ground]) >= 4.5, (word, ground)


def test_a_server_is_linked_without_its_password(monkeypatch):
    link = answers._link("https://me:secret@example.org:8443/mlflow/", None, "7")
    assert link.startswith("https://example.org:8443/mlflow/#/experiments/7/runs?")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////x/mlflow.db")
    assert answers._link(None, None, "7").startswith("http://127.0.0.1:5000/#/experiments/7/")


def test_links_lead_where_the_pages_are_shown(uri, folder, tmp_path):
    words = ["width", "--uri", uri, "--out", str(tmp_path), "--ui", "http://127.0.0.1:5001/"]
    with np.errstate(all="ignore"):
        report.main(words)
    page = (tmp_path / "index.html").read_text()
    assert "http://127.0.0.1:5001/#/experiments/" in page and ":5000" not in page


def test_an_address_of_the_pages_is_one(capsys):
    with pytest.raises(SystemExit) as end:
        report.main(["--ui", "javascript:alert(1)"])
    assert end.value.code == 2
    assert "must begin with http:// or https://; got 'javascript:alert(1)'" in (
        capsys.readouterr().err
    )


# --- the command line -----------------------------------------------------------------------------


def said(verdicts, verbose=True, **console):
    text = io.StringIO()
    show(verdicts, Console(file=text, highlight=False, **console), verbose)
    return text.getvalue()


def test_what_is_printed_is_plain_and_one_line_a_claim(built):
    verdicts, _, _ = built
    text = said(verdicts)
    assert "\x1b" not in text
    (line,) = [line for line in text.splitlines() if "No net exists" in line]
    assert line == (
        "  does not hold   caveat: No net exists: 8 of 8 nets (one would falsify; 8 nets)"
    )
    assert "n > 0 [bold]" in text  # words are not taken for rich's markup
    assert text.splitlines()[-3:] == [
        "2 of 3 claims hold, on 24 nets; without a verdict: broken, absent",
        "1 claim rests on a p-value; with one error rate of .05 for all of them (Holm) no verdict "
        "would change",
        "3 claims: exploratory; `scratchml register` seals them for fresh seeds",
    ]


def test_what_is_printed_in_short_is_one_line_a_lesson_and_what_failed(built):
    lines = said(built[0], verbose=False).splitlines()
    assert lines[:3] == [
        "moves               1 of 1 claims hold",
        "width               Of 8 <nets> | some & more.",
        "  does not hold   caveat: No net exists: 8 of 8 nets (one would falsify; 8 nets)",
    ]
    assert not any("Some <i>nets" in line for line in lines)
    assert sum(line.startswith(("  failed", "  not run")) for line in lines) == 2


def test_the_answer_stands_under_the_question_and_in_the_tables(built):
    verdicts, out, page = built
    assert "Of 8 <nets> | some & more." in page.text
    assert "Of 8 <nets> \\| some & more. | 8 |" in as_markdown(verdicts)
    rows = list(csv.DictReader(io.StringIO((out / "report.csv").read_text())))
    assert [row["answer"] for row in rows] == ["", *["Of 8 <nets> | some & more."] * 2]


def test_an_answer_that_is_none_is_a_fault_of_the_lesson(folder, uri):
    source = (folder / "width.py").read_text().replace("some & more.", "some & more")
    (folder / "width.py").write_text(source)
    verdict = decide(lessons.read("width"), uri)
    said = "one sentence of at most 25 words, with its number and a full stop; got"
    assert f"an answer is {said}" in verdict.problem
    assert len(verdict.claims) == 2 and not verdict.holds


def test_a_terminal_sees_colours_and_whole_words(built):
    text = said(built[0], force_terminal=True, width=50)
    assert "\x1b[32mholds" in text
    assert max(map(len, re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()[1:3])) <= 50


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["moves", "--check"], 0),
        (["width", "--check"], 1),
        (["broken", "--check"], 1),
        (["absent", "--check"], 1),
        (["--check"], 1),
        (["moves", "width"], 0),
        (["absent"], 1),
        (["broken"], 1),
        (["--markdown"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_exit_code_tells_whether_all_is_well(folder, uri, tmp_path, arguments, code):
    assert report.main([*arguments, "--uri", uri, "--out", str(tmp_path / "out")]) == code
    drawn = (tmp_path / "out").exists()
    assert drawn == (not {"--check", "--markdown"} & set(arguments))


def test_a_page_may_lack_lessons_that_nobody_ran(folder, uri, tmp_path, capsys):
    (folder / "broken.py").unlink()
    assert report.main(["--uri", uri, "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "not run" in printed and "+lesson=absent" in printed


def test_a_wrong_name_is_refused_with_the_right_ones(folder, capsys):
    with pytest.raises(SystemExit) as stop:
        report.main(["widht"])
    assert stop.value.code == 2
    assert "no lesson 'widht'; there are ['absent', 'broken'" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "code"), [("moves", 0), ("width", 1), ("absent", 1)])
def test_one_lesson_is_redrawn_from_the_store(folder, uri, tmp_path, capsys, name, code):
    assert redraw.main([name, "--uri", uri, "--out", str(tmp_path)]) == code
    assert (tmp_path / f"{name}.png").exists() == (name != "absent")
    assert not (tmp_path / "index.html").exists()
    assert lessons.read(name).question in capsys.readouterr().out


def test_in_the_quick_version_a_claim_that_fails_has_too_few_nets(built, tmp_path):
    """With few nets nobody knows whether it is false."""
    verdicts, _, _ = built
    quick = [replace(answer, quick=True) for answer in verdicts]
    text = said(quick)
    assert "does not hold" not in text and "\n  too few nets    " in text
    assert "; too few nets for 1" in text.splitlines()[-2]
    write(quick, tmp_path, quick=True)
    for name in ("index.html", "report.csv"):
        written = (tmp_path / name).read_text()
        assert "too few nets" in written and "does not hold" not in written
    assert "too few nets" not in said(verdicts)


def test_a_report_of_nothing_is_no_success(tmp_path_factory, tmp_path, folder, capsys):
    empty = stores.empty_store(tmp_path_factory, tmp_path)
    assert report.main(["--uri", empty, "--out", str(tmp_path / "out")]) == 1
    assert "scratchml train -m +lesson=absent" in capsys.readouterr().out


def test_stores_and_sweeps_are_compared_claim_by_claim(folder, tmp_path_factory, tmp_path, capsys):
    """A store with itself; and of one lesson an older sweep with a newer one, of more nets."""
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    sweeps = []
    for hour, widths in ((1, [2]), (2, [2, 3])):
        configs = [configurations.config(width=w, epochs=3, seeds=4) for w in widths]
        sweeps.append(stored.sweep(uri, "width", configs, hour=hour)[0])
    assert report.main(["diff", uri, uri]) == 0
    assert capsys.readouterr().out == "No claim has changed; 2 claims are as before.\n"
    older, newer = (f"width@{run_id}" for run_id in sweeps)
    assert report.main(["diff", older, newer, "--uri", uri]) == 0
    assert capsys.readouterr().out == "No claim has changed; 2 claims are as before.\n"
