"""Data are what their names promise, and one seed means one data set, whoever learns from it."""

import itertools
import operator

import numpy as np
import pytest
from support.configurations import composed, config, names
from support.tolerances import ANOTHER_WAY, PARITY, ROUNDING, SIGMAS

from experiments.running import stacks
from experiments.schema import sources
from experiments.schema.shipped import SHIPPED
from experiments.schema.sources import problem, shape
from scratchml.boolean import permutation
from scratchml.datasets import DATASETS, differs_by_seed
from scratchml.sampling import Examples, missing_classes, sample, stack
from scratchml.scaling import scale
from scratchml.tables import TABLES


def data(seed=0, real=None, **knobs):
    """What one net sees: a file of conf/dataset/ and some changes; `real` may be (X, y)."""
    if real is not None and not isinstance(real, Examples):
        X, y = real
        classes = len(np.unique(y))
        real = Examples("binary" if classes == 2 else "multiclass", X, y, classes)
    return sample(composed(**knobs), np.random.default_rng(seed), seed, real)


def classes(data):
    """(N,) integers."""
    return (data.Y.argmax(axis=1) if data.problem == "multiclass" else data.Y[:, 0]).astype(int)


# --- truth tables ---------------------------------------------------------------------------------

OPERATORS = {
    "and": lambda *bits: all(bits),
    "or": lambda *bits: any(bits),
    "nand": lambda *bits: not all(bits),
    "nor": lambda *bits: not any(bits),
    "xor": lambda *bits: bool(sum(bits) % 2),
    "xnor": lambda *bits: not sum(bits) % 2,
}


@pytest.mark.parametrize("inputs", TABLES)
@pytest.mark.parametrize("name", OPERATORS)
def test_tables_by_name_and_by_number_are_pythons_operators(name, inputs):
    rows = list(itertools.product([0, 1], repeat=inputs))
    by_name = data(dataset=name, inputs=inputs)
    by_number = data(dataset="table", table=TABLES[inputs][name], inputs=inputs)
    assert by_name.X.tolist() == by_number.X.tolist() == [list(row) for row in rows]
    assert classes(by_name).tolist() == [OPERATORS[name](*row) for row in rows]
    assert np.array_equal(by_name.Y, by_number.Y)
    assert by_name.problem == "binary"


def test_two_input_operators_once_more():
    for name, bit in {"and": operator.and_, "or": operator.or_, "xor": operator.xor}.items():
        found = data(dataset=name)
        assert classes(found).tolist() == [bit(int(a), int(b)) for a, b in found.X]


@pytest.mark.parametrize("inputs", TABLES)
def test_all_tables_are_different_and_their_bits_are_the_outputs(inputs):
    n = 2**inputs
    for table in range(2**n):
        outputs = classes(data(dataset="table", table=table, inputs=inputs))
        assert sum(int(bit) << row for row, bit in enumerate(outputs)) == table


def test_every_seed_presents_the_rows_in_its_own_order_until_all_24_were_seen():
    orders = [data(seed, dataset="xor", order="seed") for seed in range(24)]
    rows = [tuple((2 * found.X[:, 0] + found.X[:, 1]).astype(int)) for found in orders]
    assert rows == list(itertools.permutations(range(4)))
    for found in orders:
        assert classes(found).tolist() == np.logical_xor(*found.X.T).tolist()
    again = data(24 + 7, dataset="xor", order="seed")
    assert np.array_equal(again.X, orders[7].X)
    assert np.array_equal(data(5, dataset="xor").X, orders[0].X)  # order=given


def test_the_nth_permutation_is_the_one_that_python_counts():
    counted = list(itertools.permutations("abcd"))
    assert [tuple(permutation("abcd", i)) for i in range(24)] == counted


def test_bipolar_coding_writes_minus_one_and_one():
    binary, bipolar = (data(dataset="and", coding=coding) for coding in ("binary", "bipolar"))
    assert np.array_equal(bipolar.X, 2 * binary.X - 1)
    assert np.array_equal(bipolar.Y, binary.Y)


def test_rows_repeat_up_to_n_samples_and_noise_blurs_them():
    plain = data(dataset="xor", n_samples=4000)
    noisy = data(dataset="xor", n_samples=4000, noise=0.1)
    assert np.array_equal(plain.X, np.tile(plain.X[:4], (1000, 1)))
    assert np.array_equal(plain.Y, noisy.Y)
    blur = noisy.X - plain.X
    assert abs(blur.mean()) < SIGMAS * 0.1 / np.sqrt(blur.size)
    assert abs(blur.std() / 0.1 - 1.0) < SIGMAS / np.sqrt(2 * blur.size)


# --- random data ----------------------------------------------------------------------------------

CLASSED = ["blobs", "moons", "circles", "spirals", "rings"]
OF_MANY_CLASSES = ["blobs", "spirals", "rings"]


@pytest.mark.parametrize("n_samples", [1, 2, 7, 100])
@pytest.mark.parametrize("name", CLASSED)
def test_classes_are_as_many_of_each_as_can_be(name, n_samples):
    found = data(dataset=name, n_samples=n_samples)
    assert found.X.shape == (n_samples, 2) and found.Y.shape == (n_samples, 1)
    counts = np.bincount(classes(found), minlength=2)
    assert counts.sum() == n_samples and np.ptp(counts) <= 1
    assert np.isfinite(found.X).all()


@pytest.mark.parametrize("n_classes", [3, 5])
@pytest.mark.parametrize("name", OF_MANY_CLASSES)
def test_more_classes_are_balanced_too_and_one_hot(name, n_classes):
    found = data(dataset=name, n_samples=91, n_classes=n_classes)
    assert found.problem == "multiclass" and found.Y.shape == (91, n_classes)
    assert np.array_equal(np.unique(found.Y), [0, 1]) and (found.Y.sum(axis=1) == 1).all()
    assert np.ptp(found.Y.sum(axis=0)) <= 1


def radius(X):
    return np.hypot(*X.T)


def test_moons_are_half_circles():
    found = data(dataset="moons", noise=0.0)
    upper, lower = found.X[classes(found) == 0], found.X[classes(found) == 1]
    np.testing.assert_allclose(radius(upper), 1.0, rtol=ROUNDING)
    np.testing.assert_allclose(radius(lower - [1.0, 0.5]), 1.0, rtol=ROUNDING)
    assert upper[:, 1].min() >= 0.0 and lower[:, 1].max() <= 0.5


def test_circles_have_radius_one_and_a_half():
    found = data(dataset="circles", noise=0.0)
    np.testing.assert_allclose(radius(found.X), np.where(classes(found), 0.5, 1.0), rtol=ROUNDING)


def test_rings_have_gaps_between_them():
    found = data(dataset="rings", n_samples=3000, n_classes=4)
    inward = radius(found.X) - classes(found)
    assert inward.min() >= 0.0 and inward.max() <= 0.5
    # Filled evenly: half of a ring's points lie within the radius that halves its area.
    outer = inward[classes(found) == 3] + 3 > np.sqrt((3**2 + 3.5**2) / 2)
    assert abs(outer.mean() - 0.5) < SIGMAS * 0.5 / np.sqrt(outer.size)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_spiral_arms_wind_once_and_do_not_touch(n_classes):
    found = data(dataset="spirals", n_samples=300, noise=0.0, n_classes=n_classes)
    angle = np.arctan2(found.X[:, 1], found.X[:, 0])
    start = 2 * np.pi * (radius(found.X) + classes(found) / n_classes)
    wound = np.mod(start - angle + np.pi, 2 * np.pi) - np.pi
    np.testing.assert_allclose(wound, 0.0, atol=PARITY)
    assert radius(found.X).max() <= 1.0


@pytest.mark.parametrize(("n_classes", "n_features"), [(2, 1), (2, 5), (3, 2), (6, 4)])
def test_blobs_lie_around_centres_two_apart(n_classes, n_features):
    n = 400 * n_classes
    knobs = {"n_samples": n, "n_classes": n_classes, "n_features": n_features}
    found = data(dataset="blobs", **knobs, noise=0.5)
    centres = np.stack([found.X[classes(found) == k].mean(axis=0) for k in range(n_classes)])
    apart = np.sqrt(((centres - np.roll(centres, 1, axis=0)) ** 2).sum(axis=1))
    assert np.abs(apart - 2.0).max() < SIGMAS * 0.5 * np.sqrt(2 / 400)
    offsets = np.concatenate([found.X[classes(found) == k] - c for k, c in enumerate(centres)])
    assert abs(offsets.std() / 0.5 - 1.0) < SIGMAS / np.sqrt(2 * offsets.size)


def test_linear_targets_are_a_direction_of_length_one_and_noise():
    found = data(dataset="linear", n_samples=500, noise=0.0)
    u, residual, *_ = np.linalg.lstsq(found.X, found.Y, rcond=None)
    assert np.sqrt((u * u).sum()) == pytest.approx(1.0, rel=PARITY)
    assert residual.item() < PARITY and found.problem == "regression"
    noisy = data(dataset="linear", n_samples=500, noise=0.3)
    assert np.array_equal(noisy.X, found.X)
    error = (noisy.Y - found.Y)[:, 0]
    assert abs(error.std() / 0.3 - 1.0) < SIGMAS / np.sqrt(2 * 500)


@pytest.mark.parametrize("condition", [1.0, 100.0, 1e6])
def test_the_quadratics_hessian_has_the_condition_asked_for(condition):
    found = data(dataset="quadratic", condition=condition, n_features=7)
    assert found.X.shape == (7, 7)
    eigenvalues = np.linalg.eigvalsh(found.X.T @ found.X / len(found.X))
    assert eigenvalues[-1] == pytest.approx(1.0, rel=PARITY)
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(condition, rel=ANOTHER_WAY)
    np.testing.assert_allclose(np.linalg.solve(found.X, found.Y), 1.0, rtol=PARITY)


def test_the_rotated_quadratic_keeps_its_spectrum_and_loses_its_axes():
    straight, one, other = (
        data(dataset=name, condition=100.0, n_features=5, seed=seed)
        for name, seed in (("quadratic", 0), ("rotated", 0), ("rotated", 1))
    )
    H = [found.X.T @ found.X / 5 for found in (straight, one, other)]
    spectra = [np.linalg.eigvalsh(h) for h in H]
    np.testing.assert_allclose(spectra[1:], [spectra[0]] * 2, rtol=ANOTHER_WAY)
    assert np.abs(np.triu(H[0], 1)).max() < ROUNDING < 1e-3 < np.abs(np.triu(H[1], 1)).max()
    assert not np.allclose(H[1], H[2])
    assert np.linalg.norm(np.linalg.solve(one.X, one.Y)) == pytest.approx(5**0.5, rel=ANOTHER_WAY)


def test_sawtooth_chebyshev_and_point():
    found = data(dataset="sawtooth", n_samples=5)
    assert found.X[:, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert classes(found).tolist() == [0, 1, 0, 1, 0]
    found = data(dataset="chebyshev", n_samples=21, degree=3)
    x = found.X[:, 0]
    np.testing.assert_allclose(found.Y[:, 0], 4 * x**3 - 3 * x, atol=ROUNDING)
    assert (x[0], x[-1]) == (-1, 1) and found.problem == "regression"
    found = data(dataset="point")
    assert (found.X.tolist(), found.Y.tolist()) == ([[1]], [[0]])


# --- what all data share --------------------------------------------------------------------------


@pytest.mark.parametrize("name", names("dataset"))
def test_every_data_set_has_the_shape_that_the_schema_reckons_with(name):
    model = "linear"
    wanted = config(dataset=name, model=model)
    found = data(dataset=name, model=model, real=load_real(name))
    assert (*found.X.shape, found.Y.shape[1]) == shape(wanted)
    assert found.problem == problem(wanted)


def test_every_data_set_has_a_file():
    assert set(names("dataset")) == {*DATASETS, *SHIPPED}


@pytest.mark.parametrize("name", ["linear", *CLASSED])
def test_the_seed_decides_and_nothing_else(name):
    one, same, other = (data(seed, dataset=name, test_fraction=0.2) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(one[1:], same[1:], strict=True))
    assert not np.array_equal(one.X, other.X)


def test_differs_by_seed_says_whether_nets_of_different_seeds_see_different_data():
    for name in names("dataset"):
        real = load_real(name)
        one, other = (data(seed, dataset=name, real=real, model="linear") for seed in (1, 2))
        differ = not (np.array_equal(one.X, other.X) and np.array_equal(one.Y, other.Y))
        assert differs_by_seed(composed(dataset=name)) == differ
    for change in ({"noise": 0.1}, {"label_noise": 0.5}, {"order": "seed"}):
        knobs = {"dataset": "xor", "n_samples": 40} | change
        one, other = (data(seed, **knobs) for seed in (1, 2))
        assert differs_by_seed(composed(**knobs))
        assert not (np.array_equal(one.X, other.X) and np.array_equal(one.Y, other.Y))
    assert not differs_by_seed(composed(dataset="xor", n_samples=40))


def load_real(name):
    return sources.load({"dataset": name})


def rows(X):
    return {row.tobytes() for row in X}


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("name", ["linear", *CLASSED])
def test_held_out_examples_are_others_and_as_many_as_asked_for(name, fraction):
    found = data(dataset=name, n_samples=90, test_fraction=fraction)
    assert len(found.X) == len(found.Y) == 90 and len(found.X_test) == len(found.Y_test)
    assert len(found.X_test) / (90 + len(found.X_test)) == pytest.approx(fraction, abs=0.01)
    assert not rows(found.X) & rows(found.X_test)


@pytest.mark.parametrize("n_samples", [None, 10])
def test_real_examples_are_split_without_overlap_and_drawn_anew_for_each_seed(n_samples):
    numbered = np.arange(40.0)[:, None], np.arange(40) % 2
    knobs = {"dataset": "breast_cancer", "scaling": "none", "n_samples": n_samples}
    splits = [data(seed, real=numbered, **knobs, test_fraction=0.25) for seed in range(3)]
    for found in splits:
        train, test = found.X[:, 0].tolist(), found.X_test[:, 0].tolist()
        assert len(train) == (n_samples or 30) and len(test) == 10
        assert len({*train, *test}) == len(train) + len(test)
        assert np.array_equal(found.Y[:, 0], found.X[:, 0] % 2)
        assert np.array_equal(found.Y_test[:, 0], found.X_test[:, 0] % 2)
    assert len({tuple(found.X_test[:, 0]) for found in splits}) == 3


def test_more_training_examples_leave_the_held_out_ones_alone():
    numbered = np.arange(40.0)[:, None], np.arange(40) % 2
    knobs = {"dataset": "breast_cancer", "scaling": "none", "test_fraction": 0.25}
    few, many = (data(real=numbered, **knobs, n_samples=n) for n in (5, 20))
    assert np.array_equal(few.X_test, many.X_test)
    assert np.array_equal(few.X, many.X[:5])


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_label_noise_draws_that_share_of_training_labels_anew(rate):
    knobs = {"dataset": "spirals", "n_samples": 20_000, "n_classes": 4, "test_fraction": 0.3}
    clean, noisy = data(**knobs), data(**knobs, label_noise=rate)
    # One in four of the labels that are drawn comes out right.
    wrong = (classes(clean) != classes(noisy)).mean()
    assert abs(wrong - 0.75 * rate) < SIGMAS * 0.5 / np.sqrt(20_000)
    assert np.array_equal(clean.X, noisy.X)
    assert np.array_equal(clean.Y_test, noisy.Y_test)


@pytest.mark.parametrize("scaling", ["none", "centred", "standard"])
def test_scaling_uses_the_training_data_only(scaling):
    knobs = {"dataset": "breast_cancer", "test_fraction": 0.25}
    real = load_real("breast_cancer")
    raw = data(**knobs, scaling="none", real=real)
    scaled = data(**knobs, scaling=scaling, real=real)
    mean = raw.X.mean(axis=0) if scaling != "none" else 0.0
    std = raw.X.std(axis=0) if scaling == "standard" else 1.0
    np.testing.assert_allclose(scaled.X, (raw.X - mean) / std, rtol=PARITY)
    np.testing.assert_allclose(scaled.X_test, (raw.X_test - mean) / std, rtol=PARITY)
    assert np.array_equal(scaled.Y, raw.Y)


def test_a_constant_feature_becomes_zero_and_not_nan():
    real = np.array([[5.0, 1.0], [5.0, 3.0]]), np.array([0, 1])
    found = data(dataset="breast_cancer", scaling="standard", test_fraction=0.0, real=real)
    assert found.X.tolist() == [[0, -1], [0, 1]]


@pytest.mark.parametrize("scaling", ["centred", "standard"])
@pytest.mark.parametrize("value", [14.62, 0.1, 1 / 3, 100.0, -1e-9, 1e100])
@pytest.mark.parametrize("n", [2, 3, 75, 10_000])
def test_a_feature_that_varies_only_by_rounding_is_constant(n, value, scaling):
    X = np.stack([np.full(n + 1, value), np.arange(n + 1.0)], axis=1)
    X[-1, 0] = 1.5 * value
    mean, std = scale(X[:-1], scaling)
    assert (X[:-1, 0] - mean[0] == 0.0).all() and std[0] == 1.0
    assert (X[-1, 0] - mean[0]) / std[0] == pytest.approx(0.5 * value, rel=ROUNDING)
    expected = np.arange(n).std() if scaling == "standard" else 1.0
    assert std[1] == pytest.approx(expected, rel=PARITY)


def test_a_small_feature_is_scaled_as_a_large_one():
    X = np.random.default_rng(0).standard_normal((50, 1))
    for factor in (1e-150, 1e-9, 1e9):
        mean, std = scale(factor * X, "standard")
        assert ((factor * X - mean) / std).std() == pytest.approx(1.0, rel=PARITY)
    mean, std = scale(1e6 + 1e-3 * X, "standard")  # varies by 1e-9 of its size: not rounding
    assert std == pytest.approx(1e-3 * X.std(), rel=1e-5)


def test_one_seed_is_one_data_set_whatever_learns_from_it():
    choices = {"dataset": "moons", "test_fraction": 0.2, "seeds": 3, "epochs": 1}
    others = [
        {"width": 2}, {"width": 50, "depth": 3}, {"activation": "relu", "init": "normal"},
        {"lr": 0.01, "optimizer": "adam", "batch_size": 7}, {"model": "logistic"},
        {"model": "perceptron"},
    ]  # fmt: skip
    seen = []
    for other in others:
        (cut,) = stacks.cut({0: config(**choices | other)}, size=3)
        seen.append(stacks.trainer(cut).data)
    for found in seen[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[1:], seen[0][1:], strict=True))
    (cut,) = stacks.cut({0: config(**choices | {"seed": 2, "seeds": 1})})
    assert np.array_equal(stacks.trainer(cut).data.X, seen[0].X[2])


def test_one_seed_is_one_initialization_whatever_the_data():
    thetas = []
    for name in ("moons", "circles", "xor"):
        (cut,) = stacks.cut({0: config(dataset=name, seeds=3, epochs=1)})
        thetas.append(stacks.trainer(cut).stack.theta)
    assert np.array_equal(thetas[0], thetas[1]) and np.array_equal(thetas[0], thetas[2])


# --- data that are not what was asked for ---------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda rng, n: (np.zeros((n - 1, 1)), np.zeros(n - 1, int)), r"must make 10 examples.*9"),
        (lambda rng, n: (np.zeros((2 * n, 1)), np.zeros(2 * n, int)), r"must make 10 examples.*20"),
        (lambda rng, n: (np.zeros((n, 1)), np.zeros(n + 1, int)), r"got \(10, 1\) and \(11,\)"),
        (lambda rng, n: (np.zeros((n, 2)), np.zeros(n, int)), r"got \(10, 2\) and"),
        (lambda rng, n: (np.zeros((n, 1)), np.arange(n)), r"from 0 to 1; got \[2, 3, 4"),
        (lambda rng, n: (np.zeros((n, 1)), np.full(n, -1)), r"from 0 to 1; got \[-1\]"),
        (lambda rng, n: (np.zeros((n, 1)), np.full(n, 0.5)), r"from 0 to 1; got \[0.5\]"),
    ],
)
def test_a_generator_that_breaks_its_contract_is_named(monkeypatch, make, said):
    monkeypatch.setitem(DATASETS, "point", DATASETS["point"]._replace(make=make))
    with pytest.raises(ValueError, match=said):
        data(dataset="point", n_samples=10)


def test_a_class_without_examples_is_refused():
    X = np.arange(9.0)[:, None]
    for labels in ([1, 2, 3], [0, 2, 3]):
        with pytest.raises(ValueError, match=r"labels of 3 classes must be from 0 to 2; got \[3\]"):
            data(dataset="digits", real=(X, np.repeat(labels, 3)), n_samples=5)


def test_a_split_with_one_class_is_refused():
    real = np.arange(40.0)[:, None], (np.arange(40) == 7).astype(int)
    with pytest.raises(
        ValueError, match="all 3 training examples are of one class; use more n_sam"
    ):
        data(dataset="breast_cancer", real=real, n_samples=3)


# --- splits that leave a class out ----------------------------------------------------------------


@pytest.mark.parametrize(("n_classes", "n_samples"), [(2, 9), (10, 10), (10, 4), (10, 2)])
def test_the_classes_of_which_a_split_has_no_example_are_counted(n_classes, n_samples):
    labels = np.arange(20) % n_classes
    real = np.arange(20.0)[:, None], labels
    knobs = {"dataset": "digits", "scaling": "none", "n_samples": n_samples, "test_fraction": 0.5}
    splits = [data(seed, real=real, **knobs) for seed in range(9)]
    for found in splits:
        y, y_test = (
            np.unique(Y.argmax(axis=1) if n_classes > 2 else Y[:, 0])
            for Y in (found.Y, found.Y_test)
        )
        missing = missing_classes(found)
        assert missing["train"] == n_classes - len(y)
        assert missing["test"] == n_classes - len(y_test)
    together = missing_classes(stack(splits))
    assert together["train"].tolist() == [missing_classes(one)["train"] for one in splits]


def test_a_part_that_does_not_exist_lacks_no_class():
    assert missing_classes(data(dataset="moons")) == {"train": 0}
