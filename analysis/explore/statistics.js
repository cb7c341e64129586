/* Rates with their intervals, quantiles, and the verdicts of claims on the nets that are selected. */

const statistics = (() => {
  const Z = 1.959963984540054; // of the standard normal, for 95 %

  /** {rate, low, high}: the Wilson score interval of k in n (Wilson 1927), as in analysis.statistics. */
  function wilson(k, n) {
    const p = k / n,
      scale = 1 + (Z * Z) / n,
      middle = (p + (Z * Z) / (2 * n)) / scale;
    const half = (Z / scale) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
    return { rate: p, low: k ? middle - half : 0, high: k < n ? middle + half : 1, k, n };
  }

  /** The q-quantile of sorted numbers, between two of them in proportion; infinity stays. */
  function quantile(sorted, q) {
    if (!sorted.length) return NaN;
    const at = q * (sorted.length - 1),
      below = Math.floor(at),
      share = at - below;
    if (!share || sorted[below] === sorted[below + 1]) return sorted[below];
    return sorted[below] * (1 - share) + sorted[below + 1] * share;
  }
  const sorted = (values) => Float64Array.from(values).sort();
  const median = (values) => quantile(sorted(values), 0.5);

  const RULES = {
    ">": (a, b) => a > b,
    ">=": (a, b) => a >= b,
    "<": (a, b) => a < b,
    "<=": (a, b) => a <= b,
  };

  /** The truth or number that a claim takes of a net: "solved", "diverged" or "epochs". */
  function measured({ measure, negated }, one) {
    if (measure === "epochs") return Number.isNaN(one.solvedAt) ? Infinity : one.solvedAt;
    return one[measure] !== negated;
  }

  /** {holds, words} of one check, on an array of nets for each of its sources; null without nets. */
  function decide(check, groups) {
    if (groups.some((nets) => !nets.length)) return null;
    const values = groups.map((nets, i) => nets.map((one) => measured(check.of[i], one)));
    const all = values.flat(),
      hits = all.filter((value) => value === true).length;
    const of = `of ${all.length.toLocaleString("en")} nets`;
    const counted = `${hits.toLocaleString("en")} ${of}`;
    if (check.kind === "every") return { holds: hits === all.length, words: counted };
    if (check.kind === "none") return { holds: hits === 0, words: counted };
    if (check.kind === "some") return { holds: hits > 0, words: counted };
    if (check.kind === "share") {
      const { rate, low, high } = wilson(hits, all.length);
      const words = `${percent(rate)} [${percent(low)}, ${percent(high)}] ${of}`;
      return { holds: rule(check, low, high), words };
    }
    const [a, b] = values.map(median);
    const ratio = Number.isFinite(a) || Number.isFinite(b) ? a / b : NaN;
    const words = `median ${short(a)} against ${short(b)}, ${short(ratio)} times`;
    return { holds: rule(check, ratio, ratio), words };
  }

  /** Whether an interval obeys a rule: all of it lies on the right side of the limit, or within. */
  function rule({ sign, limit, of_value }, low, high) {
    if (sign === "within") return Math.max(of_value - low, high - of_value) <= limit;
    return RULES[sign](sign[0] === ">" ? low : high, limit);
  }

  /** A share in percent: 0.784 is "78.4 %". */
  const percent = (share) => `${(100 * share).toFixed(1)} %`;

  /** A number in few digits: .0123, 12.3, 1,230, 1.2e-7. */
  function short(value) {
    if (Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(1);
    if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
    return String(Number(value.toPrecision(3)));
  }

  return { wilson, quantile, sorted, median, decide, percent, short };
})();
