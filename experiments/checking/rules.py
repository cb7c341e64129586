"""Checks of optimizers, initializers, data sets, diagnostics and stop rules."""

from collections.abc import Iterator

import numpy as np

from experiments.checking.looking import NETS, SMOOTH, Entry, evaluation, of_nets, rng, same
from experiments.schema.defaults import defaults
from experiments.schema.own_datasets import USUAL
from experiments.schema.sources import source
from scratchml import sampling
from scratchml.activations import ACTIVATIONS
from scratchml.parameters import layer_shapes
from scratchml.training import DATA, stream

PARAMETERS, STEPS = 5, 4
# Knobs of a data set for which its function has no defaults.
KNOBS = USUAL | {"noise": 0.1, "inputs": 2, "table": 6, "condition": 10.0, "coding": "binary",
                 "order": "given", "degree": 2}  # fmt: skip
SHAPES = (layer_shapes((2, 4, 1)), layer_shapes((3, 2, 2, 2)))


def optimizer_steps(entry: Entry) -> Iterator[str]:
    """Steps in place, each net by itself, downhill, also from a gradient of 0."""
    if entry.row.direction is not None:
        chosen = {"convex": entry.row.needs_convex}
        along = evaluation(**chosen).gradient
        yield from of_nets(entry, entry.row.direction, lambda nets: entry.row.direction(
            evaluation(nets, **chosen), along[nets]))  # fmt: skip
    start = rng().standard_normal((NETS, PARAMETERS))
    gradient = rng().standard_normal((NETS, PARAMETERS)) + 2.0
    step = entry.row.step
    yield from of_nets(entry, step, lambda nets: _trained(entry, start[nets], gradient[nets], nets))
    moved = _trained(entry, start, gradient, steps=1, lr=1e-3) - start
    if not moved.any():
        yield f"{entry.at(step)} changes nothing: write theta -= ..., which changes it in place"
    elif ((moved * gradient).sum(axis=1) >= 0.0).any():
        yield f"{entry.at(step)} goes uphill: a step must go against the gradient"
    if not np.isfinite(_trained(entry, start, np.zeros_like(start))).all():
        yield f"{entry.at(step)} is not finite where the gradient is 0"


def optimizer_facts(entry: Entry) -> Iterator[str]:
    """Whether momentum counts, as the row says."""
    start, gradient = np.ones((1, PARAMETERS)), np.arange(1.0, PARAMETERS + 1)[None]
    one, other = (_trained(entry, start, gradient, momentum=m) for m in (0.3, 0.8))
    if entry.row.uses_momentum and same(one, other):
        yield f"{entry.at(entry.row.step)} has uses_momentum=True, and momentum changes nothing"
    if not entry.row.uses_momentum and not same(one, other):
        yield f"{entry.at(entry.row.step)} uses momentum: say so, with uses_momentum=True"


def _trained(entry, start, gradient, nets=slice(None), steps=STEPS, lr=0.1, momentum=0.9):
    """theta after some steps; each net has a learning rate of its own."""
    theta = start.copy()
    slots = [np.zeros_like(theta) for _ in range(entry.row.slots)]
    rates = (lr * np.arange(1.0, NETS + 1))[:, None][nets][: len(theta)]
    momenta = np.full((len(theta), 1), momentum)
    for t in range(1, steps + 1):
        entry.row.step(theta, gradient / t, slots, rates, momenta, t)
    return theta


def initializer_draws(entry: Entry) -> Iterator[str]:
    """Weights from the generator alone, for nets of several shapes."""
    f, name = entry.row.f, entry.at(entry.row.f)
    for shapes in SHAPES:
        if list(entry.row.constraints(dict(defaults()), (4, 2, 1))):
            return  # it is for other nets
        one, again, double = (f(rng(), shapes, scale) for scale in (1.0, 1.0, 2.0))
        if not same(one, again):
            yield f"{name} returns other weights for the same rng: draw from rng alone"
            return
    if entry.row.scaled and same(one, double) and one.any():
        yield f"{name} does not depend on scale: say so, Initializer(f, scaled=False)"
    if not entry.row.scaled and not same(one, double):
        yield f"{name} depends on scale: leave scaled=False out"


def data_are_made(entry: Entry) -> Iterator[str]:
    """Examples as the harness samples them, the same from the same generator."""
    make, knobs = entry.row.make, _knobs(entry)
    wrong = list(source(entry.key).constraints(knobs))
    if wrong:
        yield from (f"{entry.at(make)}: with the defaults of its arguments, {one}" for one in wrong)
        return
    one, again = (sampling.sample(knobs, stream(0, DATA)) for _ in range(2))
    other = sampling.sample(knobs, stream(1, DATA))
    if not all(same(a, b) for a, b in zip(one[1:3], again[1:3], strict=True)):
        yield f"{entry.at(make)} makes other examples from the same rng: draw from rng alone"
    elif entry.row.drawn and same(one.X, other.X) and same(one.Y, other.Y):
        yield f"{entry.at(make)} does not draw from rng: say so, Dataset(..., drawn=False)"
    if one.problem != "regression" and len(np.unique(one.Y)) < 2 <= len(one.Y):
        yield f"{entry.at(make)} has one class alone among {len(one.Y)} examples"


def _knobs(entry):
    """The knobs of a data set as a command without more words has them."""
    knobs = dict(defaults(entry.key))
    for knob in entry.row.knobs:
        knobs[knob] = KNOBS.get(knob) if knobs[knob] is None else knobs[knob]
    if knobs["n_samples"] is None and entry.row.size is None:
        knobs["n_samples"] = 40
    return knobs


def measured(entry: Entry) -> Iterator[str]:
    """A diagnostic of small nets, each net by itself."""
    needs = entry.row.needs
    chosen = {"activation": next((need for need in needs if need in ACTIVATIONS), SMOOTH)}
    chosen["inputs"] = 1 if "one_input" in needs else 2
    yield from of_nets(entry, entry.row.f, lambda nets: entry.row.f(evaluation(nets, **chosen)))
    yield from _left_alone(entry, lambda at: entry.row.f(at), **chosen)


def stops(entry: Entry) -> Iterator[str]:
    """A stop rule of small nets, each net by itself."""
    at = 1.0 if entry.row.needs_stop_at else None

    def call(nets):
        where = evaluation(nets)
        memory = np.tile(entry.row.memory, (len(where.theta), 1))
        return [*np.array([entry.row.f(where, at, memory) for _ in range(3)]).T]

    yield from of_nets(entry, entry.row.f, lambda nets: np.array(call(nets)))
    memory = np.tile(entry.row.memory, (NETS, 1))
    yield from _left_alone(entry, lambda where: entry.row.f(where, at, memory))


def _left_alone(entry, call, **chosen):
    """A sentence if a function changes what an Evaluation has computed."""
    before, after = evaluation(**chosen), evaluation(**chosen)
    _ = after.forward, after.gradient, after.net
    call(after)
    arrays = (("theta", lambda at: at.theta), ("the gradient", lambda at: at.gradient),
              ("the outputs", lambda at: at.forward[0]))  # fmt: skip
    for name, of in arrays:
        if not same(of(before), of(after)):
            yield f"{entry.at(entry.row.f)} changes {name} of the nets that it looks at"
