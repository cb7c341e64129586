/* A net of stored weights, computed: A0 = X, Zl = A(l-1) Wl + bl, Al = f(Zl). Nothing learns here. */

const net = (() => {
  const sigmoid = (z) => (z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z)));
  const step = (z) => (z > 0 ? 1 : 0);
  const ACTIVATIONS = {
    identity: (z) => z,
    step,
    sigmoid,
    tanh: Math.tanh,
    relu: (z) => (z > 0 ? z : 0),
  };
  const RANGES = { step: [0, 1], sigmoid: [0, 1], tanh: [-1, 1] }; // of what a unit can say

  /** Probabilities of each row of Z, (N, K), in place; shifted so that nothing overflows. */
  function softmax(Z, K) {
    for (let n = 0; n < Z.length; n += K) {
      const row = Z.subarray(n, n + K),
        largest = Math.max(...row);
      row.forEach((z, k) => {
        row[k] = Math.exp(z - largest);
      });
      const sum = row.reduce((a, b) => a + b);
      row.forEach((e, k) => {
        row[k] = e / sum;
      });
    }
    return Z;
  }
  const each = (f) => (Z) => Z.map(f);
  const OUTPUTS = { identity: (Z) => Z, step: each(step), sigmoid: each(sigmoid), softmax };

  /** [{W, b, inputs, units}] of flat weights; b is null where units have no bias. */
  function layers(shapes, weights) {
    const found = [];
    let start = 0;
    for (const [name, rows, columns] of shapes) {
      const part = weights.subarray(start, (start += rows * columns));
      if (name[0] === "W") found.push({ W: part, b: null, inputs: rows, units: columns });
      else found.at(-1).b = part;
    }
    return found;
  }

  /** Z = A W + b, (N, units), of A, (N, inputs); all arrays are flat. */
  function sums(A, { W, b, inputs, units }) {
    const N = A.length / inputs,
      Z = new Float64Array(N * units);
    for (let n = 0; n < N; n++) {
      for (let u = 0; u < units; u++) {
        let z = b ? b[u] : 0;
        for (let i = 0; i < inputs; i++) z += A[n * inputs + i] * W[i * units + u];
        Z[n * units + u] = z;
      }
    }
    return Z;
  }

  /** Why the page cannot compute a run's nets, or "" if it can. */
  function refusal(run) {
    if (run.why !== undefined) return run.why;
    const { activation, output } = numbers.forms[run.form];
    if (activation !== null && !(activation in ACTIVATIONS))
      return `this page does not know the activation ${activation}`;
    return output in OUTPUTS ? "" : `this page does not know the output ${output}`;
  }

  /** {out: (N, K), hidden: [(N, H), ...]} of flat inputs X, (N, D); outputs in their own units. */
  function outputs(run, weights, X, units = null) {
    const { activation, output } = numbers.forms[run.form],
      hidden = [];
    const all = layers(numbers.shapes[run.shapes], weights),
      K = all.at(-1).units;
    let A = X;
    for (const layer of all.slice(0, -1))
      hidden.push((A = sums(A, layer).map(ACTIVATIONS[activation])));
    let out = OUTPUTS[output](sums(A, all.at(-1)), K);
    if (units) out = out.map((a, i) => a * units[1][i % K] + units[0][i % K]);
    return { out, hidden };
  }

  return { ACTIVATIONS, OUTPUTS, RANGES, layers, outputs, refusal };
})();
