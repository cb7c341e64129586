/* The choice: what is looked at, how it moves, and its address, so that a link shows the same. */

const choice = (() => {
  const { runs, knobs, measures } = numbers;
  const MEASURE = measures[0] ?? "train/loss";

  /* A place for each knob, the seed of a net, an epoch (Infinity is the end), and what is selected:
     runs by their index, and a range of what nets end with. */
  const state = {
    places: [],
    seed: 0,
    epoch: Infinity,
    measure: MEASURE,
    chosen: new Set(),
    range: null,
    turned: 0,
    before: null,
    moved: [],
  };
  const listeners = [];
  const changed = () => {
    write();
    listeners.forEach((listener) => listener());
  };

  const run = () => numbers.at(state.places).at(-1);
  const net = () => Math.max(0, numbers.withSeed(run(), state.seed));
  const epochs = () => numbers.epochs(run(), net());
  const step = () =>
    Math.max(
      0,
      epochs().findLastIndex((epoch) => epoch <= state.epoch),
    );
  /** The epoch that is shown: the last one at or before the one that was asked for. */
  const epoch = () => (Number.isFinite(state.epoch) ? epochs()[step()] : Infinity);
  const isSelected = () => state.chosen.size > 0 || state.range !== null;
  const keepNet = () => {
    if (numbers.withSeed(run(), state.seed) < 0) state.seed = numbers.net(run(), 0).seed;
  };

  /** Sets one knob; the net stays. Where no run has all other values, the nearest run is taken. */
  function turn(k, place) {
    const distance = (one) =>
      one.at.reduce(
        (sum, other, j) =>
          sum +
          (j === k || other === state.places[j] ? 0 : 1000 + Math.abs(other - state.places[j])),
        0,
      );
    const there = runs.filter((one) => one.at[k] === place);
    const next = there.reduce((best, one) => (distance(one) < distance(best) ? one : best));
    state.before = { run: run(), label: `${knobs[k].name} ${knobs[k].values[state.places[k]]}` };
    state.moved = knobs
      .filter((_, j) => j !== k && next.at[j] !== state.places[j])
      .map((knob) => knob.name);
    [state.places, state.turned] = [next.at, k];
    if (!state.chosen.size) state.range = null;
    keepNet();
    changed();
  }

  function pick(i) {
    state.seed = numbers.net(run(), i).seed;
    changed();
  }

  function toStep(at) {
    const all = epochs();
    state.epoch = at >= all.length - 1 ? Infinity : all[Math.max(0, at)];
    changed();
  }

  function choose(some, on) {
    some.forEach((r) => (on ? state.chosen.add(r) : state.chosen.delete(r)));
    changed();
  }

  function show(measure) {
    [state.measure, state.range] = [measure, null];
    changed();
  }

  function select(range) {
    state.range = range;
    changed();
  }

  function clear() {
    state.chosen.clear();
    select(null);
  }

  // --- the address ---------------------------------------------------------------------------------

  /** The run to begin with: with weights on the way, some nets solved and some not, and most nets. */
  function first() {
    const rank = (one) => {
      const solved = Array.from({ length: one.nets }, (_, i) => numbers.net(one, i).solved);
      return [one.path ? 1 : 0, new Set(solved).size, one.nets];
    };
    const later = (a, b) => a.reduce((sign, value, i) => sign || value - b[i], 0);
    return runs.reduce((best, one) => (later(rank(one), rank(best)) > 0 ? one : best));
  }

  function write() {
    const words = new URLSearchParams();
    knobs.forEach((knob, k) => words.set(knob.name, knob.values[state.places[k]]));
    words.set("net", state.seed);
    words.set("at", Number.isFinite(state.epoch) ? state.epoch : "end");
    if (state.measure !== MEASURE) words.set("curve", state.measure);
    if (state.chosen.size) words.set("runs", joined([...state.chosen].sort((a, b) => a - b)));
    if (state.range)
      words.set("ends", state.range.map((end) => Number(end.toPrecision(6))).join("~"));
    history.replaceState(null, "", `#${words}`);
  }

  /** Takes the state from the address; what it does not name, or names wrong, is as at first. */
  function read() {
    const words = new URLSearchParams(location.hash.slice(1)),
      start = first();
    const wanted = knobs.map((knob, k) => {
      const place = knob.values.indexOf(words.get(knob.name));
      return place < 0 ? start.at[k] : place;
    });
    state.places = (numbers.at(wanted).at(-1) ?? start).at;
    state.seed = Number(words.get("net") ?? NaN);
    keepNet();
    const epoch = Number(words.get("at") ?? "end");
    state.epoch = Number.isFinite(epoch) ? epoch : Infinity;
    state.measure = measures.includes(words.get("curve")) ? words.get("curve") : MEASURE;
    state.chosen = new Set(spread(words.get("runs") ?? ""));
    const ends = (words.get("ends") ?? "").split("~").map(Number);
    state.range = ends.length === 2 && ends.every(Number.isFinite) ? ends : null;
    listeners.forEach((listener) => listener());
  }

  /** [0, 1, 2, 7] as "0-2.7", and back: only runs that there are. */
  function joined(sorted) {
    const parts = [];
    for (const r of sorted) {
      if (parts.length && parts.at(-1)[1] === r - 1) parts.at(-1)[1] = r;
      else parts.push([r, r]);
    }
    return parts.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(".");
  }
  const spread = (text) =>
    text
      .split(".")
      .filter(Boolean)
      .flatMap((part) => {
        const [from, to = from] = part.split("-").map(Number);
        return runs.map((_, r) => r).filter((r) => r >= from && r <= to);
      });

  return {
    state,
    listeners,
    run,
    net,
    epochs,
    epoch,
    step,
    isSelected,
    turn,
    pick,
    toStep,
    choose,
    show,
    select,
    clear,
    read,
  };
})();
