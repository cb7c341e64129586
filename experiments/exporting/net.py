"""A net of a run as files that need NumPy alone, with the scaling of its data."""

import numpy as np

from experiments.errors import UserError
from experiments.models import MODELS
from experiments.running import stacks
from experiments.running.arrays import digests
from experiments.schema import own_entries
from experiments.schema.sources import load, source
from experiments.tracking.errors import damaged
from experiments.tracking.layout import DIGEST, NETS_FILE, SEED, WEIGHTS
from scratchml import portable, sampling
from scratchml.scaling import FILLS, fills, scale
from scratchml.training import DATA, stream


def write(folder, run, config, arrays, index):
    """Writes one of a run's nets with its scaling, see `portable`; returns its data, unscaled.

    Raises:
        Damaged: Its weights are not those of its model.
        UserError: Its data do not come out as they were.
    """
    knobs = config.knobs() | {"model": MODELS[config.model].like}
    seed = int(arrays[SEED][index])
    data, *scaling, units = sampled_again(run, config, seed, arrays[DIGEST][index])
    described = source(config.dataset).description(knobs) or {}
    weights = {
        name.removeprefix(WEIGHTS): array[index]
        for name, array in arrays.items()
        if name.startswith(WEIGHTS)
    }
    try:
        columns, code = described.get("columns", ()), code_of(config)
        portable.save(folder, knobs, data, weights, *scaling, columns, code, units)
    except ValueError as error:
        raise damaged(NETS_FILE, run, error) from error
    return data


def code_of(config):
    """{name: text} of the file of the user's own that has a net's activation, if one has it."""
    code = own_entries.owner("activation", config.activation)
    return {} if code is None else {code.name: code.text}


def sampled_again(run, config, seed, digest):
    """A net's data in their own units, and mean, std, fill and units as in `portable.Net`.

    Raises:
        UserError: They were scaled or filled, and do not come out as they were.
    """
    real = load(config.knobs())
    knobs, units = config.knobs() | {"scaling": "none", "target_scaling": "none"}, None
    data, fill = sampling.sample(knobs, stream(seed, DATA), seed, real), None
    if config.missing in FILLS:
        gaps = sampling.sample(knobs | {"missing": None}, stream(seed, DATA), seed, real)
        fill = fills(gaps.X, config.missing)
    mean, std = scale(data.X, config.scaling)
    if real is not None or {config.scaling, config.target_scaling} != {"none"}:
        scaled = sampling.sample(config.knobs(), stream(seed, DATA), seed, real)
        one = stacks.Task((stacks.Part(0, config, seed, 1),), {})
        same, units = np.array_equal(digests(one, scaled)[0], digest), scaled.units
        if not same or not np.array_equal((data.X - mean) / std, scaled.X):
            raise UserError(
                f"the data of seed {seed} do not come out as they did when run {run.id} was "
                "trained, so that its scaling is lost; train it again with this version"
            )
    return data, mean, std, fill, units
