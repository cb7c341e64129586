"""Whatever is given as a command or a configuration: it is trained, or refused in sentences.

SCRATCHML_FUZZ=100000 looks further than a test has time for; then nothing is the same twice.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import configurations, own_code, stored, stores
from support.damage import damaged

from analysis.data import load
from experiments import export, train
from experiments.errors import EXPLAINED, ConfigError
from experiments.running import sweep
from experiments.schema import commandline
from experiments.schema.config import KNOBS, Config
from experiments.schema.fields import Choice, Flag, Number
from experiments.schema.settings import parse_settings
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import CONFIG_FILE, NETS_FILE, SWEEP_FILE
from experiments.tracking.reader import Reader

pytestmark = pytest.mark.errstate(under="ignore")

FURTHER = int(os.environ.get("SCRATCHML_FUZZ", 0))


def fuzz(examples):
    return settings(
        max_examples=FURTHER or examples,
        derandomize=not FURTHER,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# --- commands -------------------------------------------------------------------------------------

KEYS = [*commandline.FIELDS, *commandline.GROUPS]
HYDRAS = ["hydra", "hydra/launcher", "hydra/sweeper", "hydra.mode", "hydra.verbose", "hydra.job"]
KNOWN = ["", "null", "true", "0", "1", "-1", "0.5", "1e400", "nan", "inf", "???", "xor", "mlp",
         "relu", "table", "../x", "[]", "{}", "[[1],{a:b}]", "{C:{_target_:os.system}}", "${lr}",
         "${nope}", "${oc.env:NOPE}", "${hydra:job.num}", "${oc.decode:'[1,2]'}", "1,2", "a,b",
         "range(3)", "range(1,1)", "range(0,1e9,0.5)", "choice(1,2)", "glob(*)", "interval(0,1)",
         "sort(b,a)", "tag(t,choice(1,2))", "'é\u2028'", "9" * 400]  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(KNOWN) | st.text(max_size=6) | st.integers().map(str) | st.floats().map(str),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(",".join),
        st.lists(inner, max_size=3).map(lambda values: f"[{','.join(values)}]"),
        st.tuples(inner, inner).map(lambda pair: f"{{{pair[0]}:{pair[1]}}}"),
        inner.map(lambda value: "${" + value + "}"),
        inner.map(lambda value: f"'{value}'"),
    ),
    max_leaves=4,
)
# Words that name files of one's own; `own_files` writes those that are there.
PATHS = st.sampled_from(["mine.py", "./mine.py", "bad.py", "odd.py", "nope.py", ".", "/dev/null",
                         "mine.py,bad.py", "~nobody/x.py", "a b.py", "\0.py", "people.csv",
                         "empty.csv", "s3://x/y.csv", "./mine/parity", "./mine/parity.yaml",
                         "./mine/xor", "./mine/code", "../../etc/passwd"])  # fmt: skip
CLASSES = ["sklearn.svm:SVC", "sklearn.svm:NOPE", "os:system", "builtins:dict", ":x", "x:"]
ENDINGS = [":Net", ":swish", ":nope", ":", "::", ".Net", ":1", ""]
OWN = st.one_of(
    st.tuples(st.sampled_from(["code=", "+code=", "~code=", "--code=", "path=", "+lesson=",
                               "lesson=", "dataset="]), PATHS).map("".join),
    st.tuples(st.sampled_from(["model=", "+model=", "model=mlp,"]), PATHS,
              st.sampled_from(ENDINGS)).map("".join),
    st.sampled_from(CLASSES).map("model={}".format),
    st.sampled_from(["dataset=file", "target=y", "target=[a,y]", "missing=mean", "split=group",
                     "activation=swish", "dataset=plaid", "stop=far", "options={C:10}"]),
)  # fmt: skip
WORDS = st.one_of(
    OWN,
    st.tuples(st.sampled_from(["", "", "", "+", "++", "~"]), st.sampled_from(KEYS + HYDRAS),
              st.sampled_from(["=", "=", "=", "", "@x="]), VALUES).map("".join),
    st.tuples(st.text(max_size=6), VALUES).map("=".join),
    st.text(max_size=10),
)  # fmt: skip


@pytest.fixture
def own_files(tmp_path):
    (tmp_path / "mine").mkdir()
    for name, text in {
        "mine.py": f"{own_code.TEXT}\n\nclass Net:\n    fit = predict = print\n",
        "bad.py": "1 / 0\n",
        "odd.py": "def (:\n",
        "people.csv": "a,b,y\n1,x,0\n2,,1\n,z,1\n",
        "empty.csv": "",
        "mine/parity.yaml": "# @package _global_\nepochs: 0\n",
        "mine/xor.yaml": "lr: 1\n",
        "mine/code.yaml": "code: mine.py\n",
    }.items():
        (tmp_path / name).write_text(text)


@pytest.fixture
def refused(own_files, monkeypatch, tmp_path, capsys):
    """Gives a command that gets no further than to its store; asserts that it ends in words."""

    def open_store(*_):
        raise StoreError("it would be trained")

    for module in (sweep,):
        monkeypatch.setattr(module, "open_store", open_store)
    monkeypatch.chdir(tmp_path)

    def give(words):
        status = train.main(list(words))
        out, err = capsys.readouterr()
        assert (status, err.strip()) == (3, "it would be trained") or (status == 2 and err.strip())
        assert "Traceback" not in err and "HYDRA_FULL_ERROR" not in err and out == ""
        assert "full_key:" not in err and "Error executing job" not in err
        assert all(len(line) < 10_000 for line in err.splitlines())
        return err

    return give


@fuzz(40)
@given(st.booleans(), st.lists(WORDS, min_size=1, max_size=2))
def test_any_command_is_trained_or_refused_in_words(refused, many, words):
    words = [word for word in words if not word.startswith("-")]  # options are Hydra's
    refused([*["-m"] * many, "epochs=0", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("dataset=null", "dataset must be one of ['and', "),
        ("model=3", "'sklearn_mlp']; got 3"),
        ("hydra=9", "hydra must be the name of a file; got 9"),
        ("hydra/launcher=null", "hydra/launcher must be the name of a file; got null"),
        ("-m ++hydra.verbose={a:{b:[1]}}", ""),  # an assert of Hydra's
        ("~experiment", "experiment must be a text of at most 256 printable characters; got null"),
        ("~executor momentum=1", "executor must be a mapping"),
        *((f"{way}lr=${{lr}}", "Recursive interpolation detected (lr)\n") for way in ("", "-m ")),
        ("lr=${width} width=${lr}", "Recursive interpolation detected (width)\n"),
        ("lr=${nope}", "Interpolation key 'nope' not found (lr)\n"),
        ("-m ++hydra.mode=[1]", " (hydra.mode)"),
        ("-m seed=range(0,1e9,0.5)", "a sweep has at most 100,000 jobs; these are more"),
        ("-m seed=range(1000) lr=range(1,1000)", "a sweep has at most 100,000 jobs"),
    ],
)
def test_what_was_found_is_refused(refused, words, said):
    assert said in refused(words.split())


@fuzz(60)
@given(st.lists(WORDS, max_size=4))
def test_problems_of_a_command_are_sentences(words):
    for problem in commandline.problems(words):
        assert isinstance(problem, str) and problem


# --- configurations -------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.sampled_from([10**400, 2**63, 10**18, 1e308, 5e-324, -0.0, 0, 1, 2, 3, 0.5, "${lr}", "\0"]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=5,
)
KEY = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none())


def values_of(field):
    """Values that a knob may have more often than not."""
    if isinstance(field, Choice):
        return st.sampled_from(field.options) | ANYTHING
    if isinstance(field, Flag):
        return st.booleans() | ANYTHING
    if isinstance(field, Number):
        return st.sampled_from([0, 1, 2, 3, 0.5, 10, 255, 1e-9, 10**18, 1e300]) | ANYTHING
    return ANYTHING


CHANGES = st.lists(
    st.sampled_from(list(KNOBS)).flatmap(lambda k: st.tuples(st.just(k), values_of(KNOBS[k]))),
    max_size=6,
).map(dict)


@fuzz(150)
@given(
    st.sampled_from(configurations.names("dataset")),
    st.sampled_from(configurations.names("model")),
    CHANGES,
    st.just({}) | st.dictionaries(KEY, ANYTHING, max_size=1),
)
def test_any_configuration_is_accepted_or_refused_in_words(dataset, model, changes, more):
    mapping = configurations.composed(dataset=dataset, model=model) | changes | more
    try:
        config = Config.from_mapping(mapping)
    except ConfigError as error:
        assert all(line.strip() for line in str(error).splitlines())
    else:
        assert config.name() and len(config.fingerprint()) == 64
        assert Config.from_mapping(config.knobs()) == config


@fuzz(100)
@given(st.dictionaries(st.sampled_from(["experiment", "objective", "resume", "only", "tracking",
                                        "executor", "most_seeds",
                                        "seed_set"]), ANYTHING))  # fmt: skip
def test_any_settings_are_accepted_or_refused_in_words(changes):
    try:
        parse_settings(configurations.composed() | changes)
    except ConfigError as error:
        assert str(error).strip()


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"dataset": "moons", "width": int(1e300)}, "; the largest is 9223372036854775807"),
        ({"dataset": "moons", "width": 10**18, "n_samples": 10**18}, "GiB"),
        ({"model": "sklearn_mlp", "depth": 10**18}, "one net needs about"),
        ({"model": "sklearn_mlp", "activation": None}, "activation must be one of"),
        ({"\x1e": None}, r"^'\\x1e' is not a knob"),
        ({" ": None}, "^' ' is not a knob"),
    ],
)
def test_what_was_found_of_configurations_is_refused(choices, said):
    with pytest.raises(ConfigError, match=said):
        configurations.config(**choices)


@fuzz(25)
@given(text=st.text(max_size=30) | st.recursive(
    st.sampled_from(["1", "a", "!!python/name:os.system", "&a x", "*a", "${lr}", "'", "{", "? "]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda values: f"[{', '.join(values)}]"),
        st.tuples(st.sampled_from(["lr", "defaults", "hydra", "<<", "x"]), inner)
        .map(lambda pair: f"{{{pair[0]}: {pair[1]}}}"),
    ),
    max_leaves=5,
))  # fmt: skip
def test_any_file_is_a_configuration_or_refused_in_words(refused, tmp_path, text):
    (tmp_path / "more" / "lesson").mkdir(parents=True, exist_ok=True)
    file = tmp_path / "more" / "lesson" / "any.yaml"
    file.write_bytes(f"# @package _global_\n{text}\n".encode(errors="surrogatepass"))
    refused(["-m", "--config-dir", str(tmp_path / "more"), "+lesson=any", "epochs=0"])


# --- stored files ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store with a sweep, and its files: {path: bytes}."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("kept"))
    configs = [configurations.config(epochs=2, seeds=2, paths=True, lr=lr) for lr in (0.1, 1.0)]
    parent, ids = stored.sweep(uri, "xor", configs)
    reader = Reader(uri)
    runs = [reader.run(run_id) for run_id in ids]
    paths = [reader.files.path(run, name) for run in runs for name in (NETS_FILE, CONFIG_FILE)]
    paths.append(paths[0].parents[2] / parent / "artifacts" / SWEEP_FILE)
    return uri, {path: path.read_bytes() for path in paths}


@fuzz(25)
@given(st.randoms(use_true_random=False), st.integers(0, 4))
def test_any_damage_to_a_stored_file_is_read_or_refused_in_words(kept, rng, which):
    uri, files = kept
    path = list(files)[which]
    path.write_bytes(damaged(rng, files[path]))
    try:
        data = load("xor", uri)
        assert len(data.nets) <= 4 and len(data.curves) >= len(data.nets)
        for run_id in data.runs.run_id:
            data.net(run_id)([[0.0, 1.0]])
            data.examples(run_id)
            assert export.stored(Reader(uri).config(Reader(uri).run(run_id)))
    except EXPLAINED as error:
        assert str(error).strip() and len(str(error)) < 10_000
    finally:
        path.write_bytes(files[path])
