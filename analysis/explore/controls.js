/* Controls: the sliders, buttons and boxes of the page, and what pointers and keys do. */

const controls = (() => {
  const { facts, runs, knobs, times, measures } = numbers;
  const { state } = choice;
  const { make, $ } = panels;
  const MOST_ROWS = 40;

  // --- knobs -----------------------------------------------------------------------------------------

  function slider(knob, k) {
    const every = Math.ceil(knob.values.length / 8),
      ticks = make("div", { class: "ticks", "aria-hidden": "true" });
    knob.values.forEach((value, place) => {
      if (place % every) return;
      const tick = make("span", {}, value);
      const share = (100 * place) / (knob.values.length - 1);
      tick.style.left = `${share}%`;
      if (value.length > 3 && share % 100 === 0) tick.style.transform = `translateX(-${share}%)`;
      ticks.append(tick);
    });
    return make(
      "fieldset",
      {},
      make("legend", {}, knob.name, " ", make("output")),
      make("div", { class: "strip-box" }),
      make("input", {
        type: "range",
        min: 0,
        max: knob.values.length - 1,
        step: 1,
        "aria-label": knob.name,
        oninput: (event) => choice.turn(k, Number(event.target.value)),
      }),
      ticks,
    );
  }

  function buttons(knob, k) {
    return make(
      "fieldset",
      { class: "words" },
      make("legend", {}, knob.name),
      ...knob.values.map((value, place) =>
        make(
          "label",
          {},
          make("input", {
            type: "radio",
            name: `knob ${k}`,
            onchange: () => choice.turn(k, place),
          }),
          make(
            "span",
            {},
            value,
            make("small", {}, knob.with[place] ? ` ${knob.with[place]}` : ""),
          ),
          make("span", { class: "bar" }),
        ),
      ),
    );
  }

  // --- the sweep: a small multiple of each setting, to brush ------------------------------------------

  const cells = [];
  let brushing = null; // whether a drag selects or takes away; null without a drag

  function sweep() {
    $("sweep").hidden = !knobs.length;
    if (!knobs.length) return;
    const [across, ...others] = knobs,
      combos = new Map(runs.map((one) => [String(one.at.slice(1)), one.at.slice(1)]));
    const pooled = combos.size > MOST_ROWS;
    const rows = pooled
      ? others[0].values.map((_, place) => [place])
      : [...combos.values()].sort((a, b) => a.reduce((sign, place, j) => sign || place - b[j], 0));
    const name = (row) =>
      row.map((place, j) => `${others[j].name} ${others[j].values[place]}`).join(", ");
    const where = (test) => runs.map((one, r) => (test(one) ? r : -1)).filter((r) => r >= 0);
    const head = (scope, label, some) =>
      make(
        "th",
        { scope },
        make(
          "button",
          {
            type: "button",
            onclick: () => choice.choose(some, !some.every((r) => state.chosen.has(r))),
          },
          label,
        ),
      );
    const line = (row) => {
      const own = (one) => row.every((place, j) => one.at[j + 1] === place);
      return make(
        "tr",
        {},
        head("row", name(row) || "all", where(own)),
        ...across.values.map((value, place) => {
          const some = where((one) => own(one) && one.at[0] === place);
          return make(
            "td",
            {},
            some.length
              ? cell(some, [`${across.name} ${value}`, name(row)].filter(Boolean).join(", "))
              : null,
          );
        }),
      );
    };
    $("cells").append(
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          make("td"),
          ...across.values.map((value, place) =>
            head(
              "col",
              `${across.name} ${value}`,
              where((one) => one.at[0] === place),
            ),
          ),
        ),
      ),
      make("tbody", {}, ...rows.map(line)),
    );
    $("sweep-says").textContent = `Each box is ${
      pooled
        ? `pooled over ${others
            .slice(1)
            .map((knob) => knob.name)
            .join(", ")}`
        : "a setting"
    }: what its nets come to, and the median of their losses. Click boxes, drag over them, or take a row or a column: rate, band and claims follow.`;
    addEventListener("pointerup", () => {
      brushing = null;
    });
  }

  function cell(some, label) {
    const found = selection.outcome(selection.netsOf(some.map((r) => runs[r]))),
      on = () => some.every((r) => state.chosen.has(r));
    const button = make(
      "button",
      {
        type: "button",
        class: "cell",
        "aria-label": `${label}: ${found.words} ${found.says}`,
        onpointerdown: (event) => {
          if (event.pointerType === "mouse") choice.choose(some, (brushing = !on()));
        },
        onpointerenter: () => {
          if (brushing !== null) choice.choose(some, brushing);
        },
        onclick: (event) => {
          if (event.pointerType !== "mouse") choice.choose(some, !on());
        },
      },
      make("span", {}, found.words),
      charts.whisker(found),
      spark(runs[some[0]]),
    );
    cells.push([button, on]);
    return button;
  }

  /** The median loss of a run along its epochs, as high as it is among all losses. */
  function spark(of) {
    const epochs = times[of.time],
      some = selection
        .netsOf([of])
        .slice(0, 200)
        .map(([, i]) => numbers.curve(of, "train/loss", i))
        .filter(Boolean);
    const points = epochs.map((epoch, t) => {
      const middle = statistics.median(some.map((values) => values[t]).filter(Number.isFinite));
      return Number.isNaN(middle)
        ? ""
        : `${((100 * Math.log1p(epoch)) / Math.log1p(epochs.at(-1) || 1)).toFixed(1)},${(26 - 24 * selection.onScale(middle)).toFixed(1)}`;
    });
    return charts.svg(
      "svg",
      { class: "spark", viewBox: "0 0 100 28", preserveAspectRatio: "none", "aria-hidden": "true" },
      charts.svg("polyline", { points: points.join(" ") }),
    );
  }

  // --- claims ------------------------------------------------------------------------------------------

  const claim = ({ sentence, measured, test, holds, words, caveat }) =>
    make(
      "li",
      { class: holds ? "" : "bad" },
      make(
        "p",
        {},
        make("span", { class: "mark" }, `${holds ? "✓" : "✗"} ${words}`),
        ` ${sentence} `,
        caveat ? make("span", { class: "tag" }, "caveat") : null,
      ),
      make("p", { class: "soft" }, `${measured}. Asked: ${test}.`),
      make("p", { class: "of-selection" }),
    );

  // --- the net and its epoch -----------------------------------------------------------------------------

  /** The next net of a fate; one whose weights on the way are stored, if there is one. */
  function next(fate) {
    const run = choice.run(),
      all = selection
        .netsOf([run])
        .map(([, i]) => i)
        .filter((i) => panels.fateOf(run, i) === fate);
    const traced = all.filter((i) => numbers.states(run, i).length > 1),
      among = traced.length ? traced : all;
    choice.pick(among.find((i) => i > choice.net()) ?? among[0]);
  }

  let playing = null;
  function stop() {
    clearInterval(playing);
    playing = null;
    $("play").textContent = "Play";
  }
  function play() {
    if (playing) return stop();
    if (!Number.isFinite(state.epoch)) choice.toStep(0);
    const stride = Math.ceil(choice.epochs().length / 150);
    $("play").textContent = "Pause";
    playing = setInterval(() => {
      choice.toStep(choice.step() + stride);
      if (!Number.isFinite(state.epoch)) stop();
    }, 60);
  }

  /** Clicks and drags on the curves: a net, the epoch, or, where nets end, a range of ends. */
  function point(canvas) {
    let from = null,
      moved = false;
    canvas.addEventListener("pointerdown", (event) => {
      [from, moved] = [[event.offsetX, event.offsetY], false];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", ({ offsetX: x, offsetY: y }) => {
      if (!from) return;
      moved ||= Math.hypot(x - from[0], y - from[1]) > 5;
      if (!moved) return;
      if (from[0] > plane.right + 4)
        choice.select([Math.max(y, from[1]), Math.min(y, from[1])].map(plane.y.of));
      else
        choice.toStep(
          x >= plane.right
            ? Infinity
            : choice.epochs().findLastIndex((epoch) => epoch <= plane.x.of(x) - 1),
        );
    });
    canvas.addEventListener("pointerup", ({ offsetX: x, offsetY: y }) => {
      const i = from && !moved ? charts.nearest(plane, choice.run(), state.measure, x, y) : -1;
      if (i >= 0) choice.pick(i);
      from = null;
    });
    canvas.addEventListener("pointercancel", () => {
      from = null;
    });
  }

  // --- everything together ---------------------------------------------------------------------------------

  let plane = null,
    waiting = false;
  function draw() {
    waiting = false;
    panels.settings();
    panels.picture();
    plane = panels.curves();
    panels.rate();
    panels.alike();
    panels.claims();
    cells.forEach(([button, on]) => button.setAttribute("aria-pressed", String(on())));
    $("measure").value = state.measure;
  }
  function soon() {
    // once a frame, however often something moves
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  function begin() {
    for (const [name, colour] of Object.entries(charts.FATES))
      document.documentElement.style.setProperty(`--${name}`, colour);
    choice.read();
    $("knobs").append(...knobs.map((knob, k) => (knob.numbers ? slider : buttons)(knob, k)));
    $("knobs-none").hidden = knobs.length > 0;
    sweep();
    $("claims").hidden = !facts.claims.length;
    $("claims-list").append(...facts.claims.map(claim));
    $("measure").append(...measures.map((measure) => make("option", { value: measure }, measure)));
    point($("curves"));
    const listen = (id, kind, does) => $(id).addEventListener(kind, does);
    listen("measure", "change", (event) => choice.show(event.target.value));
    listen("epoch", "input", (event) => choice.toStep(Number(event.target.value)));
    listen("play", "click", play);
    const aside = (by) => () =>
      choice.pick((choice.net() + by + choice.run().nets) % choice.run().nets);
    listen("previous", "click", aside(-1));
    listen("next", "click", aside(1));
    for (const fate of ["solved", "stuck", "diverged"])
      listen(`next-${fate}`, "click", () => next(fate));
    listen("clear", "click", choice.clear);
    choice.listeners.push(soon);
    addEventListener("hashchange", choice.read);
    addEventListener("resize", soon);
    for (const query of ["(prefers-color-scheme: dark)", "print"])
      matchMedia(query).addEventListener("change", draw);
    draw();
  }

  return { begin };
})();

controls.begin();
