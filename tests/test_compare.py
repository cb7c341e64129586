"""A comparison shows what the nets measured, says what it pooled, refuses what is not there."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from support import configurations, stored, stores

from analysis.compare import compare, main
from analysis.data import load
from analysis.figures.colours import of
from analysis.figures.labels import digits, label, literal
from analysis.figures.scales import choose_scale, is_geometric
from analysis.statistics import wilson
from analysis.values import asked, split

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")

RATES = (0.001, 1.0, 30.0)
ACTIVATIONS = ("tanh", "relu")


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """A store with a sweep over lr, activation and width."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("compare"))
    runs = [
        configurations.config(lr=lr, activation=a, width=w, epochs=60, seeds=8, records=6)
        for lr in RATES
        for a in ACTIVATIONS
        for w in (2, 6)
    ]
    stored.sweep(uri, "scratchml", runs)
    return uri


@pytest.fixture(scope="module")
def data(uri):
    return load("scratchml", uri)


@pytest.fixture(autouse=True)
def figures():
    yield
    plt.close("all")


def title(fig):
    return fig.get_suptitle()


def test_a_rate_has_wilsons_interval_and_pools_the_rest(data):
    fig, table = compare(data, "lr", "solved", hue="activation")
    assert table.columns.tolist() == [
        "activation", "lr", "nets", "without", "diverged", "share", "low", "high"
    ]  # fmt: skip
    for row in table.itertuples():
        nets = data.select(lr=row.lr, activation=row.activation).nets
        assert row.nets == len(nets) == 16
        expected = 100 * np.array(wilson(nets.solved.sum(), 16))
        assert (row.share, row.low, row.high) == pytest.approx(expected)
    assert title(fig) == "scratchml: bars: Wilson 95 %; 16 nets each; pooled over width"


def test_a_band_is_the_median_and_reaches_over_nine_nets_in_ten(data):
    fig, table = compare(data, "lr", "train/loss", hue="width")
    row = table[(table.width == 6) & (table.lr == 1.0)].iloc[0]
    losses = data.select(width=6, lr=1.0).nets["train/loss"]
    assert (
        row[["low", "median", "high"]].tolist() == np.quantile(losses, [0.05, 0.5, 0.95]).tolist()
    )
    (ax,) = fig.axes
    assert len(ax.lines) == len(ax.collections) == 2
    line = dict(zip([2, 6], ax.lines, strict=True))[6]
    assert line.get_ydata().tolist() == table[table.width == 6]["median"].tolist()


def test_whole_numbers_have_whole_ticks(data):
    fig, _ = compare(data, "width", "solved", hue="lr")
    fig.canvas.draw()
    (ax,) = fig.axes
    assert all(text.get_text().isdigit() for text in ax.get_xticklabels())


def test_curves_run_over_epochs_in_panels(data):
    fig, table = compare(data, "epoch", "train/loss", hue="lr", panel="activation")
    titles = [ax.get_title("left") for ax in fig.axes]
    assert titles == ["activation = tanh", "activation = relu"]
    curves = data.select(lr=1.0, activation="relu").curves
    chosen = table[(table.lr == 1.0) & (table.activation == "relu")]
    expected = curves.groupby("epoch")["train/loss"].median()
    assert chosen["median"].tolist() == expected.tolist()
    assert chosen.epoch.tolist() == expected.index.tolist()
    assert fig.axes[0].get_xscale() == "symlog"
    legend = [text.get_text() for text in fig.legends[0].get_texts()]
    assert legend == ["0.001", "1", "30"]


def test_a_heat_map_has_a_cell_for_each_pair(data):
    fig, table = compare(data, "lr", "solved", hue="width", kind="heat")
    mesh = fig.axes[0].collections[0]
    cells = table.pivot(index="width", columns="lr", values="share").loc[[6, 2]]
    assert np.array_equal(mesh.get_array(), cells)
    assert mesh.get_clim() == (0.0, 100.0)
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["6", "2"]


def test_a_knob_left_at_null_is_drawn_too(uri):
    runs = [
        configurations.config(batch_size=size, epochs=9, seeds=4, lr=lr)
        for size in (None, 2, 1)
        for lr in (0.1, 1)
    ]
    stored.sweep(uri, "batches", runs)
    data = load("batches", uri)
    fig, table = compare(data, "lr", "train/loss", panel="batch_size")
    titles = [ax.get_title("left") for ax in fig.axes]
    assert titles == ["batch_size = 1", "batch_size = 2", "batch_size = null"]
    whole = data.select(batch_size=None, lr=0.1).nets["train/loss"].median()
    assert table[table.batch_size == "null"]["median"].iloc[0] == whole
    fig, table = compare(data, "batch_size", "train/loss")
    assert [t.get_text() for t in fig.axes[0].get_xticklabels()] == ["1", "2", "null"]
    assert table.nets.tolist() == [8, 8, 8]
    assert title(fig).endswith("pooled over lr")


def test_all_runs_may_be_pooled(data):
    fig, table = compare(data, "epoch", "train/loss")
    assert set(table.nets) == {8 * len(data)}
    assert title(fig).endswith("pooled over activation, lr, width")


def test_words_stand_in_the_order_of_the_sweep(data):
    fig, _ = compare(data, "activation", "train/loss", hue="lr")
    assert [t.get_text() for t in fig.axes[0].get_xticklabels()] == ["tanh", "relu"]


def test_the_same_word_has_the_same_colour(data):
    fig, _ = compare(data, "lr", "train/loss", hue="activation")
    colours = {line.get_label(): line.get_color() for line in fig.axes[0].lines}
    assert colours == {name: of(name, "activation") for name in ACTIVATIONS}


def test_more_than_two_decades_are_logarithmic(data):
    assert compare(data, "lr", "solved")[0].axes[0].get_xscale() == "log"
    assert compare(data, "width", "solved")[0].axes[0].get_xscale() == "linear"


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1, 100], None), ([1, 101], "log"), ([0, 1, 101], "symlog"), ([-1, 1000], None),
     ([0, 0], None)],
)  # fmt: skip
def test_a_scale_suits_its_numbers(values, scale):
    asked = []
    choose_scale(lambda name, **_: asked.append(name), pd.Series(values))
    assert asked == ([scale] if scale else [])


def test_nets_without_a_value_are_counted(data):
    fig, table = compare(data, "width", "epochs_to_solve")
    never = data.nets.groupby("width").solved.agg(lambda solved: (~solved).sum())
    assert table.without.tolist() == never.tolist()
    assert "that have no value" in title(fig)
    solved = data.nets[data.nets.width == 6].epochs_to_solve.dropna()
    assert table["median"].iloc[1] == solved.median()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"x": "l2", "y": "solved"}, r"x must be one of \['activation', 'lr', 'width', 'epoch'\]"),
        ({"x": "lr", "y": "sloved"}, r"y must be one of .*'solved'.*; got 'sloved'"),
        ({"x": "epoch", "y": "solved"}, r"y must be one of \['train/loss'"),
        ({"x": "lr", "y": "solved", "hue": "lr"}, r"hue must be one of \['activation', 'width'\]"),
        ({"x": "lr", "y": "solved", "panel": "l2"}, "panel must be one of"),
        ({"x": "lr", "y": "solved", "kind": "pie"}, "kind must be one of"),
        ({"x": "lr", "y": "train/loss", "kind": "rate"}, r"true or false.*'solved'"),
        ({"x": "lr", "y": "solved", "kind": "heat"}, "second knob, --hue"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(data, asked, message):
    with pytest.raises(LookupError, match=message):
        compare(data, **asked)


def test_the_command_writes_a_figure_and_its_numbers(uri, tmp_path, capsys):
    common = ["scratchml", "--x", "lr", "--y", "solved", "--uri", uri]
    assert main([*common, "--where", "width=2", "lr=0.001,1", "--out", f"{tmp_path}/a.png"]) == 0
    assert main([*common, "--where", "width=2", "lr=0.001,1", "--out", f"{tmp_path}/b.png"]) == 0
    assert sorted(p.name[1:] for p in tmp_path.iterdir()) == [s for s in (".csv", ".png", ".svg")
                                                              for _ in "ab"]  # fmt: skip
    for suffix in (".csv", ".png", ".svg"):
        one, other = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
        assert one == other
    table = pd.read_csv(tmp_path / "a.csv")
    assert table.lr.tolist() == [0.001, 1.0]
    assert table.nets.tolist() == [16, 16]
    assert "a.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scratchml", "--x", "l2", "--y", "solved"], "x must be one of"),
        (["scratchml", "--x", "lr", "--y", "solved", "--where", "width"], "KNOB=VALUE"),
        (["scratchml", "--x", "lr", "--y", "solved", "--where", "width=7"], "there are [2, 6]"),
        (["nothing", "--x", "lr", "--y", "solved"], "no experiment 'nothing'"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_explained(uri, tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        main([*arguments, "--uri", uri, "--out", f"{tmp_path}/a.png"])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# --- a figure of any sweep ------------------------------------------------------------------------


def saved(fig, tmp_path):
    """Draws the figure as the command does; a warning is an error."""
    fig.savefig(tmp_path / "figure.png")
    return fig


@pytest.fixture(scope="module")
def diverging(tmp_path_factory):
    """Runs of which one diverges, with losses up to 1e275."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("diverging"))
    common = {"dataset": "linear", "model": "linear", "epochs": 200, "seeds": 3}
    runs = [configurations.config(lr=lr, **common) for lr in (0.1, 0.2, 50)]
    stored.sweep(uri, "diverging", runs)
    return load("diverging", uri)


@pytest.mark.parametrize("x", ["lr", "epoch"])
def test_nets_that_diverged_are_left_out_and_counted(diverging, tmp_path, x):
    fig, table = compare(diverging, x, "train/loss", hue=None if x == "lr" else "lr")
    gone = table[table.lr == 50]
    assert (gone.nets == 3).all() and (gone.diverged == 3).all() and gone["median"].isna().all()
    others = table[table.lr != 50]
    assert (others.diverged == 0).all() and (others["median"] < 10).all()
    assert "3 diverged and are left out" in title(saved(fig, tmp_path))


def test_a_value_at_which_all_nets_diverged_is_on_the_axis_and_marked(diverging, tmp_path):
    fig, _ = compare(diverging.select(lr=[0.1, 50]), "lr", "train/loss")
    [ax] = fig.axes
    assert ax.get_xlim()[0] < 0.1 and ax.get_xlim()[1] > 50
    assert [line.get_xdata().tolist() for line in ax.lines if line.get_marker() == "x"] == [[50]]
    assert len(ax.containers) == 1  # the other value has no neighbour, so a bar is its band
    assert "; x: no net has a value" in title(saved(fig, tmp_path))


def test_lines_that_are_too_many_have_no_bands(many):
    """They would lie over one another and hide all lines."""
    for most in (10, 11):
        some = many.select(lr=many.values("lr")[:most])
        fig, _ = compare(some, "epoch", "train/loss", hue="lr")
        assert len(fig.axes[0].collections) == (10 if most == 10 else 0)
        assert ("5 % to 95 %" in title(fig)) == (most == 10)


def test_a_diverged_net_has_solved_nothing_and_its_divergence_can_be_drawn(diverging):
    _, table = compare(diverging, "lr", "diverged")
    assert table.share.tolist() == [0, 0, 100]


def test_nothing_to_draw_is_said_with_the_number_of_nets(diverging):
    with pytest.raises(LookupError, match=r"none of 3 nets has a value of train/loss \(3 of them"):
        compare(diverging.select(lr=50), "epoch", "train/loss")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A sweep over 60 learning rates."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("many"))
    runs = [
        configurations.config(lr=1 + i / 1000, width=w, epochs=2, seeds=1, records=2)
        for i in range(60)
        for w in (2, 4, 8)
    ]
    stored.sweep(uri, "many", runs)
    return load("many", uri)


def test_a_heat_map_may_have_many_cells_and_names_what_there_is_room_for(many, tmp_path):
    fig, _ = compare(many, "lr", "train/loss", hue="width", kind="heat")
    saved(fig, tmp_path)
    names = [t.get_text() for t in fig.axes[0].get_xticklabels()]
    assert names[:2] == ["1", "1.003"] and len(names) == 20
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["8", "4", "2"]


def test_cells_that_differ_look_different(many):
    few = many.select(lr=[1.0, 1.001], width=[2, 4])
    fig, table = compare(few, "lr", "train/loss", hue="width", kind="heat")
    shown = {text.get_text() for text in fig.axes[0].texts}
    assert len(shown) == table["median"].nunique() == 4
    assert digits([0.6925, 0.6933]) == 4 and digits([0.25, 0.5]) == 3 and digits([1.0, 1.0]) == 3


def test_many_numbers_have_a_bar_of_colours(many, tmp_path):
    fig, _ = compare(many, "width", "train/loss", hue="lr")
    saved(fig, tmp_path)
    assert not fig.legends
    names = [t.get_text() for t in fig.axes[-1].get_yticklabels()]
    assert names[0] == "1" and fig.axes[-1].get_ylabel() == "lr" and len(names) == 15


def test_geometric_values_are_evenly_spaced_and_named(many):
    fig, _ = compare(many, "width", "train/loss")
    assert fig.axes[0].get_xscale() == "log"
    assert [t.get_text() for t in fig.axes[0].get_xticklabels()] == ["2", "4", "8"]


@pytest.mark.parametrize(
    ("values", "geometric"),
    [
        ([1, 2, 4, 8], True),
        ([0.1, 0.3, 1, 3], True),
        ([1, 2, 3, 4], False),
        ([2, 6], False),
        ([0, 1, 2, 4], False),
        ([1, 1.1, 1.21], False),
        ([5, 5, 5], False),
    ],
)
def test_geometric_values_are_known(values, geometric):
    assert is_geometric(values) == geometric


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (True, "true"),
        (1234567, "1234567"),
        (0.123456789, "0.123456789"),
        ((1.0, -2), "[1.0,-2]"),
        ("xor", "xor"),
        (1e-300, "1e-300"),
    ],
)
def test_the_name_of_a_value_can_be_asked_for(value, text):
    assert label(value) == text
    assert asked(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [(".1", 0.1), ("+1", 1.0), ("1.", 1.0), ("1E-3", 0.001), ("null", None), ("nan", "nan"),
     ("1e400", "1e400"), ("inf", "inf"), ("1_0", "1_0"), ("tanh", "tanh"), ("", "")],
)  # fmt: skip
def test_a_value_is_asked_for_as_it_is_usually_typed(text, value):
    assert asked(text) == value and type(asked(text)) is type(value)


def test_commas_in_brackets_divide_nothing():
    assert split("[1,2],[3,[4,5]],{a:1,b:2},x") == ["[1,2]", "[3,[4,5]]", "{a:1,b:2}", "x"]


def test_a_text_without_glyphs_is_written_out():
    assert literal("学 🙂 $x$ é") == r"\u5b66 \U0001f642 \$x\$ é"


def test_where_takes_null_and_numbers_as_typed_and_adds_up(uri, tmp_path):
    out = tmp_path / "a.png"
    common = ["scratchml", "--x", "lr", "--y", "solved", "--uri", uri, "--out", str(out)]
    assert main([*common, "--where", "lr=.001", "lr=1.", "batch_size=null"][:-1]) == 0
    assert pd.read_csv(out.with_suffix(".csv")).lr.tolist() == [0.001, 1.0]


def test_nets_that_several_runs_hold_count_once_for_each_point(tmp_path_factory, tmp_path):
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    both = (5, 10)
    runs = [
        configurations.config(lr=lr, seeds=n, epochs=9, records=4)
        for lr in (0.1, 1.0)
        for n in both
    ]
    stored.sweep(uri, "scratchml", runs)
    data = load("scratchml", uri)
    _, table = compare(data, "lr", "train/loss")
    assert table.nets.tolist() == [10, 10]
    _, table = compare(data, "seeds", "train/loss")
    assert table.nets.tolist() == [10, 20]


def test_a_legend_does_not_cover_the_title(data):
    """The title is as wide as the figure where many knobs are pooled."""
    fig, _ = compare(replace(data, experiment="long " * 20), "lr", "train/loss", hue="width")
    fig.canvas.draw()
    ((legend,), titled) = fig.legends, fig._suptitle.get_window_extent()
    assert titled.width > 0.8 * fig.bbox.width
    assert not legend.get_window_extent().overlaps(titled)
