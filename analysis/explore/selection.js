/* The nets that are selected, and what they come to: a rate, a loss, a band of curves, a verdict. */

const selection = (() => {
  const { facts, runs, times } = numbers;
  const { state } = choice;
  const { percent, short } = statistics;
  const MOST_BANDED = 2000,
    POINTS = 48; // nets and epochs of a band
  const count = (n) => n.toLocaleString("en");
  const plural = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;

  const cache = new Map();
  function cached(key, compute) {
    if (!cache.has(key)) cache.set(key, compute());
    return cache.get(key);
  }

  const has = (one) =>
    state.chosen.size ? state.chosen.has(runs.indexOf(one)) : one === choice.run();
  function inRange([one, i]) {
    const value = numbers.last(one, state.measure, i);
    return !state.range || (value >= state.range[0] && value <= state.range[1]);
  }

  /** [[run, i], ...]: all nets of some runs. */
  const netsOf = (some) =>
    some.flatMap((one) => Array.from({ length: one.nets }, (_, i) => [one, i]));
  const selected = (among = runs) => netsOf(among.filter(has)).filter(inRange);

  /* All losses of the sweep, sorted, without the last fiftieth on both sides: the scale of losses. */
  const scale = statistics.sorted(
    runs.flatMap((one) => {
      const ends = statistics.sorted(
        netsOf([one])
          .map(([of, i]) => numbers.last(of, "train/loss", i))
          .filter(Number.isFinite),
      );
      return ends.length ? [0.02, 0.5, 0.98].map((q) => statistics.quantile(ends, q)) : [];
    }),
  );
  /** The place of a loss among all, 0 to 1; by decades if all are positive. */
  function onScale(loss) {
    const f = scale[0] > 0 ? Math.log : (value) => value,
      [low, high] = [f(scale[0]), f(scale.at(-1))];
    return high > low ? Math.min(1, Math.max(0, (f(loss) - low) / (high - low))) : 0.5;
  }

  /** {low, rate, high, words, says, interval}: the share that is solved, with its Wilson interval; or
      the median of the losses, with their band, where no answer is right or wrong. Null without nets. */
  function outcome(nets) {
    if (!nets.length) return null;
    const n = nets.length;
    if (nets.every(([one]) => one.judged)) {
      const found = statistics.wilson(
        nets.filter(([one, i]) => numbers.net(one, i).solved).length,
        n,
      );
      return {
        ...found,
        words: percent(found.rate),
        says: `of ${plural(n, "net")} ${n === 1 ? "solves" : "solve"} it`,
        interval: `${percent(found.low)} to ${percent(found.high)} (Wilson 95 %)`,
      };
    }
    const ends = statistics.sorted(
      nets
        .map(([one, i]) => numbers.last(one, "train/loss", i))
        .filter((end) => !Number.isNaN(end)),
    );
    const [low, middle, high] = [0.05, 0.5, 0.95].map((q) => statistics.quantile(ends, q));
    return {
      low: onScale(low),
      rate: onScale(middle),
      high: onScale(high),
      words: short(middle),
      says: `is the median final loss of ${plural(n, "net")}`,
      interval: `${short(low)} to ${short(high)} (5 % to 95 % of nets)`,
    };
  }
  const outcomeOf = (one) => cached(one, () => outcome(netsOf([one])));

  /** {epochs, low, middle, high}: the median of nets' curves, and a band from 5 % to 95 % of them. */
  function band(nets) {
    const stride = Math.ceil(nets.length / MOST_BANDED);
    const some = nets
      .filter((_, n) => n % stride === 0)
      .map(([one, i]) => ({
        epochs: times[one.time],
        values: numbers.curve(one, state.measure, i),
        t: 0,
      }))
      .filter(({ values }) => values);
    if (!some.length) return null;
    const last = Math.max(...some.map(({ epochs }) => epochs.at(-1)));
    const at = Array.from({ length: POINTS }, (_, p) =>
      Math.round((last + 1) ** (p / (POINTS - 1)) - 1),
    );
    const found = { epochs: [...new Set(at)], low: [], middle: [], high: [] };
    for (const epoch of found.epochs) {
      const values = some.map((one) => {
        while (one.epochs[one.t + 1] <= epoch) one.t++;
        return epoch > one.epochs.at(-1) ? NaN : one.values[one.t];
      });
      const sorted = statistics.sorted(values.filter(Number.isFinite));
      for (const [q, name] of [
        [0.05, "low"],
        [0.5, "middle"],
        [0.95, "high"],
      ])
        found[name].push(statistics.quantile(sorted, q));
    }
    return found;
  }
  const bandOfSelection = () =>
    cached(
      `${state.measure} ${state.range} ${[...state.chosen].sort()} ${state.chosen.size ? "" : state.places}`,
      () => band(selected()),
    );

  /** What a claim comes to on the nets that are selected: {holds: true, false or null, words}. */
  function verdict(claim) {
    if (!claim.checks)
      return { holds: null, words: "Decided on the whole: it cannot be told of a selection." };
    const netsOfSource = (source) => {
      const some = source.runs.map((r) => runs[r]);
      return selected(some).map(([one, i]) => numbers.net(one, i));
    };
    const decided = claim.checks
      .map((check) => statistics.decide(check, check.of.map(netsOfSource)))
      .filter(Boolean);
    if (!decided.length) return { holds: null, words: "None of its nets is selected." };
    const holds = decided.every((one) => one.holds);
    const words = [...new Set(decided.map((one) => one.words))].join("; ");
    return { holds, words: `Of the selection it ${holds ? "holds" : "does not hold"}: ${words}.` };
  }

  return {
    facts,
    netsOf,
    selected,
    outcome,
    outcomeOf,
    bandOfSelection,
    verdict,
    onScale,
    cached,
    count,
    plural,
  };
})();
