/* The numbers of the page: facts and blocks as Python wrote them, and the questions about a net. */

const numbers = (() => {
  const KINDS = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array };
  const SOLVED = 1,
    DIVERGED = 2;
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const blocks = {};
  for (const element of document.querySelectorAll("script[data-block]")) {
    const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
    blocks[element.dataset.block] = new KINDS[element.dataset.kind](bytes.buffer);
  }
  const { runs, knobs, times, shapes, forms, measures } = facts;

  /** Seed, final values and fate of net i of a run; NaN where nothing is stored. */
  function net(run, i) {
    const at = run.first + i,
      flags = blocks.flags[at];
    return {
      seed: blocks.seed[at],
      loss: blocks.loss[at],
      ended: blocks.ended[at],
      solvedAt: blocks.solved_at[at],
      solved: (flags & SOLVED) > 0,
      diverged: (flags & DIVERGED) > 0,
    };
  }

  /** The index of the net of a seed, or -1. Seeds mostly count up from the first one. */
  function withSeed(run, seed) {
    const guess = seed - blocks.seed[run.first];
    if (guess >= 0 && guess < run.nets && blocks.seed[run.first + guess] === seed) return guess;
    return Array.prototype.indexOf.call(
      blocks.seed.subarray(run.first, run.first + run.nets),
      seed,
    );
  }

  /** The values of a measure at the epochs of a run, of net i; null where they were left out. */
  function curve(run, measure, i) {
    const place = run.blocks?.[`curves/${measure}`];
    if (!place || i >= place.nets) return null;
    const T = times[run.time].length,
      start = place.at + i * T;
    return blocks[`curves/${measure}`].subarray(start, start + T);
  }

  /** The last value of a measure, of net i; the final loss is there even without a curve. */
  function last(run, measure, i) {
    const values = curve(run, measure, i);
    if (values) return values[values.length - 1];
    return measure === "train/loss" ? blocks.loss[run.first + i] : NaN;
  }

  /** The number of weights and biases of the nets of a run. */
  const size = (run) =>
    shapes[run.shapes].reduce((sum, [, rows, columns]) => sum + rows * columns, 0);

  /** [{epoch, weights}] of net i: on the way, as far as they are stored, and at its end. */
  function states(run, i) {
    const found = [],
      path = run.path,
      ended = net(run, i).ended;
    const P = run.why === undefined ? size(run) : 0;
    const j = path === undefined ? -1 : path.which ? path.which.indexOf(i) : i;
    if (P && j >= 0 && j < path.nets) {
      const epochs = times[path.time],
        start = path.at + j * epochs.length * P;
      for (let t = 0; t < epochs.length && !(epochs[t] >= ended); t++) {
        const from = start + t * P;
        found.push({ epoch: epochs[t], weights: blocks.paths.subarray(from, from + P) });
      }
    }
    const place = run.blocks?.weights;
    if (P && place && i < place.nets) {
      const from = place.at + i * P,
        end = Number.isNaN(ended) ? times[run.time].at(-1) : ended;
      found.push({ epoch: end, weights: blocks.weights.subarray(from, from + P) });
    }
    return found;
  }

  /** The state of net i at an epoch: the last one until then, or otherwise the first there is. */
  function state(run, i, epoch) {
    const all = states(run, i);
    return all.findLast((one) => one.epoch <= epoch) ?? all[0] ?? null;
  }

  /** The epochs at which something of net i is stored: its states, or the points of its curve. */
  function epochs(run, i) {
    const all = states(run, i);
    return all.length > 1 ? all.map((one) => one.epoch) : times[run.time];
  }

  /** The training examples of net i: {x, y: flat arrays, rows, inputs, outputs, units}, or {why}. */
  function examples(run, i) {
    const set = facts.examples[blocks.examples[run.first + i]];
    if (!set || set.why) return { why: set ? set.why : "its examples are not stored" };
    const width = set.inputs + set.outputs,
      x = [],
      y = [];
    for (let n = 0; n < set.rows; n++) {
      const row = blocks.sets.subarray(set.at + n * width, set.at + (n + 1) * width);
      x.push(...row.subarray(0, set.inputs));
      const [mean, std] = set.units ?? [];
      row.subarray(set.inputs).forEach((v, k) => y.push(mean ? v * std[k] + mean[k] : v));
    }
    return { ...set, x, y };
  }

  /** The runs at a setting, a place for each knob; mostly one, and the last one counts. */
  const at = (places) => runs.filter((run) => run.at.every((place, k) => place === places[k]));

  return {
    facts,
    blocks,
    runs,
    knobs,
    times,
    shapes,
    forms,
    measures,
    net,
    withSeed,
    curve,
    last,
    states,
    state,
    epochs,
    examples,
    at,
  };
})();
