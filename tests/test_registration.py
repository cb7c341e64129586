"""A claim is confirmed if it was sealed before its nets were trained, and is unchanged."""

import re
import shutil
import textwrap

import pytest
from support import configurations, stored, stores

from analysis import own_lesson, page, register, registration, reproduce, rules
from analysis.answers import decide
from analysis.commands import launched_by
from analysis.printing import standings
from analysis.registration import CHANGED, EXPLORATORY, LATE
from experiments.schema.settings import SET
from experiments.tracking import seals
from experiments.tracking.reader import Reader
from experiments.tracking.seals import Seal

SWEEP = "# Does it?\nactivation: tanh  # as usual\nseeds: 4\nepochs: 3\n"
ANSWER = '''
    """Does it learn?

    A second paragraph.
    """

    from analysis.claims import Claim
    from analysis.figures import style
    from analysis.verdicts import LAW, every, none

    CAPTION = "A figure."
    CAVEAT = "Little."
    LIMIT = 2.0
    UNUSED = 1

    def cells(data):
        """All losses."""
        return data.select(seed=0).nets["train/loss"]

    def claims(cells):
        return [Claim("It does", every(small(cells))), Claim("It does not", none(small(cells)))]

    def small(loss):
        return loss < LIMIT + LAW  # generous

    def draw(cells):
        return style.figure()[0]
'''
FUTURE = 10**6  # hours after 1970: after every seal


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registration")
    return stores.empty_store(tmp_path_factory, folder), folder


@pytest.fixture
def place(empty, tmp_path):
    """A lesson of one's own, and a store of its own: the folder, the lesson's place, the store."""
    shutil.copy(empty[1] / "mlflow.db", tmp_path / "mlflow.db")
    (tmp_path / "bend.yaml").write_text(SWEEP)
    (tmp_path / "bend.py").write_text(textwrap.dedent(ANSWER))
    return tmp_path, str(tmp_path / "bend"), f"sqlite:///{tmp_path / 'mlflow.db'}"


def train(uri, seed_set, hour=FUTURE):
    config = configurations.config(epochs=3, seeds=4, seed_set=seed_set)
    stored.sweep(uri, "bend", [config], hour=hour)


def lesson(place):
    (found,) = own_lesson.some([place])
    return found


def test_what_is_sealed_first_and_holds_is_confirmed(place, tmp_path):
    _, at, uri = place
    seal, is_new = registration.register(lesson(at), uri)
    assert (seal.seed_set, is_new) == (1, True)
    train(uri, 1)
    answer = decide(lesson(at), uri, tmp_path / "figures")
    assert not answer.problem and answer.nets == 4
    words = [answer.standing.of(claim) for claim in answer.claims]
    assert words == ["confirmed on fresh seeds", "not confirmed on fresh seeds"]
    assert standings([answer]).startswith("2 claims: 1 confirmed on fresh seeds, 1 not confirmed")
    assert page.as_csv([answer]).splitlines()[1].endswith(",confirmed on fresh seeds")
    assert page.as_html([answer]).count("confirmed on fresh seeds</span>") == 2


def test_what_was_never_sealed_is_exploratory(place):
    _, at, uri = place
    train(uri, None)
    answer = decide(lesson(at), uri)
    assert {answer.standing.of(claim) for claim in answer.claims} == {EXPLORATORY}
    assert answer.standing.note == "" and "`scratchml register`" in standings([answer])
    assert EXPLORATORY in page.as_html([answer])


def test_a_seal_that_comes_after_a_net_confirms_nothing(place):
    _, at, uri = place
    train(uri, 1, hour=1)
    text, digest = rules.text(lesson(at)), rules.digest(lesson(at))
    seals.write(Seal("bend", 1, digest, 0), text, uri)
    standing = decide(lesson(at), uri).standing
    assert not standing.is_sealed and standing.note == LATE
    train(uri, 2)  # nets of another set than the one that was sealed
    assert decide(lesson(at), uri).standing == registration.Standing()


def test_a_net_of_another_sweep_with_these_seeds_counts(place):
    _, at, uri = place
    registration.register(lesson(at), uri)
    config = configurations.config(epochs=2, seeds=1, seed_set=1)
    stored.sweep(uri, "bend", [config], hour=1)  # somebody has looked
    train(uri, 1)
    assert decide(lesson(at), uri).standing.note == LATE


@pytest.mark.parametrize(
    ("file", "old", "new", "counts"),
    [
        ("bend.py", "LIMIT = 2.0", "LIMIT = 3.0", True),
        ("bend.py", "It does not", "It does hardly", True),
        ("bend.py", "Does it learn?", "Does it bend?", True),
        ("bend.yaml", "seeds: 4", "seeds: 5", True),
        ("bend.py", "  # generous", "", False),
        ("bend.py", "All losses.", "The losses.", False),
        ("bend.py", "UNUSED = 1", "UNUSED = 2", False),
        ("bend.py", "Little.", "Much.", False),
        ("bend.yaml", "  # as usual", "", False),
    ],
)
def test_a_changed_rule_is_noticed_and_a_changed_comment_is_not(place, file, old, new, counts):
    folder, at, _ = place
    before, path = rules.digest(lesson(at)), folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert (rules.digest(lesson(at)) != before) == counts


def test_a_rule_that_was_changed_after_sealing_is_said(place):
    folder, at, uri = place
    registration.register(lesson(at), uri)
    train(uri, 1)
    path = folder / "bend.py"
    path.write_text(path.read_text().replace("LIMIT = 2.0", "LIMIT = 3.0"))
    answer = decide(lesson(at), uri)
    assert answer.standing.note == CHANGED
    assert {answer.standing.of(claim) for claim in answer.claims} == {EXPLORATORY}
    assert CHANGED in page.as_html([answer])


def test_the_next_seal_is_for_seeds_that_nobody_has_seen(place, capsys):
    _, at, uri = place
    for said in ("sealed for seeds from 1,000,000", "was sealed already for seeds from 1,000,000"):
        assert register.main([at, "--uri", uri]) == 0
        assert said in capsys.readouterr().out
    train(uri, 1)
    register.main([at, "--uri", uri])
    assert "sealed for seeds from 2,000,000" in capsys.readouterr().out
    assert [seal.seed_set for seal in seals.seals(Reader(uri), "bend")] == [2, 1]


def test_what_is_sealed_is_stored_in_words(place):
    _, at, _ = place
    text = rules.text(lesson(at))
    assert text.startswith("# Does it learn?\n\n## Sweep")
    assert "activation: tanh\nseeds: 4" in text and "as usual" not in text
    assert "LAW = 0.05\nLIMIT = 2.0" in text  # imported limits by their values
    assert "Claim('It does', every(small(cells)))" in text
    assert "draw" not in text and "CAVEAT" not in text


def test_a_set_of_seeds_moves_all_seeds():
    assert configurations.config(seed=3, seed_set=2).seed == 2 * SET + 3
    assert configurations.config(seed_set=0) == configurations.config(seed_set=None)


def test_lessons_of_ours_can_be_sealed():
    from analysis import lessons

    for one in lessons.some():
        text = rules.text(one)
        said = re.findall(r"(?:Claim|Caveat)\(", text)
        assert len(said) >= 5 and "def draw" not in text, one.name


def test_fresh_seeds_need_a_seal(place, capsys):
    _, _, uri = place
    assert reproduce.main(["xor", "--fresh", "--uri", uri]) == 2
    assert "not sealed: xor; seeds are fresh after: scratchml register xor" in (
        capsys.readouterr().err)  # fmt: skip
    assert reproduce.main(["xor", "--fresh", "--quick", "--uri", uri]) == 2
    stored_command = launched_by("scratchml lessons xor loss --fresh", "xor")
    assert stored_command == "scratchml lessons xor --fresh"
