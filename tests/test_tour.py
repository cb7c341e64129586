"""The tour in docs/ runs from its first cell to its last, and holds no results of its own."""

import json

import matplotlib.pyplot as plt
import pytest
from support.checkout import ROOT
from support.stores import empty_store

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")
CELLS = json.loads((ROOT / "docs" / "tour.ipynb").read_text())["cells"]


def value(cell, names):
    """Runs a cell; the value of its last line where that is an expression."""
    *lines, last = cell.rstrip().split("\n")
    exec("\n".join(lines), names)
    try:
        code = compile(last, "the last line", "eval")
    except SyntaxError:
        exec(cell, names)
        return None
    return eval(code, names)


def test_the_cells_run_in_order(tmp_path_factory, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", empty_store(tmp_path_factory, tmp_path))
    monkeypatch.chdir(tmp_path)
    names, values = {}, []
    source = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
    source[0] = source[0].replace('"epochs=400"', '"epochs=400", "executor=serial"')
    exec(source[0], names)
    values = [value(cell, names) for cell in source[1:]]
    data, shares, table, sentence, rows, _, fig = values
    assert len(data.nets) == 48 and "6 runs" in data._repr_html_()
    assert (shares.loc["zero"] == 0).all() and shares.loc["uniform"].max() > 0.5
    assert table.nets.sum() == 48
    assert "init" in sentence and len(rows) == 6
    assert len(fig.axes) >= 2
    plt.close("all")


def test_the_notebook_holds_no_output():
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
