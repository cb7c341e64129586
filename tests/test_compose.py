"""The composer gives what Hydra gives, or raises what Hydra raises, only sooner."""

from dataclasses import dataclass, field

import pytest
from hydra import initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from hydra_plugins.scratchml_stacked._compose import Composer, resolve

CONF = {
    # a flat application like ours, with every kind of value
    "config.yaml": """\
defaults:
  - _self_
  - dataset: xor
  - model: mlp
  - override hydra/hydra_logging: none
  - override hydra/job_logging: none
lr: 0.1
lr_unit: absolute
n: 10
flag: true
nothing: null
start: null
measure: [a, b]
empty: []
tracking:
  uri: ${oc.env:SCRATCHML_TEST_URI,null}
  deep: {x: 1, y: [1, {z: 2}]}
hydra: {sweep: {dir: SWEEP}, output_subdir: null}
""",
    # interpolations that stay within the application, and a value that is missing
    "within.yaml": """\
defaults: [config, _self_]
ratio: ${lr}/${n}
lr_of_test: ${lr}
same: ${tracking.deep}
chosen: ${oc.select:no_such_key,fallback}
nested: {a: '${..n}', b: ['${lr}']}
needed: ???
""",
    # interpolations that ask Hydra about the job
    "beyond.yaml": """\
defaults: [config, _self_]
needed: 0
number: ${hydra:job.num}
name: ${hydra:job.override_dirname}-${lr}
folder: ${hydra:runtime.output_dir}
choice: ${hydra:runtime.choices.dataset}
hydra: {sweep: {subdir: "${hydra.job.num}-${lr}"}}
""",
    # typed nodes, which convert and refuse
    "typed.yaml": "defaults: [config, typed_schema, _self_]\n",
    "dataset/xor.yaml": "# @package _global_\ndataset: xor\nn: 4\nnoise: 0.0\n",
    "dataset/moons.yaml": "# @package _global_\ndataset: moons\nn: 200\nnoise: 0.1\nlr: 0.5\n",
    "dataset/copy.yaml": "# @package _global_\ndataset: ${lr_unit}\nnoise: ${lr}\n",
    "model/mlp.yaml": "# @package _global_\nmodel: mlp\nwidth: 4\n",
    "model/logistic.yaml": "# @package _global_\nmodel: logistic\n",
    "lesson/depth.yaml": """\
# @package _global_
defaults:
  - override /dataset: moons
experiment: depth
lr: 0.7
hydra: {job: {name: deep}}
""",
    "db/lite.yaml": "name: lite\n",
    "../more/dataset/far.yaml": "# @package _global_\ndataset: far\n",
    "../more/cloud/big.yaml": "size: 9\n",
}


@dataclass
class Typed:
    whole: int = 1
    real: float = 1.0
    maybe: int | None = None
    words: list[str] = field(default_factory=lambda: ["a"])
    counts: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compose")
    for name, text in CONF.items():
        path = folder / "conf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("SWEEP", str(folder / "sweep")))
    ConfigStore.instance().store(name="typed_schema", node=Typed, provider="test")
    return folder / "conf"


@pytest.fixture(scope="module")
def app(conf):
    with initialize_config_dir(str(conf), job_name="train", version_base="1.3"):
        yield GlobalHydra.instance().hydra


def composers(app, name="config", overrides=()):
    """(ours, the stock way), for one sweep."""
    overrides = ["hydra.mode=MULTIRUN", *overrides]
    master = app.compose_config(name, overrides, RunMode.MULTIRUN)
    return Composer(app.config_loader, master), Composer(app.config_loader, master, strict=True)


@pytest.fixture(scope="module")
def pair(app):
    pairs = {name: composers(app, name) for name in ("config", "within", "beyond", "typed")}
    return pairs.__getitem__


def outcome(function, *arguments):
    """What comes out, or what is raised; written out, so that 1, 1.0 and True differ."""
    try:
        value = function(*arguments)
        return repr(OmegaConf.to_container(value) if OmegaConf.is_config(value) else value)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def agree(pair, job, number=3):
    """Both configurations of a job: with Hydra's node as composed, without it as resolved."""
    ours, stock = pair
    try:
        theirs = stock.job(job, number)
    except Exception as error:
        expected = [f"{type(error).__name__}: {error}"] * 2
    else:
        expected = [repr(OmegaConf.to_container(theirs)), outcome(resolve, theirs)]
    assert [outcome(ours.job, job, number), outcome(ours.compose, job, number)] == expected
    composed = ours.attempt(job, number)
    refused = repr(composed) if isinstance(composed, Exception) else "None"
    assert repr(ours.refuses(job, number)) == refused


# Accepted, though some are not what one would think.
VALUES = r"""
    1 -1 0 +1 1_000 0x10 007 1e-3 1e5 1E+2 .5 5. 1_0.5 -0.0 inf -inf +Inf nan NaN
    true TRUE False null Null none on yes
    relu a-b a/b a.b ../x a:b x@y %s $x ?? * ? a_b 1a 1.2.3 -- - +
    'quoted' "double" '1' "true" 'null' '' "" 'it\'s' "a\"b" 'a,b' '[1,2]' 'a=b' '#' '\\' 'é数🙂'
    a\,b a\=b \[x\] c:\\x
    [1,2] [] [[1,2],[3]] [a,'b,c',1.5,null,true] [[]] {a:1} {} {a:[1,{b:2}]} [{a:1}] {1:2,true:x}
    ${tracking.uri} ${tracking.deep} ${oc.env:HOME} '${tracking.deep.x}' "${tracking.deep.x}-x"
    ${oc.select:tracking.deep.x} ${.tracking} ${hydra:job.num} \${n} [${tracking.deep.x},1]
    int(1.5) str(1) float(1) bool(1) sort([3,1])
""".split()
REFUSED = r"""
    ??? [???] ~ ${lr} ${ ${n [1 {a 'open a=b=c a,b choice(1,2) range(3) interval(0,1) glob(*)
    {null:1} ${hydra.job.num} ${no_such} ${oc.env:NO_SUCH_VARIABLE_IS_SET} ${no.resolver:x}
    nofunction(1) é 🙂
""".split()
SCALARS = ["lr", "n", "flag", "nothing", "start", "lr_unit"]


def test_a_value_means_what_hydra_takes_it_for(pair):
    ours, stock = pair("config")
    values = ["", " ", "a b", " 1 ", "'a b'", "[ 1 , 2 ]", *VALUES]
    for first in range(0, len(values), len(SCALARS)):
        job = [f"{k}={v}" for k, v in zip(SCALARS, values[first:], strict=False)]
        assert repr(ours.compose(job, 7)) == repr(stock.compose(job, 7))


@pytest.mark.parametrize("value", REFUSED)
def test_a_value_is_refused_as_hydra_refuses_it(pair, value):
    ours, stock = pair("config")
    with pytest.raises(Exception) as theirs:
        stock.compose([f"lr={value}"])
    with pytest.raises(type(theirs.value)) as mine:
        ours.compose([f"lr={value}"])
    assert str(mine.value) == str(theirs.value)


JOBS = [
    line.split()
    for line in r"""

    dataset=moons
    lr=3 dataset=moons
    dataset=moons lr=3
    dataset=moons dataset=xor
    dataset=moons n=7 model=logistic flag=false
    dataset=copy
    dataset=copy lr=3
    dataset=copy lr_unit=${n}
    +lesson=depth
    +lesson=depth lr=2 dataset=xor
    lr=2 +lesson=depth experiment=mine
    dataset=typo
    dataset=typo lr=1
    dataset=typo typo=1
    dataset=null
    dataset=
    dataset=[xor,moons]
    dataset={a:1}
    dataset@db=moons
    ++dataset=moons
    +dataset=moons
    +dataset@other=moons
    ~dataset
    ~dataset=xor lr=2
    ~dataset=moons
    db=lite
    +db=lite
    +db=lite db.name=big lr=2
    lr=1 lr=2
    lr=1 lr=[2]
    measure=[a] measure=b
    l=1
    lr_=1
    lr_unit=critical lr=2
    typo=1
    typo=1 ~another
    ~another typo=1
    lr=1 typo=1
    +new=1
    +new=1 lr=2
    +new=1 new=2
    new=2 +new=1
    +new.deep.er=1 lr=2
    +lr=1
    ++lr=1 lr=2
    lr=2 ++lr=1
    ++measure=[c]
    +measure=[c]
    +tracking.more=1 n=3
    ++tracking={more:1}
    ~lr
    ~lr n=3
    ~lr lr=1
    lr=1 ~lr
    ~lr=0.1
    lr=3 ~lr=3
    ~lr=4
    ~tracking.deep.x
    tracking.uri=x
    tracking.deep.x=2 lr=3
    tracking={uri:z} lr=2
    tracking=null
    tracking=1 lr=2
    tracking.uri=x tracking=1
    tracking=1 tracking.uri=x
    tracking.no=1
    lr.x=1
    lr.x=1 lr=2
    lr=2 lr.x=1
    measure.0=z
    measure[0]=z lr=2
    measure.9=z
    measure.0=z measure=[q]
    measure=[q] measure.0=z
    measure={a:1}
    measure=5 empty=[1,[2]]
    measure=[] empty=null
    lr={a:1}
    lr={a:1} lr=2
    lr@package=1
    n=${lr} lr=2
    lr=2 n=${lr}
    n=${lr} lr=${n}x
    nothing=${hydra:job.num} lr=2
    nothing=${hydra:overrides.task} lr=2
    hydra.job.name=x lr=2
    hydra.job.config.override_dirname.kv_sep=: lr=2
    hydra.no=1
    hydra/launcher=typo
    hydra/job_logging=stdout lr=2
    hydra={verbose:true}
    lr=1,2
    lr=2 dataset=glob(*)
    lr=2 needed=1
    needed=1 lr=3 n=4 dataset=moons
    """.splitlines()
]


@pytest.mark.parametrize("job", JOBS, ids=" ".join)
def test_a_job_is_what_hydra_makes_it(pair, job):
    agree(pair("config"), job)


@pytest.mark.parametrize("name", ["within", "beyond"])
@pytest.mark.parametrize("job", JOBS[::4], ids=" ".join)
def test_a_job_is_what_hydra_makes_it_when_values_refer_to_others(pair, name, job):
    agree(pair(name), [*job, "needed=5"])


@pytest.mark.parametrize(
    "job", ["whole=2 real=1", "whole=2.5", "whole='3'", "real=x", "maybe=null", "whole=null",
            "words=[1,2]", "words=x", "counts={a:'1'}", "lr=2 whole=3", "whole=3 n=${whole}"],
)  # fmt: skip
def test_typed_values_are_converted_or_refused_as_hydra_does(pair, job):
    agree(pair("typed"), job.split())


overrides = st.builds(
    "{}{}={}".format,
    st.sampled_from(["", "", "", "", "+", "++"]),
    st.sampled_from(
        [*SCALARS, "measure", "empty", "l", "tracking.uri", "tracking.deep.x", "needed"]
        + ["dataset", "model"]
    ),
    st.one_of(
        st.sampled_from([*VALUES, "xor", "moons", "copy", "mlp", "${lr}", "${n}"]),
        st.floats().map(repr),
        st.integers().map(str),
        st.text(max_size=6),
        st.text("abc${}[]:,'\"\\= .?1", max_size=8),
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["config", "config", "within"]), st.lists(overrides, max_size=4))
def test_any_job_is_what_hydra_makes_it(pair, name, job):
    if not any("${oc.select:" in text for text in job):  # its errors tell the depth of the stack
        agree(pair(name), job)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["lr", "n", "new_1", "null", "true", "inf", "dataset"]),
    st.from_regex(r"[+-]?[0-9_]{1,18}(\.[0-9_]{0,21})?(e[+-]?[0-9]{1,2})?", fullmatch=True),
)
def test_a_number_is_read_as_hydra_reads_it(pair, key, number):
    parser = pair("config")[0].parser
    text = f"{key}={number}"
    assert outcome(parser.parse, text) == outcome(parser.parse_in_full, text)


def test_the_stock_way_is_what_hydra_gives_to_a_task(app):
    """The yardstick itself: Hydra's basic launcher runs a sweep; a task looks at what it got."""
    seen = []

    def task(cfg):
        assert "hydra" not in cfg
        seen.append(OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True))

    sweep = ["lr=1e-3,2", "dataset=xor,moons", "+new=${n}", "tracking.uri=''"]
    app.multirun("beyond", task, ["hydra.mode=MULTIRUN", *sweep])
    ours, stock = composers(app, "beyond", sweep)
    [jobs] = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(sweep), None)
    assert len(jobs) == len(seen) == 4
    for number, job in enumerate(jobs):
        assert repr(stock.compose(job, number)) == repr(seen[number])
        assert repr(ours.compose(job, number)) == repr(seen[number])


def test_hydra_overrides_and_search_paths_of_the_sweep_hold_for_its_jobs(app, conf):
    more = conf.parent / "more"
    subdir = "hydra.sweep.subdir=${hydra.job.num}"
    both = composers(app, "config", [f"hydra.searchpath=[{more}]", "hydra.job.name=mine", subdir])
    agree(both, ["dataset=far"])
    agree(both, ["n=2", "nothing=${hydra:job.name}", "dataset=far"])
    agree(both, ["n=2", "+cloud=big"])


def test_environment_variables_that_the_job_sets_are_seen(app):
    both = composers(app, "config", ["+hydra.job.env_set.SCRATCHML_TEST_URI=there"])
    agree(both, ["lr=2"])
    assert both[0].compose(["lr=2"])["tracking"]["uri"] == "there"


def test_hydra_composes_each_choice_of_groups_once(app, monkeypatch):
    ours, _ = composers(app)
    load, loaded = ours.loader.load_sweep_config, []
    monkeypatch.setattr(
        ours.loader, "load_sweep_config", lambda *a: loaded.append(a[1]) or load(*a)
    )
    jobs = [
        [f"dataset={dataset}", f"lr={lr}", f"model={model}", "tracking.uri=x", f"n={n}"]
        for dataset in ("xor", "moons")
        for lr in range(20)
        for model in ("mlp", "logistic")
        for n in range(20)
    ]
    for number, job in enumerate(jobs):
        ours.compose(job, number)
    assert sorted(loaded) == [
        [f"dataset={dataset}", f"model={model}"]
        for dataset in ("moons", "xor")
        for model in ("logistic", "mlp")
    ]


def test_jobs_share_no_lists(pair):
    ours, _ = pair("config")
    for overrides in (["lr=5"], ["measure=[a]"], ["n=${lr}"], ["nothing=${hydra:job.num}"]):
        first, expected = ours.compose(overrides), repr(ours.compose(overrides))
        first["measure"].append("changed")
        first["tracking"]["deep"]["y"].append("changed")
        assert repr(ours.compose(overrides)) == expected


def test_an_error_is_kept_for_its_job_and_the_next_job_is_composed(pair):
    ours, stock = pair("config")
    for _ in range(2):
        assert isinstance(ours.attempt(["typo=1"], 0), Exception)
        assert isinstance(ours.attempt(["dataset=typo"], 0), Exception)
        assert ours.attempt(["lr=2"], 0) == stock.compose(["lr=2"])


def test_composing_leaves_hydras_own_state_alone(pair):
    before = HydraConfig.instance().cfg
    pair("beyond")[0].compose(["lr=2"], 1)
    assert HydraConfig.instance().cfg is before
