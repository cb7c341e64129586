"""More seeds train only the new nets, to the last bit; and what is trained again is said."""

import pytest
from support.configurations import config, differing, train
from support.stores import empty_store

from analysis.data import load
from experiments import train as command
from experiments.running import held
from experiments.running.results import record
from experiments.schema import fingerprint
from experiments.tracking.store import open_store

SWEEP = ("-m", "model=mlp", "lr=0.5,1", "epochs=30", "measure=[sharpness]", "paths=true",
         "executor=serial", "experiment=more")  # fmt: skip


@pytest.fixture
def uri(tmp_path_factory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return empty_store(tmp_path_factory, tmp_path)


def launched(uri, capsys, *words):
    """What a sweep prints."""
    capsys.readouterr()
    assert command.main([*SWEEP, *words, "--uri", uri]) == 0
    return capsys.readouterr().out


def nets(uri):
    """{lr: arrays} of the newest sweep."""
    data = load("more", uri)
    return {run.lr: data.arrays(run.run_id) for run in data.runs.itertuples()}


@pytest.mark.parametrize(
    "before, seeds, first, kept",
    [
        (["seeds=3"], 7, 0, 3),  # more
        (["seeds=7"], 3, 0, 3),  # fewer: none is trained
        (["seeds=2 seed=3"], 7, 0, 2),  # in the middle
        (["seeds=4", "seeds=3 seed=6"], 8, 1, 6),  # from two runs, with a gap and an end
        (["seeds=4", "seeds=4 seed=2"], 6, 0, 6),  # two runs that share nets
        (["seeds=2", "seeds=2 lr=0.5,1 epochs=31"], 3, 0, 2),  # another configuration beside it
        (["seeds=2"], 3, 5, 0),  # no seed in common
    ],
)
def test_nets_that_are_stored_are_taken_to_the_last_bit(uri, capsys, before, seeds, first, kept):
    for words in before:
        launched(uri, capsys, *words.split())
    said = launched(uri, capsys, f"seeds={seeds}", f"seed={first}")
    told = f"{2 * kept} of {2 * seeds} nets are stored, in runs with other seeds"
    assert (told in said) == bool(kept)
    assert f"2 runs of {2 * (seeds - kept)} nets trained" in said
    for lr, arrays in nets(uri).items():
        fresh = train(config(lr=lr, epochs=30, measure=["sharpness"], paths=True,
                             seeds=seeds, seed=first))  # fmt: skip
        assert differing(arrays, fresh) == set()


def test_a_single_run_takes_them_too(uri, capsys):
    launched(uri, capsys, "seeds=3")
    words = [word for word in SWEEP if word not in ("-m", "lr=0.5,1")]
    assert command.main([*words, "lr=1", "seeds=5", "--uri", uri]) == 0
    out = capsys.readouterr().out
    assert "3 of 5 nets are stored, in runs with other seeds" in out
    data = load("more", uri, sweep="all")
    (run_id,) = data.runs.run_id[data.runs.seeds == 5]
    fresh = config(lr=1.0, epochs=30, measure=["sharpness"], paths=True, seeds=5)
    assert differing(data.arrays(run_id), train(fresh)) == set()


@pytest.mark.parametrize("damage", ["gone", "cut", "other seeds"])
def test_nets_whose_file_is_lost_or_damaged_are_trained_again(uri, capsys, tmp_path, damage):
    launched(uri, capsys, "seeds=3")
    for file in tmp_path.rglob("nets.npz"):
        if damage == "gone":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:-200] if damage == "cut" else other_seeds())
    assert "2 runs of 10 nets trained" in launched(uri, capsys, "seeds=5")
    for lr, arrays in nets(uri).items():
        fresh = config(lr=lr, epochs=30, measure=["sharpness"], paths=True, seeds=5)
        assert differing(arrays, train(fresh)) == set()


def other_seeds():
    one = config(seeds=3, seed=9, epochs=30)
    return record(one, train(one)).artifacts["nets.npz"]


def test_stored_nets_that_do_not_fit_fail_their_run_alone(uri, capsys, tmp_path):
    """Their seeds are right, but an array is missing: somebody has changed the file."""
    launched(uri, capsys, "seeds=3", "lr=1")
    one = config(seeds=3, epochs=30)  # without sharpness
    for file in tmp_path.rglob("nets.npz"):
        file.write_bytes(record(one, train(one)).artifacts["nets.npz"])
    assert command.main([*SWEEP, "seeds=5", "--uri", uri]) == 1
    assert "stored nets do not fit; use resume=false" in capsys.readouterr().err
    assert nets(uri).keys() == {0.5}


def test_resume_false_takes_none(uri, capsys):
    launched(uri, capsys, "seeds=3")
    assert "2 runs of 10 nets trained" in launched(uri, capsys, "seeds=5", "resume=false")


# --- reasons --------------------------------------------------------------------------------------


def stored(*configs, **changes):
    """{run id: identity as it is stored} of configurations, parts of which were others then."""
    return {
        f"{i:032x}": fingerprint.to_text(one.identity() | changes) for i, one in enumerate(configs)
    }


def test_what_is_trained_again_is_said_with_the_reason():
    configs = [config(lr=lr) for lr in (0.1, 0.2, 0.3)]
    identities = [one.identity() for one in configs]
    changes = {"activation sigmoid": "other", "numpy": "1.0"}
    other = held.Held(stored(*configs, **changes), identities)
    [said] = other.reasons(identities)
    version = identities[0]["numpy"]
    assert said == (
        "3 runs to train again; changed since the last time: "
        f"the code of activation sigmoid, numpy 1.0 -> {version}"
    )
    assert list(held.Held(stored(*configs), identities).reasons(identities)) == []
    assert list(held.Held({}, identities).reasons(identities)) == []


def test_tags_that_are_no_identities_are_passed_over():
    wanted = config(seeds=6).identity()
    knobs = f'"knobs": "{wanted["knobs"]}"'
    nonsense = ("nonsense", "[1]", f"{{{knobs}}}", knobs)
    texts = {letter * 32: text for letter, text in zip("abcd", nonsense, strict=True)}
    known = held.Held(texts | stored(config(seeds=4), config(seeds=4, lr=0.3)), [wanted])
    assert known.nets(wanted) == [(f"{0:032x}", range(4))]
    assert list(known.newest) == [wanted["knobs"]]


def test_an_edited_formula_is_said_by_the_command(uri, capsys, monkeypatch):
    launched(uri, capsys, "seeds=3")
    monkeypatch.setitem(fingerprint._known, *another("activation sigmoid"))
    said = launched(uri, capsys, "seeds=3")
    assert "2 runs to train again" in said
    assert "the code of activation sigmoid" in said and "2 runs of 6 nets trained" in said


def another(part):
    """The key of a part among the known digests, and another digest in its place."""
    config().identity()
    key = next(key for key in fingerprint._known if key[0] == part)
    items, (_, codes) = fingerprint._known[key]
    return key, (items, ("0" * 20, codes))


def test_both_writers_tell_identities(uri):
    with open_store(uri, "more") as store:
        one = config(seeds=2, epochs=3)
        run_id = store.write(record(one, train(one), 1, 2))
        assert store.identities() == {run_id: fingerprint.to_text(one.identity())}
