"""Boolean data of any number of inputs: labels, rows that are drawn, tables, and the classics."""

import itertools

import numpy as np
import pytest
from support.configurations import composed, config, differing, train

from experiments.schema.config import Config
from scratchml import tables
from scratchml.datasets import differs_by_seed
from scratchml.sampling import sample

pytestmark = pytest.mark.errstate(under="ignore")


def data(seed=0, **knobs):
    return sample(composed(**knobs), np.random.default_rng(seed), seed)


ANSWERS = {
    "and": all,
    "or": any,
    "xor": lambda row: sum(row) % 2,
    "parity": lambda row: sum(row) % 2,
    "majority": lambda row: sum(row) > len(row) / 2,
    "symmetry": lambda row: list(row) == list(reversed(row)),
}


@pytest.mark.parametrize("inputs", [2, 3, 4, 7])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_function_answers_every_row_of_any_number_of_inputs(name, inputs):
    found = data(dataset=name, inputs=inputs)
    rows = list(itertools.product([0, 1], repeat=inputs))
    assert found.X.tolist() == [list(row) for row in rows]
    assert found.Y[:, 0].tolist() == [float(ANSWERS[name](row)) for row in rows]


def test_an_encoder_maps_each_pattern_to_itself():
    found = data(dataset="encoder", inputs=5)
    assert found.problem == "multilabel"
    assert np.array_equal(found.X, np.eye(5)) and np.array_equal(found.Y, np.eye(5))
    bipolar = data(dataset="encoder", inputs=5, coding="bipolar")
    assert np.array_equal(bipolar.X, 2 * np.eye(5) - 1) and np.array_equal(bipolar.Y, np.eye(5))


# --- rows that are drawn --------------------------------------------------------------------------


def test_rows_of_a_long_table_are_drawn_and_held_out_rows_are_others():
    knobs = {"dataset": "parity", "inputs": 40, "n_samples": 400, "test_fraction": 0.2}
    one, other = (data(seed, **knobs) for seed in (0, 1))
    assert one.X.shape == (400, 40) and one.X_test.shape == (100, 40)
    assert not np.array_equal(one.X, other.X) and np.array_equal(data(0, **knobs).X, one.X)
    assert abs(one.X.mean() - 0.5) < 0.03
    rows = {tuple(row) for row in one.X} & {tuple(row) for row in one.X_test}
    assert not rows
    assert np.array_equal(one.Y[:, 0], one.X.sum(axis=1) % 2)


def test_nets_share_rows_unless_they_are_drawn():
    whole, drawn = (composed(dataset="majority", n_samples=n) for n in (None, 7))
    assert not differs_by_seed(whole) and differs_by_seed(drawn)
    nets = train(config(dataset="majority", n_samples=7, epochs=3, seeds=4))
    assert len(np.unique(nets["digest"], axis=0)) == 4
    alone = train(config(dataset="majority", n_samples=7, epochs=3, seeds=1, seed=2))
    assert np.array_equal(alone["weights/W1"][0], nets["weights/W1"][2])


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_is_a_number_or_its_outputs_row_by_row():
    one, other, third = (config(dataset="table", table=t) for t in (6, "0110", 14))
    assert one.fingerprint() == other.fingerprint() != third.fingerprint()
    assert one.name() == other.name()
    assert not differing(train(one), train(other))
    assert data(dataset="table", table="0001").Y[:, 0].tolist() == [0, 0, 0, 1]
    # A command line reads 1000 as a number; no table of two inputs has it, so it is a text.
    assert data(dataset="table", table=1000).Y[:, 0].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("inputs", [2, 3, 4, 5, 6, 8])
def test_a_table_of_any_number_of_rows_is_stored_so_that_it_comes_back(inputs):
    bits = "".join(map(str, np.random.default_rng(inputs).integers(0, 2, 2**inputs)))
    made = config(dataset="table", table=bits, inputs=inputs)
    again = Config.from_stored(made.canonical())
    assert again.fingerprint() == made.fingerprint()
    found = data(dataset="table", table=again.table, inputs=inputs)
    assert "".join(f"{y:.0f}" for y in found.Y[:, 0]) == bits


NO_TABLES = {
    **{"huge": 16**5000, "huge below 0": -(16**5000), "-1": -1, "16": 16, "10000": 10**4},
    **{"short": "011", "long": "0" * 5000, "half": 0.5},
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_of_two_inputs_is_one_sentence(name):
    table = NO_TABLES[name]
    assert tables.text(table, 2) is None
    with pytest.raises(ValueError, match="is no table of 2 inputs"):
        tables.outputs(table, 2)
    knobs = composed(dataset="table", table=table)
    [said] = tables.table_has_rows(knobs)
    assert said.startswith("table must be a whole number from 0 to 15") and len(said) < 200


@pytest.mark.parametrize("inputs", [11, 40, 10**9])
def test_a_table_of_more_inputs_than_can_be_listed_is_not_written_out(inputs):
    assert tables.text(6, inputs) is None and tables.written(6, inputs) is None
    with pytest.raises(ValueError, match=f"6 is no table of {inputs} inputs"):
        tables.outputs(6, inputs)


# --- classics -------------------------------------------------------------------------------------


def test_an_encoder_is_learned_through_fewer_hidden_units():
    nets = train(config(dataset="encoder", inputs=4, width=2, stop="solved", epochs=1000, seeds=20))
    assert nets["final/solved"].all() and (nets["final/train/accuracy"] == 1.0).all()


def test_two_units_find_symmetry_with_weights_that_are_antisymmetric():
    """Rumelhart, Hinton & Williams (1986): mirror weights cancel, and their sizes are 1 : 2 : 4."""
    knobs = {"coding": "bipolar", "optimizer": "momentum", "init_scale": 0.3, "width": 2}
    nets = train(config(dataset="symmetry", stop="solved", epochs=2000, seeds=10, **knobs))
    assert nets["final/solved"].all()
    W = nets["weights/W1"]  # (R, 6, 2)
    assert (np.abs(W + W[:, ::-1]).max(axis=(1, 2)) < 0.02 * np.abs(W).max(axis=(1, 2))).all()
    sizes = np.sort(np.abs(W[:, :3]), axis=1)
    np.testing.assert_allclose(np.median(sizes[:, 1:] / sizes[:, :-1], axis=(0, 2)), 2.0, rtol=0.2)


def test_parity_of_four_inputs_needs_more_than_two_sigmoid_units():
    nets = {
        width: train(config(dataset="parity", width=width, stop="solved", epochs=5000, seeds=20))
        for width in (2, 8)
    }
    assert not nets[2]["final/solved"].any() and nets[8]["final/solved"].all()
