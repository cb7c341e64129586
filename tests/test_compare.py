"""A comparison shows what the nets measured, says what it pooled, refuses what is not there."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from support import configurations, stored, stores

from analysis.compare import compare, main
from analysis.data import load
from analysis.figures.colours import of
from analysis.figures.comparison import choose_scale
from analysis.statistics import wilson

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
        "activation", "lr", "nets", "without", "share", "low", "high"
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
