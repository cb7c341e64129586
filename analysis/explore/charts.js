/* Charts of many nets: curves with bands and where they end, and rates with their intervals. */

const charts = (() => {
  const { colours } = numbers.facts;
  const { prepared, ink, fit } = pictures;
  const FATES = {
    solved: colours.solved,
    stuck: colours.stuck,
    diverged: colours.grey,
    trained: colours.trained,
  };
  const MARGIN = { left: 56, right: 96, top: 14, bottom: 34 };
  const MOST_LINES = 300;

  /** How a net ended: solved, stuck or diverged; trained where no answer is right or wrong. */
  const fate = (run, one) =>
    one.diverged ? "diverged" : !run.judged ? "trained" : one.solved ? "solved" : "stuck";

  /** An axis: {to: value -> pixel, of: pixel -> value, ticks}; logarithmic if `log`. */
  function axis(low, high, from, to, log) {
    const f = log ? Math.log10 : (v) => v,
      ends = [f(low), f(high)];
    if (ends[0] === ends[1]) {
      ends[0] -= 0.5;
      ends[1] += 0.5;
    }
    const place = fit(ends, from, to),
      back = fit([from, to], ...ends);
    const ticks = [];
    if (log) {
      const every = Math.ceil((ends[1] - ends[0]) / 5) || 1;
      for (let e = Math.ceil(ends[0] - 1e-9); e <= ends[1] + 1e-9; e += every) ticks.push(10 ** e);
    }
    if (ticks.length < 2) {
      const [a, b] = log ? ends.map((e) => 10 ** e) : ends,
        raw = (b - a) / 4,
        unit = 10 ** Math.floor(Math.log10(raw));
      const stride = unit * [1, 2, 5, 10].find((m) => m * unit >= raw);
      ticks.splice(0, 2);
      for (let v = Math.ceil(a / stride) * stride; v <= b + stride * 1e-6; v += stride)
        ticks.push(Math.abs(v) < stride / 1e6 ? 0 : v);
    }
    return { to: (v) => place(f(v)), of: (p) => (log ? 10 ** back(p) : back(p)), ticks };
  }

  /** Whether values are better seen by decades: all are positive, and the largest 20 times the least. */
  const decades = (low, high) => low > 0 && high / low > 20;

  /** {x, y, values, ends}: the axes of a run's curves, and of where its nets end. */
  function plane(run, measure, width, height) {
    const epochs = numbers.times[run.time],
      shown = [],
      ends = [];
    for (let i = 0; i < run.nets; i++) {
      ends.push(numbers.last(run, measure, i));
      if (shown.length < MOST_LINES && numbers.curve(run, measure, i)) shown.push(i);
    }
    let low = Infinity,
      high = -Infinity;
    const widen = (v) => {
      if (Number.isFinite(v)) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    };
    ends.forEach(widen);
    shown.forEach((i) => numbers.curve(run, measure, i).forEach(widen));
    if (low > high) [low, high] = [0, 1];
    const log = decades(low, high),
      room = 0.04 * (high - low);
    const x = axis(1, epochs.at(-1) + 1, MARGIN.left, width - MARGIN.right, true); // of epoch + 1
    const y = log
      ? axis(low / 1.2, high * 1.2, height - MARGIN.bottom, MARGIN.top, true)
      : axis(low - room, high + room, height - MARGIN.bottom, MARGIN.top, false);
    return {
      x,
      y,
      epochs,
      shown,
      ends,
      width,
      height,
      left: MARGIN.left,
      right: width - MARGIN.right,
    };
  }

  const path = (context, xs, ys) => {
    context.beginPath();
    xs.forEach((x, i) =>
      Number.isFinite(ys[i]) ? context.lineTo(x, ys[i]) : context.moveTo(x, 0),
    );
    context.stroke();
  };

  /** Where the dot of net i lies, to the right of the curves: [x, y]; they are spread, not stacked. */
  const place = (at, run, i) => [
    at.right + 14 + ((numbers.net(run, i).seed * 0.618034) % 1) * 70,
    at.y.to(at.ends[i]),
  ];

  /** Draws curves, the band of a selection, where nets end, and the epoch; see `plane`. */
  function curves(canvas, at, view) {
    const { run, net: picked, epoch, measure, band, range } = view;
    const context = prepared(canvas, at.width, at.height),
      [top, bottom] = [MARGIN.top, at.height - MARGIN.bottom];
    frame(context, at, top, bottom, measure);
    const xs = at.epochs.map((e) => at.x.to(e + 1)),
      ys = (values) => Array.from(values, at.y.to);
    const colour = (i) => FATES[fate(run, numbers.net(run, i))];
    const inside = (i) => !range || (at.ends[i] >= range[0] && at.ends[i] <= range[1]);
    context.save();
    context.beginPath();
    context.rect(at.left, top - 4, at.right - at.left + 2, bottom - top + 8);
    context.clip();
    context.lineWidth = 1;
    for (const i of at.shown) {
      context.globalAlpha = inside(i) ? Math.max(0.12, Math.min(0.6, 12 / at.shown.length)) : 0.04;
      context.strokeStyle = colour(i);
      path(context, xs, ys(numbers.curve(run, measure, i)));
    }
    if (band) shade(context, at, band);
    context.globalAlpha = 1;
    context.strokeStyle = ink("--soft");
    context.setLineDash([3, 3]);
    context.strokeRect(at.x.to(epoch + 1), top, 0, bottom - top);
    context.setLineDash([]);
    const values = picked < 0 ? null : numbers.curve(run, measure, picked);
    if (values) {
      for (const [width, stroke] of [
        [6, ink("--page")],
        [3, colour(picked)],
      ]) {
        context.lineWidth = width;
        context.strokeStyle = stroke;
        path(context, xs, ys(values));
      }
      const t = at.epochs.findLastIndex((e) => e <= epoch);
      if (t >= 0)
        point(context, at.x.to(epoch + 1), at.y.to(values[t]), 6, colour(picked), "solved");
    }
    context.restore();
    for (let i = 0; i < run.nets; i++) {
      context.globalAlpha = inside(i) ? Math.max(0.25, Math.min(0.9, 150 / run.nets)) : 0.08;
      point(context, ...place(at, run, i), 2.6, colour(i), fate(run, numbers.net(run, i)));
    }
    context.globalAlpha = 1;
    if (picked >= 0) {
      const [x, y] = place(at, run, picked);
      context.fillStyle = ink("--page");
      context.fillRect(x - 8, y - 8, 16, 16);
      point(context, x, y, 6, colour(picked), fate(run, numbers.net(run, picked)));
    }
    if (range) {
      const [y0, y1] = range.map((v) => Math.min(bottom, Math.max(top, at.y.to(v))));
      context.fillStyle = context.strokeStyle = ink("--link");
      context.strokeRect(at.right + 6, y1, 86, y0 - y1);
      context.globalAlpha = 0.12;
      context.fillRect(at.right + 6, y1, 86, y0 - y1);
    }
    context.globalAlpha = 1;
  }

  /** The median of a selection over a band from 5 % to 95 % of its nets. */
  function shade(context, at, { epochs, low, middle, high }) {
    const xs = epochs.map((e) => at.x.to(e + 1));
    context.fillStyle = context.strokeStyle = ink("--link");
    context.globalAlpha = 0.16;
    context.beginPath();
    xs.forEach((x, i) => context.lineTo(x, at.y.to(high[i])));
    xs.toReversed().forEach((x, i) => context.lineTo(x, at.y.to(low[xs.length - 1 - i])));
    context.fill();
    context.globalAlpha = 0.9;
    context.lineWidth = 1.5;
    context.setLineDash([6, 3]);
    path(context, xs, middle.map(at.y.to));
    context.setLineDash([]);
  }

  /** A dot for solved and trained, a ring for stuck, a cross for diverged: never colour alone. */
  function point(context, x, y, radius, colour, kind) {
    if (!Number.isFinite(y)) return;
    context.fillStyle = context.strokeStyle = colour;
    context.lineWidth = radius > 4 ? 2.5 : 1.2;
    context.beginPath();
    if (kind === "diverged") {
      for (const s of [-1, 1]) {
        context.moveTo(x - radius, y - s * radius);
        context.lineTo(x + radius, y + s * radius);
      }
    } else context.arc(x, y, radius, 0, 2 * Math.PI);
    if (kind === "solved" || kind === "trained") context.fill();
    else context.stroke();
  }

  /** Axes, their ticks and names. */
  function frame(context, at, top, bottom, measure) {
    context.font = "12px system-ui, sans-serif";
    context.strokeStyle = ink("--line");
    context.fillStyle = ink("--soft");
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const v of at.y.ticks) {
      context.strokeRect(at.left, at.y.to(v), at.right - at.left, 0);
      context.fillText(statistics.short(v), at.left - 8, at.y.to(v) + 4);
    }
    context.textAlign = "center";
    for (const v of at.x.ticks.filter((tick) => tick > 1))
      context.fillText(statistics.short(v), at.x.to(v), bottom + 17);
    context.fillText("epoch", (at.left + at.right) / 2, bottom + 31);
    context.fillText("the end", at.right + 49, bottom + 17);
    context.textAlign = "left";
    context.fillText(measure, 4, top + 1);
  }

  /** The net whose curve or dot is nearest to a place on the canvas; -1 if none is within reach. */
  function nearest(at, run, measure, x, y) {
    let best = -1,
      least = 24;
    const near = (i, away) => {
      if (away < least) [best, least] = [i, away];
    };
    if (x > at.right + 4) {
      for (let i = 0; i < run.nets; i++) {
        const [u, v] = place(at, run, i);
        near(i, Math.hypot(u - x, v - y));
      }
      return best;
    }
    const epoch = at.x.of(x) - 1,
      t = Math.max(
        0,
        at.epochs.findLastIndex((e) => e <= epoch),
      ),
      u = Math.min(t + 1, at.epochs.length - 1);
    const [x0, x1] = [at.x.to(at.epochs[t] + 1), at.x.to(at.epochs[u] + 1)],
      share = x1 > x0 ? (x - x0) / (x1 - x0) : 0;
    for (const i of at.shown) {
      const values = numbers.curve(run, measure, i),
        [a, b] = [at.y.to(values[t]), at.y.to(values[u])];
      near(i, Math.abs(a + (b - a) * share - y));
    }
    return best;
  }

  const SVG = "http://www.w3.org/2000/svg";
  function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /** An interval on a line from 0 to 100 %: its rate a dot, `now` if it is that of the setting. */
  function whisker({ rate, low, high }, now = false) {
    const share = (v) => `${(100 * v).toFixed(2)}%`,
      y = 8;
    return svg(
      "svg",
      { class: now ? "whisker now" : "whisker", "aria-hidden": "true" },
      svg("line", { class: "rail", x1: 0, x2: "100%", y1: y, y2: y }),
      svg("line", { class: "reach", x1: share(low), x2: share(high), y1: y, y2: y }),
      svg("circle", { cx: share(rate), cy: y, r: 4 }),
    );
  }

  /** The intervals of a knob's values, upright and side by side, above the places of its slider. */
  function strip(intervals, now) {
    const last = intervals.length - 1 || 1,
      height = 64,
      y = (v) => 6 + (height - 12) * (1 - v);
    const drawn = svg("svg", { class: "strip", height, "aria-hidden": "true" });
    for (const level of [0, 0.5, 1])
      drawn.append(svg("line", { class: "rail", x1: 0, x2: "100%", y1: y(level), y2: y(level) }));
    intervals.forEach((one, i) => {
      if (!one) return;
      const x = `${(100 * i) / last}%`;
      drawn.append(
        svg(
          "g",
          { class: i === now ? "now" : "" },
          svg("line", { class: "reach", x1: x, x2: x, y1: y(one.low), y2: y(one.high) }),
          svg("circle", { cx: x, cy: y(one.rate), r: i === now ? 5 : 3.5 }),
        ),
      );
    });
    return drawn;
  }

  return { fate, plane, place, curves, nearest, whisker, strip, svg, FATES };
})();
