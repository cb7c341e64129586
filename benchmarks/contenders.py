"""Trains stacks of nets in one way, and prints how many seconds a step of the stack took."""

import json
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from experiments.process import startup

CORES = 2


def examples(n, sizes):
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, sizes[0]))
    y = rng.integers(0, max(2, sizes[-1]), n)
    return X, (y[:, None].astype(float) if sizes[-1] == 1 else np.eye(sizes[-1])[y]), y


def ours_on_one_core(nets, n, sizes, steps, activation):
    """(begin, end) of `steps` epochs of `nets` nets, in the machine's own time."""
    startup.computing()
    import numpy as np

    from experiments.running.stacks import LARGEST
    from scratchml.initializers import uniform
    from scratchml.mlp import MLP
    from scratchml.sampling import Data
    from scratchml.training import Plan, Trainer

    X, Y, _ = examples(n, sizes)
    output = "sigmoid" if sizes[-1] == 1 else "softmax"
    model = MLP(tuple(sizes), activation, output)
    rng = np.random.default_rng(1)
    theta = np.stack([uniform(rng, model.shapes, 0.5) for _ in range(nets)])
    problem = "binary" if sizes[-1] == 1 else "multiclass"

    size = max(1, LARGEST // (8 * n * sum(sizes)))  # as a sweep cuts its stacks

    def train(epochs):
        plan = Plan("cross_entropy", "sgd", epochs, lr=0.1, momentum=0.0, l2=0.0, records=2)
        for first in range(0, nets, size):
            some = theta[first : first + size]
            trainer = Trainer(model, some, Data(problem, X, Y), plan, [rng] * len(some))
            for _ in trainer.run():
                pass

    train(5)
    begin = time.time()
    train(steps)
    return begin, time.time()


def limit(nets, n, sizes, steps, activation):
    """A step's operations, if both cores did nothing else than additions and multiplications."""
    from benchmarks.limit import a_second, operations
    from scratchml import compiling
    from scratchml.mlp import MLP

    compiling.allow()
    output = "sigmoid" if sizes[-1] == 1 else "softmax"
    a_second(0.1)
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        list(pool.map(a_second, [0.5] * CORES))
        rate = sum(pool.map(a_second, [1.0] * CORES))
    return nets * operations(MLP(tuple(sizes), activation, output), n) / rate


def ours(nets, n, sizes, steps, activation):
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        list(pool.map(_ready, [activation] * CORES))
        jobs = [pool.submit(ours_on_one_core, nets // CORES, n, sizes, steps, activation)
                for _ in range(CORES)]  # fmt: skip
        times = [job.result() for job in jobs]
    return (max(end for _, end in times) - min(begin for begin, _ in times)) / steps


def _ready(activation):
    """Imports all that training needs, in each process, so that both begin together."""
    ours_on_one_core(2, 4, (2, 2, 1), 1, activation)
    time.sleep(0.5)  # in which the other process takes the other call


def jax(nets, n, sizes, steps, activation):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, Y, _ = map(jnp.asarray, examples(n, sizes))
    f = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}[activation]

    def loss(params):
        A = X
        for W, b in params[:-1]:
            A = f(A @ W + b)
        Z = A @ params[-1][0] + params[-1][1]
        if sizes[-1] == 1:
            return jnp.mean(jnp.logaddexp(0.0, Z) - Y * Z)
        return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(Z), axis=-1))

    def step(params, _):
        gradient = jax.grad(loss)(params)
        return jax.tree.map(lambda p, g: p - 0.1 * g, params, gradient), None

    @jax.jit
    def train(params):
        return jax.lax.scan(jax.vmap(step, in_axes=(0, None)), params, None, length=steps)[0]

    keys = jax.random.split(jax.random.key(0), len(sizes))
    params = [
        (jax.random.uniform(k, (nets, d, h), minval=-0.5, maxval=0.5), jnp.zeros((nets, h)))
        for k, d, h in zip(keys, sizes, sizes[1:], strict=False)
    ]
    jax.block_until_ready(train(params))
    begin = time.perf_counter()
    jax.block_until_ready(train(params))
    return (time.perf_counter() - begin) / steps


def sklearn(nets, n, sizes, steps, activation):
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    X, _, y = examples(n, sizes)
    names = {"sigmoid": "logistic"}
    net = MLPClassifier(
        sizes[1:-1], activation=names.get(activation, activation), solver="sgd", batch_size=n,
        momentum=0.0, alpha=0.0, learning_rate_init=0.1, max_iter=steps, tol=0.0,
        n_iter_no_change=steps,
    )  # fmt: skip
    begin = time.perf_counter()
    net.fit(X, y)
    return nets * (time.perf_counter() - begin) / steps


if __name__ == "__main__":
    startup.computing()
    contender, (nets, n, sizes), steps, activation = json.loads(sys.argv[1])
    print(globals()[contender](nets, n, sizes, steps, activation))
