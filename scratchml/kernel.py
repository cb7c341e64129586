"""Training and evaluation of small nets, as loops that are compiled: `plain.py` for many nets.

The nets of a block, 32 or one, go through the loops side by side, one example after the other, so
that their numbers stay in the fastest memory of the processor. The last index of arrays, r, is the
net. A net that has ended is stored at once; its lane goes on with numbers that nobody reads.

The order of operations is that of `mlp.py` with `arithmetic.IN_ORDER`, so the bits are the same:

    z_h = sum_d a_d W_dh + b_h,   a = f(z);      dL/dW_dh += a_d dz_h,   dL/db_h += dz_h,
    dz_d = (sum_h dz_h W_dh) f'(z_d);            g += l2 W,   theta -= lr g, or as the row says

Where nets go one by one, and a step has many examples, `wide.py` takes these side by side.

The functions are Python that Numba compiles; nothing calls them uncompiled. The functions of rows
have been compiled each by itself: `call` calls one by its address for rows of three arrays. Units
are numbered from the inputs to the outputs. `compiled.py` fills in a JOB, and calls `train`,
`differentiate`, `evaluate` and `solve`.
"""

from scratchml.addresses import call, floats, keep, lanes, spread, whole
from scratchml.job import (
    BLOCK,
    FREE,
    L2,
    LR,
    MOMENTUM,
    SCRATCH,
    WEIGHT,
    WRONG,
    copy,
    load,
    store,
    take,
)
from scratchml.noted import count, leave, measure, note_solved, undo

NARROW = 64  # weights of a layer up to which its sums are computed one after the other


def forward(job, Z, A, theta):
    """Z and A of all units, from the A of the inputs."""
    scratch = floats(job.scratch, (SCRATCH, BLOCK))
    table = whole(job.table, (job.layers, 6))
    for layer in range(job.layers):
        D, H, W, b, below, u = table[layer]
        if D * H <= NARROW or H == 1:
            for h in range(H):
                z = spread(0.0)
                for d in range(D):
                    z = z + lanes(A, below + d) * lanes(theta, W + d * H + h)
                keep(Z, u + h, z)
        else:  # all sums at once, weight by weight as they lie in memory
            for h in range(H):
                keep(Z, u + h, spread(0.0))
            for d in range(D):
                a = lanes(A, below + d)
                for h in range(H):
                    keep(Z, u + h, lanes(Z, u + h) + a * lanes(theta, W + d * H + h))
        if b >= 0:
            for h in range(H):
                keep(Z, u + h, lanes(Z, u + h) + lanes(theta, b + h))
        if layer < job.layers - 1:
            call(job.f, Z, u, Z, u, A, u, scratch, 0, H, 0)


def backward(job, Z, A, dZ, df, w_back, gradient):
    """Adds one example's dL/dtheta to the gradient, from dZ of the outputs."""
    scratch = floats(job.scratch, (SCRATCH, BLOCK))
    table = whole(job.table, (job.layers, 6))
    for layer in range(job.layers - 1, -1, -1):
        D, H, W, b, below, u = table[layer]
        if b >= 0:
            for h in range(H):
                keep(gradient, b + h, lanes(gradient, b + h) + lanes(dZ, u + h))
        if layer > 0:
            call(job.slope, Z, below, A, below, df, below, scratch, 0, D, 0)
        for d in range(D):
            a, da = lanes(A, below + d), spread(0.0)
            for h in range(H):
                w, dz = W + d * H + h, lanes(dZ, u + h)
                keep(gradient, w, lanes(gradient, w) + a * dz)
                if layer > 0:
                    da = da + dz * lanes(w_back, w)
            if layer > 0:
                keep(dZ, below + d, da * lanes(df, below + d))


def descend(job, first, start, stop, epoch, theta, w_back, gradient, nets):
    """The gradient of the mean loss over examples start, ..., stop - 1; mistakes are counted."""
    U, K = job.units, job.outputs
    Z, A, dZ = floats(job.z, (U, BLOCK)), floats(job.a, (U, BLOCK)), floats(job.dz, (U, BLOCK))
    df, Y = floats(job.df, (U, BLOCK)), floats(job.y, (U, BLOCK))
    scratch = floats(job.scratch, (SCRATCH, BLOCK))
    n, last = spread(float(stop - start)), U - K
    for p in range(job.parameters):
        keep(gradient, p, spread(0.0))
    for i in range(start, stop):
        take(job, A, job.X, job.inputs, job.X_net, first, i, epoch)
        take(job, Y, job.Y, K, job.Y_net, first, i, epoch)
        forward(job, Z, A, theta)
        call(job.loss, Z, last, Y, 0, dZ, last, scratch, 0, K, 0)
        for k in range(last, U):
            keep(dZ, k, lanes(dZ, k) / n)
        if job.weights != 0:
            take(job, nets[WEIGHT : WEIGHT + 1], job.weights, 1, job.weights_net, first, i, epoch)
            for k in range(last, U):
                keep(dZ, k, lanes(dZ, k) * lanes(nets, WEIGHT))
        if job.mistakes != 0:
            for k in range(last, U):
                for r in range(BLOCK):
                    nets[WRONG, r] += dZ[k, r] != 0.0
        backward(job, Z, A, dZ, df, w_back, gradient)


def go_back_by(job, theta, own):
    """The weights through which signals go back: those of the way forward, or as `back` says."""
    if job.back == 0:
        return theta
    table = whole(job.table, (job.layers, 6))
    feedback = job.parameters
    for layer in range(job.layers - 1, 0, -1):  # F2, F3, ... stand behind all other parameters
        D, H, W, _, _, _ = table[layer]
        feedback -= D * H
        call(job.back, theta, W, theta, feedback, own, W, theta, 0, D * H, 0)
    return own


def change(job, gradient, changed):
    """The gradient that a wrong backpropagation makes of the right one (`backprop.py`)."""
    if job.source != 0:
        source = whole(job.source, (job.parameters,))
        copy(changed, gradient)
        for p in range(job.parameters):
            keep(gradient, p, spread(0.0))
            if source[p] > 0:
                keep(gradient, p, lanes(changed, source[p] - 1))


def update(job, t, theta, gradient, before, slots, nets):
    """Step t of the optimizer, with penalty; `before` keeps theta."""
    if job.penalized != 0:
        penalized = floats(job.penalized, (job.parameters,))
        for p in range(job.parameters):
            factor = lanes(nets, L2) * spread(penalized[p])
            keep(gradient, p, lanes(gradient, p) + factor * lanes(theta, p))
    copy(before, theta)
    call(job.step, theta, 0, gradient, 0, slots, 0, nets, LR, job.parameters, t)


def find_wrong(job, first, epoch, theta, nets):
    """WRONG <- 1 for nets with an output that is not within the tolerance of its target."""
    U, last = job.units, job.units - job.outputs
    Z, A, Y = floats(job.z, (U, BLOCK)), floats(job.a, (U, BLOCK)), floats(job.y, (U, BLOCK))
    scratch, near = floats(job.scratch, (SCRATCH, BLOCK)), floats(job.tolerance, (1,))[0]
    keep(nets, WRONG, spread(0.0))
    i, wrong = 0, 0
    while i < job.examples and wrong < BLOCK:
        take(job, A, job.X, job.inputs, job.X_net, first, i, epoch)
        take(job, Y, job.Y, job.outputs, job.Y_net, first, i, epoch)
        forward(job, Z, A, theta)
        call(job.output, Z, last, Z, last, A, last, scratch, 0, job.outputs, 0)
        i, wrong = i + 1, 0
        for r in range(BLOCK):
            for k in range(job.outputs):
                if not abs(A[last + k, r] - Y[k, r]) < near:
                    nets[WRONG, r] = 1.0
            wrong += int(nets[WRONG, r])


def train(job):
    """Trains all nets for `epochs` epochs, each net until it diverges or stops."""
    P, N = job.parameters, job.examples
    theta, gradient = floats(job.w, (P, BLOCK)), floats(job.g, (P, BLOCK))
    before, changed = floats(job.w_before, (P, BLOCK)), floats(job.g_before, (P, BLOCK))
    w_back, nets = floats(job.w_back, (P, BLOCK)), floats(job.lanes, (FREE + 1, BLOCK))
    slots = floats(job.s, (job.slots * P, BLOCK))
    checkpoint_at = whole(job.checkpoint_at, (job.checkpoints,))
    for first in range(job.first, job.last, BLOCK):
        load(theta, job.theta, first, job.nets)
        load(nets[LR : LR + 1], job.lr, first, job.nets)
        load(nets[MOMENTUM : MOMENTUM + 1], job.momentum, first, job.nets)
        load(nets[L2 : L2 + 1], job.l2, first, job.nets)
        for slot in range(job.slots):
            at = job.slot + 8 * slot * job.nets * P
            load(slots[slot * P : slot * P + P], at, first, job.nets)
        t, passed, learning = job.steps, 0, BLOCK
        for epoch in range(job.epochs):
            ended = False
            keep(nets, WRONG, spread(0.0))
            for start in range(0, N, job.batch):
                t, stop = t + 1, min(start + job.batch, N)
                back = go_back_by(job, theta, w_back)
                descend(job, first, start, stop, epoch, theta, back, gradient, nets)
                change(job, gradient, changed)
                update(job, t, theta, gradient, before, slots, nets)
                ended |= undo(job, first, epoch, theta, before, nets)
                if job.mistakes != 0:
                    measure(job, first, epoch, theta, nets)
            if job.mistakes != 0:
                count(job, first, epoch, nets)
            if passed < job.checkpoints and checkpoint_at[passed] == epoch + 1:
                passed += 1
                find_wrong(job, first, epoch, theta, nets)
                ended |= note_solved(job, first, epoch, nets)
            if ended:
                learning = leave(job, first, epoch, theta, slots)
            if learning == 0:
                break
        leave(job, first, -1, theta, slots)


def differentiate(job):
    """The gradient of all nets on all examples, without penalty."""
    P = job.parameters
    theta, gradient = floats(job.w, (P, BLOCK)), floats(job.g, (P, BLOCK))
    w_back, changed = floats(job.w_back, (P, BLOCK)), floats(job.g_before, (P, BLOCK))
    nets = floats(job.lanes, (FREE + 1, BLOCK))
    for first in range(job.first, job.last, BLOCK):
        load(theta, job.theta, first, job.nets)
        back = go_back_by(job, theta, w_back)
        descend(job, first, 0, job.examples, 0, theta, back, gradient, nets)
        change(job, gradient, changed)
        store(gradient, job.gradient, first, job.nets)


def note_outputs(job, first, theta):
    """Z and A of a block of nets, of all layers and examples."""
    U, N = job.units, job.examples
    Z, A = floats(job.z, (U, BLOCK)), floats(job.a, (U, BLOCK))
    size = (job.nets * N * (U - job.inputs),)
    sums, outs = floats(job.sums, size), floats(job.outs, size)
    table = whole(job.table, (job.layers, 6))
    for n in range(N):
        take(job, A, job.X, job.inputs, job.X_net, first, n, 0)
        forward(job, Z, A, theta)
        for layer in range(job.layers):
            _, H, _, _, _, u = table[layer]
            for r in range(min(BLOCK, job.nets - first)):
                at = ((u - job.inputs) * job.nets + (first + r) * H) * N + n * H
                for h in range(H):
                    sums[at + h], outs[at + h] = Z[u + h, r], A[u + h, r]


def evaluate(job):
    """Z and A of all nets, layers and examples."""
    theta = floats(job.w, (job.parameters, BLOCK))
    for first in range(job.first, job.last, BLOCK):
        load(theta, job.theta, first, job.nets)
        note_outputs(job, first, theta)


def solve(job):
    """Which nets have all outputs within the tolerance of their targets."""
    theta, nets = floats(job.w, (job.parameters, BLOCK)), floats(job.lanes, (FREE + 1, BLOCK))
    solved = whole(job.solved, (job.nets,))
    for first in range(job.first, job.last, BLOCK):
        load(theta, job.theta, first, job.nets)
        find_wrong(job, first, 0, theta, nets)
        for r in range(min(BLOCK, job.nets - first)):
            solved[first + r] = nets[WRONG, r] == 0.0
