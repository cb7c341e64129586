/* Pictures of one net: its outputs on the plane, its function, or its answers; and its hidden units. */

const pictures = (() => {
  const { colours } = numbers.facts;
  const GRID = 64; // cells of a surface, each way
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const LOW = rgb(colours.diverging[0]),
    MIDDLE = rgb(colours.diverging[1]),
    HIGH = rgb(colours.diverging[2]);
  const mix = (a, b, share) => a.map((v, i) => v + (b[i] - v) * share);
  const CYCLE = colours.cycle.map(rgb);
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** The colour of an output: class 0 or the lowest is orange, class 1 or the highest blue. */
  const diverging = (v) => {
    const share = Math.min(1, Math.max(0, v));
    return share < 0.5 ? mix(LOW, MIDDLE, 2 * share) : mix(MIDDLE, HIGH, 2 * share - 1);
  };
  /** The colour of probabilities of several classes: theirs, mixed, and as light as a surface is. */
  const mixture = (p) => {
    const total = [0, 0, 0];
    p.forEach((share, k) =>
      CYCLE[k % CYCLE.length].forEach((v, c) => {
        total[c] += share * v;
      }),
    );
    return mix([255, 255, 255], total, 0.55);
  };

  /** A canvas of so many pixels of the style sheet, cleared; its context draws in these pixels. */
  function prepared(canvas, width, height) {
    const sharp = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const context = canvas.getContext("2d");
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  /** [low, high] around values, with a margin; [-1, 1] without values. */
  function around(values, margin) {
    const found = values.filter(Number.isFinite);
    if (!found.length) return [-1, 1];
    const low = Math.min(...found),
      high = Math.max(...found),
      more = margin * (high - low || 1);
    return [low - more, high + more];
  }

  const column = (flat, width, k) => flat.filter((_, i) => i % width === k);
  const fit =
    ([low, high], from, to) =>
    (v) =>
      from + ((v - low) / (high - low)) * (to - from);

  /** Paints a picture of one unit or output, a value a cell, on the whole of a canvas. */
  function paint(context, colour, width, height) {
    const image = new ImageData(GRID, GRID);
    for (let n = 0; n < GRID * GRID; n++) {
      [image.data[4 * n], image.data[4 * n + 1], image.data[4 * n + 2]] = colour(n);
      image.data[4 * n + 3] = 255;
    }
    const small = new OffscreenCanvas(GRID, GRID);
    small.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(small, 0, 0, width, height);
  }

  /** The points of a grid over the plane, row by row from the top: a flat (GRID * GRID, 2). */
  function grid([left, right], [bottom, top]) {
    const X = new Float64Array(2 * GRID * GRID);
    for (let n = 0; n < GRID * GRID; n++) {
      X[2 * n] = left + (((n % GRID) + 0.5) / GRID) * (right - left);
      X[2 * n + 1] = top - ((Math.floor(n / GRID) + 0.5) / GRID) * (top - bottom);
    }
    return X;
  }

  /** Draws where values of a grid cross a level: the pieces of line in all cells (marching squares). */
  function contour(context, values, level, width, height) {
    const cell = (i, j) => values[j * GRID + i] - level;
    const px = (i) => ((i + 0.5) / GRID) * width,
      py = (j) => ((j + 0.5) / GRID) * height;
    context.beginPath();
    for (let j = 0; j + 1 < GRID; j++) {
      for (let i = 0; i + 1 < GRID; i++) {
        const corners = [
            [i, j],
            [i + 1, j],
            [i + 1, j + 1],
            [i, j + 1],
          ],
          crossings = [];
        corners.forEach(([x, y], c) => {
          const [u, v] = corners[(c + 1) % 4],
            a = cell(x, y),
            b = cell(u, v);
          if (a > 0 !== b > 0)
            crossings.push([x + ((u - x) * a) / (a - b), y + ((v - y) * a) / (a - b)]);
        });
        for (let c = 0; c + 1 < crossings.length; c += 2) {
          context.moveTo(px(crossings[c][0]), py(crossings[c][1]));
          context.lineTo(px(crossings[c + 1][0]), py(crossings[c + 1][1]));
        }
      }
    }
    context.stroke();
  }

  /** The two ends of the line w1 x1 + w2 x2 + b = 0, far outside of every picture; null without one. */
  function ends(w1, w2, b, reach) {
    const length = Math.hypot(w1, w2);
    if (!length) return null;
    const foot = [(-b * w1) / length ** 2, (-b * w2) / length ** 2];
    const along = [(-w2 / length) * reach, (w1 / length) * reach];
    return [
      [foot[0] - along[0], foot[1] - along[1]],
      [foot[0] + along[0], foot[1] + along[1]],
    ];
  }

  /** How a picture shows the outputs of row n: a colour, by the kind of targets. */
  function shade(out, K, form, y) {
    if (form.output === "softmax" && K > 1) return (n) => mixture(out.subarray(n * K, (n + 1) * K));
    if (form.problem !== "regression") return (n) => diverging(out[n * K]);
    const to = fit(around(y ? column(y, K, 0) : [...out], 0), 0, 1);
    return (n) => diverging(to(out[n * K]));
  }

  /** The decision surface of a net with two inputs, its examples, and its first units' lines. */
  function surface(canvas, side, one, full) {
    const { run, weights, examples } = one,
      { x, y, outputs: K } = examples;
    const form = numbers.forms[run.form],
      context = prepared(canvas, side, side);
    const across = around(x ? column(x, 2, 0) : [], 0.4),
      up = around(x ? column(x, 2, 1) : [], 0.4);
    const answer = net.outputs(run, weights, grid(across, up), examples.units);
    const outputs = answer.out.length / (GRID * GRID),
      sx = fit(across, 0, side),
      sy = fit(up, side, 0);
    paint(context, shade(answer.out, outputs, form, y), side, side);
    context.strokeStyle = colours.ink;
    context.lineWidth = full ? 2 : 1.5;
    if (outputs === 1 && form.problem !== "regression")
      contour(context, answer.out, 0.5, side, side);
    const [first] = net.layers(numbers.shapes[run.shapes], weights);
    const units = full && answer.hidden.length ? Math.min(first.units, 16) : 0;
    for (let u = 0; u < units; u++) {
      const line = ends(first.W[u], first.W[first.units + u], first.b ? first.b[u] : 0, 1e4);
      if (!line) continue;
      context.strokeStyle = colours.cycle[u % colours.cycle.length];
      context.setLineDash([7, 4]);
      context.beginPath();
      line.forEach(([a, b]) => context.lineTo(sx(a), sy(b)));
      context.stroke();
      context.setLineDash([]);
    }
    for (let n = 0; x && n < examples.rows; n++) {
      dot(context, sx(x[2 * n]), sy(x[2 * n + 1]), full ? 6 : 3.5, mark(y, n, K, form));
    }
    return answer;
  }

  /** The colour of an example, by its target. */
  function mark(y, n, K, form) {
    if (K > 1 && form.output === "softmax")
      return colours.cycle[y.slice(n * K, (n + 1) * K).indexOf(1) % colours.cycle.length];
    if (form.problem !== "regression") return colours.classes[y[n * K] > 0.5 ? 1 : 0];
    return `rgb(${diverging(fit(around(column(y, K, 0), 0), 0, 1)(y[n * K])).map(Math.round)})`;
  }

  function dot(context, x, y, radius, colour) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  /** The function of a net with one input, over its examples; thin lines are its hidden units. */
  function line(canvas, side, one, full) {
    const { run, weights, examples } = one,
      { x, y, outputs: K } = examples,
      POINTS = 257;
    const context = prepared(canvas, side, side),
      across = around(x ?? [], 0.1);
    const X = Float64Array.from(
      { length: POINTS },
      (_, i) => across[0] + (i / (POINTS - 1)) * (across[1] - across[0]),
    );
    const answer = net.outputs(run, weights, X, examples.units),
      outputs = answer.out.length / POINTS;
    const said = column([...answer.out], outputs, 0);
    const up = around(y ? column(y, K, 0) : said, 0.25);
    const sx = fit(across, 0, side),
      sy = fit(up, side, 0);
    const trace = (values, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      values.forEach((v, i) => context.lineTo(sx(X[i]), sy(v)));
      context.stroke();
    };
    const [hidden] = answer.hidden,
      H = hidden ? hidden.length / POINTS : 0;
    for (let u = 0; full && u < Math.min(H, 16); u++)
      trace(column([...hidden], H, u), colours.cycle[u % colours.cycle.length], 1);
    for (let n = 0; x && n < examples.rows; n++)
      dot(context, sx(x[n]), sy(y[n * K]), full ? 4 : 2.5, colours.grey);
    trace(said, ink("--ink"), full ? 3 : 2);
    if (full) limits(context, side, across, up);
    return answer;
  }

  /** Writes where the axes of a picture begin and end. */
  function limits(context, side, across, up) {
    const [left, right, bottom, top] = [...across, ...up].map(statistics.short);
    context.fillStyle = ink("--soft");
    context.font = "12px system-ui, sans-serif";
    context.fillText(`↑ ${top}`, 6, 16);
    context.fillText(`${bottom}, ${left}`, 6, side - 8);
    context.textAlign = "right";
    context.fillText(`→ ${right}`, side - 6, side - 8);
  }

  /** The answers of a net with many inputs to its examples: across the target, up the output. */
  function answers(canvas, side, one, full) {
    const { run, weights, examples } = one,
      { x, y, rows, outputs: K } = examples;
    const context = prepared(canvas, side, side),
      form = numbers.forms[run.form];
    if (!x)
      return words(
        canvas,
        side,
        `${examples.inputs ?? "Many"} inputs: neither a plane nor a line, and ${examples.why}`,
      );
    const answer = net.outputs(run, weights, Float64Array.from(x), examples.units),
      { out } = answer;
    const several = form.output === "softmax" && K > 1;
    const target = (n) => (several ? y.slice(n * K, (n + 1) * K).indexOf(1) : y[n * K]);
    const said = (n) => (several ? out[n * K + target(n)] : out[n * K]);
    const every = Array.from({ length: rows }, (_, n) => n);
    const across = around(every.map(target), 0.25),
      sx = fit(across, 0, side);
    const up = form.problem === "regression" ? around([...y, ...out], 0.1) : [-0.1, 1.1],
      sy = fit(up, side, 0);
    context.strokeStyle = ink("--line");
    for (const level of form.problem === "regression" ? [] : [0, 0.5, 1]) {
      context.strokeRect(-1, sy(level), side + 2, 0);
    }
    for (const n of every) {
      const aside =
        form.problem === "regression"
          ? 0
          : ((((n * 0.618) % 1) - 0.5) * 0.3 * side) / Math.max(2, K);
      dot(context, sx(target(n)) + aside, sy(said(n)), full ? 4 : 2.5, mark(y, n, K, form));
    }
    if (full) limits(context, side, across, up);
    return answer;
  }

  /** Words in place of a picture. */
  function words(canvas, side, text) {
    const context = prepared(canvas, side, side),
      size = side > 200 ? 15 : 11;
    context.fillStyle = ink("--soft");
    context.font = `${size}px system-ui, sans-serif`;
    let row = "",
      at = side / 3;
    for (const word of `${text} `.split(" ")) {
      if (row && (!word || context.measureText(`${row} ${word}`).width > side - 24)) {
        context.fillText(row, 12, at);
        [row, at] = ["", at + 1.5 * size];
      }
      row = row ? `${row} ${word}` : word;
    }
    return null;
  }

  /** Draws a net, {run, weights, examples}, on a canvas; returns its outputs there, or null for words. */
  function draw(canvas, side, one, full = false) {
    const why =
      net.refusal(one.run) ||
      (one.weights ? "" : "the weights of this net were left out, see below") ||
      (one.weights.every(Number.isFinite) ? "" : "its weights are too large for 32 bits");
    if (why) return words(canvas, side, `No picture: ${why}.`);
    const [, D] = numbers.shapes[one.run.shapes][0];
    return (D === 1 ? line : D === 2 ? surface : answers)(canvas, side, one, full);
  }

  /** Draws one hidden unit: its activation over the plane, or a stripe for each example. */
  function unit(canvas, side, one, values, H, u, range) {
    const context = prepared(canvas, side, side),
      [, D] = numbers.shapes[one.run.shapes][0];
    const N = values.length / H,
      to = fit(range[0] < range[1] ? range : [range[0] - 1, range[0] + 1], 0, 1);
    const colour = (n) => diverging(to(values[n * H + u]));
    if (D === 2) return paint(context, colour, side, side);
    for (let n = 0; n < N; n++) {
      context.fillStyle = `rgb(${colour(n).map(Math.round)})`;
      context.fillRect((n / N) * side, 0, side / N + 1, side);
    }
  }

  return { draw, unit, prepared, around, fit, ink };
})();
