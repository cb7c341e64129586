"""Training and evaluation of one net, with 32 of its examples side by side: `kernel.py`, turned.

Here the last index of arrays, r, is the example. So weights are loaded once for all of them, and
nets with hundreds of weights are computed at the rate at which the processor multiplies and adds.
Sums over examples go example by example, with HALF units side by side:

    dL/dW_dh += a_dr dz_rh,   dL/db_h += dz_rh   for r = 0, 1, ...

The order of operations is that of `kernel.py`, so the bits are the same. `descend`, `find_wrong`
and `note_outputs` take the places of its own where nets go one by one (`intrinsics.py`).
"""

from scratchml.addresses import call, fill, flat, floats, half, keep, lanes, spread, turn, whole
from scratchml.job import BLOCK, HALF, SCRATCH, SQUARE, WRONG, halves_of


def take(job, block, at, width, of_a_net, net, i, epoch):
    """block (width, BLOCK) <- examples i, i + 1, ... of a net; the last stands for later ones."""
    examples, squares = floats(at, (1,)), 0
    if job.orders == 0 and i + BLOCK <= job.examples:
        squares = width - width % SQUARE
        for r in range(0, BLOCK, SQUARE):
            for d in range(0, squares, SQUARE):
                start = net * of_a_net + (i + r) * width + d
                turn(examples, start, width, block, d * BLOCK + r, BLOCK)
    if squares == width:
        return
    orders = whole(job.orders, (job.epochs, job.nets, job.examples))
    for r in range(BLOCK):
        n = min(i + r, job.examples - 1)
        if job.orders != 0:
            n = orders[epoch, net, n]
        start = net * of_a_net + n * width
        for d in range(squares, width):
            block[d, r] = examples[start + d]


def forward(job, Z, A, theta):
    """Z and A of all units, from the A of the inputs."""
    scratch = floats(job.scratch, (SCRATCH, BLOCK))
    table, theta = whole(job.table, (job.layers, 6)), flat(theta)
    for layer in range(job.layers):
        D, H, W, b, below, u = table[layer]
        for h in range(H):
            z = spread(0.0)
            for d in range(D):
                z = z + lanes(A, below + d) * spread(theta[W + d * H + h])
            if b >= 0:
                z = z + spread(theta[b + h])
            keep(Z, u + h, z)
        if layer < job.layers - 1:
            call(job.f, Z, u, Z, u, A, u, scratch, 0, H, 0)


def backward(job, Z, A, dZ, df, w_back, totals, here):
    """Adds dL/dtheta of `here` examples to the totals, from dZ of the outputs."""
    scratch = floats(job.scratch, (SCRATCH, BLOCK))
    table, w_back, at = whole(job.table, (job.layers, 6)), flat(w_back), 0
    for layer in range(job.layers - 1, -1, -1):
        D, H, W, _, below, u = table[layer]
        at = add_products(job, A, below, D, dZ, u, H, totals, at, here)
        if layer > 0:
            call(job.slope, Z, below, A, below, df, below, scratch, 0, D, 0)
            for d in range(D):
                da = spread(0.0)
                for h in range(H):
                    da = da + lanes(dZ, u + h) * spread(w_back[W + d * H + h])
                keep(dZ, below + d, da * lanes(df, below + d))


def add_products(job, A, below, D, dZ, u, H, totals, at, here):
    """Adds sum_r a_dr dz_hr of a layer to the totals, and behind them sum_r dz_hr, where a is 1.

    The totals of each d fill whole halves; those past the last unit mean nothing. Returns where
    those of the next layer begin.
    """
    halves = halves_of(H)
    turned = floats(job.turned, (BLOCK * halves, HALF))
    for r in range(0, BLOCK, SQUARE):
        for h in range(0, H, SQUARE):
            start = (u + h) * BLOCK + r
            turn(dZ, start, BLOCK, turned, r * halves * HALF + h, halves * HALF)
    for j in range(halves):
        for d in range(0, D + 1, 2):  # two at a time: the processor would have to wait for one
            e = min(d + 1, D)
            x, y = below + d if d < D else job.units, below + e if e < D else job.units
            p, q = at + d * halves + j, at + e * halves + j
            one, two = half(totals, p), half(totals, q)
            for r in range(here):
                dz = half(turned, r * halves + j)
                one = one + fill(A[x, r]) * dz
                two = two + fill(A[y, r]) * dz
            keep(totals, p, one)
            keep(totals, q, two)
    return at + (D + 1) * halves


def collect(job, totals, gradient):
    """The gradient, from the totals of all examples."""
    table, at = whole(job.table, (job.layers, 6)), 0
    totals, gradient = flat(totals), flat(gradient)
    for layer in range(job.layers - 1, -1, -1):
        D, H, W, b, _, _ = table[layer]
        width = halves_of(H) * HALF
        for d in range(D):
            for h in range(H):
                gradient[W + d * H + h] = totals[at + d * width + h]
        if b >= 0:
            for h in range(H):
                gradient[b + h] = totals[at + D * width + h]
        at += (D + 1) * width


def descend(job, net, start, stop, epoch, theta, w_back, gradient, nets):
    """The gradient of the mean loss over examples start, ..., stop - 1; mistakes are counted."""
    U, K = job.units, job.outputs
    Z, A, dZ = floats(job.z, (U, BLOCK)), floats(job.a, (U + 1, BLOCK)), floats(job.dz, (U, BLOCK))
    df, Y = floats(job.df, (U, BLOCK)), floats(job.y, (U, BLOCK))
    scratch, totals = floats(job.scratch, (SCRATCH, BLOCK)), floats(job.totals, (job.halves, HALF))
    keep(A, U, spread(1.0))  # the input that biases belong to
    n, last = spread(float(stop - start)), U - K
    for p in range(job.parameters):
        gradient[p, 0] = 0.0  # of what no example changes, as fixed weights on the way back
    for p in range(job.halves):
        keep(totals, p, fill(0.0))
    for i in range(start, stop, BLOCK):
        here = min(BLOCK, stop - i)
        take(job, A, job.X, job.inputs, job.X_net, net, i, epoch)
        take(job, Y, job.Y, K, job.Y_net, net, i, epoch)
        forward(job, Z, A, theta)
        call(job.loss, Z, last, Y, 0, dZ, last, scratch, 0, K, 0)
        for k in range(last, U):
            keep(dZ, k, lanes(dZ, k) / n)
        if job.weights != 0:
            take(job, scratch, job.weights, 1, job.weights_net, net, i, epoch)
            for k in range(last, U):
                keep(dZ, k, lanes(dZ, k) * lanes(scratch, 0))
        if job.mistakes != 0:
            for k in range(last, U):
                for r in range(here):
                    nets[WRONG, 0] += dZ[k, r] != 0.0
        backward(job, Z, A, dZ, df, w_back, totals, here)
    collect(job, totals, gradient)


def find_wrong(job, net, epoch, theta, nets):
    """WRONG <- 1 for a net with an output that is not within the tolerance of its target."""
    U, last = job.units, job.units - job.outputs
    Z, A, Y = floats(job.z, (U, BLOCK)), floats(job.a, (U, BLOCK)), floats(job.y, (U, BLOCK))
    scratch, near = floats(job.scratch, (SCRATCH, BLOCK)), floats(job.tolerance, (1,))[0]
    nets[WRONG, 0] = 0.0
    for i in range(0, job.examples, BLOCK):
        take(job, A, job.X, job.inputs, job.X_net, net, i, epoch)
        take(job, Y, job.Y, job.outputs, job.Y_net, net, i, epoch)
        forward(job, Z, A, theta)
        call(job.output, Z, last, Z, last, A, last, scratch, 0, job.outputs, 0)
        for k in range(job.outputs):
            for r in range(BLOCK):  # past the last example it is there again
                if not abs(A[last + k, r] - Y[k, r]) < near:
                    nets[WRONG, 0] = 1.0
        if nets[WRONG, 0] != 0.0:
            return


def note_outputs(job, net, theta):
    """Z and A of a net, of all layers and examples."""
    U, N = job.units, job.examples
    Z, A = floats(job.z, (U, BLOCK)), floats(job.a, (U, BLOCK))
    size = (job.nets * N * (U - job.inputs),)
    sums, outs = floats(job.sums, size), floats(job.outs, size)
    table = whole(job.table, (job.layers, 6))
    for i in range(0, N, BLOCK):
        take(job, A, job.X, job.inputs, job.X_net, net, i, 0)
        forward(job, Z, A, theta)
        for layer in range(job.layers):
            _, H, _, _, _, u = table[layer]
            start = ((u - job.inputs) * job.nets + net * H) * N + i * H
            for r in range(min(BLOCK, N - i)):
                for h in range(H):
                    at = start + r * H + h
                    sums[at], outs[at] = Z[u + h, r], A[u + h, r]


def multiply(job):
    """sums <- X theta of each net, in order: (nets, N, width).

    X is (N, D), or (nets, N, D), and theta (nets, D, width) with a width of `halves` times HALF.
    """
    N, D, halves = job.examples, job.inputs, job.halves
    A, B = floats(job.X, (1,)), floats(job.theta, (job.nets * D * halves, HALF))
    sums = floats(job.sums, (job.nets * N * halves, HALF))
    for net in range(job.nets):
        for n in range(N):
            start = net * job.X_net + n * D
            for j in range(halves):
                one = fill(0.0)
                for d in range(D):
                    one = one + fill(A[start + d]) * half(B, (net * D + d) * halves + j)
                keep(sums, (net * N + n) * halves + j, one)
