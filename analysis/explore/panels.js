/* Panels: the parts of the page as they are for the present choice. Each function draws one. */

const panels = (() => {
  const { facts, runs, knobs, times } = numbers;
  const { state, run } = choice;
  const { count, plural, outcomeOf } = selection;
  const { short } = statistics;
  const MOST_ALIKE = 8,
    MOST_UNITS = 16;
  const $ = (id) => document.getElementById(id);

  /** An element with attributes, listeners (`onclick`) and children; texts stay texts. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  const fateOf = (of, i) => charts.fate(of, numbers.net(of, i));
  const one = (of, i, epoch) => ({
    run: of,
    weights: numbers.state(of, i, epoch)?.weights,
    examples: numbers.examples(of, i),
  });

  /** What is to be said of a net at an epoch. */
  function sentence(of, i, epoch) {
    const is = numbers.net(of, i),
      at = Math.min(epoch, numbers.epochs(of, i).at(-1));
    const values = numbers.curve(of, "train/loss", i),
      t = values ? times[of.time].findLastIndex((e) => e <= at) : -1;
    const loss = Number.isFinite(epoch) ? (t >= 0 ? values[t] : NaN) : is.loss;
    const fates = {
      trained: "",
      diverged: " It diverged; these are its last finite numbers.",
      solved:
        is.solvedAt <= at
          ? ` Solved since epoch ${count(is.solvedAt)}.`
          : ` Not solved yet: it will be at epoch ${count(is.solvedAt)}.`,
      stuck: ` It is not solved to the end, epoch ${count(is.ended)}.`,
    };
    return `Net ${is.seed} at epoch ${count(at)}${Number.isNaN(loss) ? "" : `: loss ${short(loss)}`}.${fates[fateOf(of, i)]}`;
  }

  /** Which weights the picture is of, where they are not those of the epoch. */
  function exception(states, epoch) {
    if (!states.length || !Number.isFinite(epoch)) return "";
    const [last, before] = [states.at(-1), states.at(-2)];
    if (!before)
      return epoch < last.epoch
        ? "The picture is its end: the weights on the way were stored of other nets only."
        : "";
    return epoch > before.epoch && epoch < last.epoch
      ? `The picture is of epoch ${count(before.epoch)}, the last that was stored before its end.`
      : "";
  }

  function picture() {
    const of = run(),
      i = choice.net(),
      epoch = choice.epoch(),
      it = one(of, i, epoch),
      canvas = $("picture");
    const answer = pictures.draw(canvas, canvas.parentElement.clientWidth, it, true),
      words = sentence(of, i, epoch);
    $("said").textContent = words;
    canvas.setAttribute(
      "aria-label",
      `${answer ? "What the net says of its inputs" : net.refusal(of) || "No picture"}. ${words}`,
    );
    $("unstored").textContent = exception(numbers.states(of, i), epoch);
    $("legend").textContent = answer ? legend(it) : "";
    const all = choice.epochs(),
      step = choice.step(),
      slider = $("epoch");
    [slider.max, slider.value] = [all.length - 1, step];
    slider.setAttribute("aria-valuetext", `epoch ${count(all[step])}`);
    $("epoch-now").textContent = `epoch ${count(all[step])} of ${count(all.at(-1))}`;
    $("net-now").textContent = `net ${numbers.net(of, i).seed}`;
    for (const fate of ["solved", "stuck", "diverged"])
      $(`next-${fate}`).hidden = !selection.netsOf([of]).some(([, j]) => fateOf(of, j) === fate);
    units(it, answer);
  }

  /** What the picture shows, in words, with its colours. */
  function legend({ run: of, examples }) {
    const form = numbers.forms[of.form],
      D = numbers.shapes[of.shapes][0][1];
    const colours =
      form.problem === "regression"
        ? "low outputs are orange, high ones blue"
        : form.output === "softmax"
          ? "each class has a colour"
          : "outputs from 0 (orange) to 1 (blue), black where they are 1/2";
    const texts = {
      1: "Output against input, over the examples; thin: hidden units.",
      2: `The plane of both inputs: ${colours}. Dashed: where a hidden unit's sum is 0.`,
    };
    const few =
      examples.rows < examples.of
        ? ` ${count(examples.rows)} of ${count(examples.of)} examples.`
        : "";
    const without = examples.why ? ` Without examples: ${examples.why}.` : "";
    return `${texts[D] ?? `${D} inputs have no plane: each dot is an example, its target across, the output up.`}${few}${without}`;
  }

  /** A small picture of each hidden unit. */
  function units(it, answer) {
    const box = $("units"),
      drawn = [],
      rows = answer?.hidden.length
        ? answer.out.length / net.layers(numbers.shapes[it.run.shapes], it.weights).at(-1).units
        : 1;
    for (const [l, values] of (answer?.hidden ?? []).entries()) {
      const H = values.length / rows,
        said = values.subarray(0, 1e5);
      const range = net.RANGES[numbers.forms[it.run.form].activation] ?? [
        said.reduce((a, b) => Math.min(a, b)),
        said.reduce((a, b) => Math.max(a, b)),
      ];
      for (let u = 0; u < H && drawn.length < MOST_UNITS; u++)
        drawn.push({ l, u, values, H, range });
    }
    while (box.children.length > drawn.length) box.lastChild.remove();
    while (box.children.length < drawn.length) box.append(make("canvas", { role: "img" }));
    drawn.forEach(({ l, u, values, H, range }, n) => {
      const canvas = box.children[n];
      canvas.style.borderColor = l ? "" : facts.colours.cycle[u % facts.colours.cycle.length];
      canvas.setAttribute("aria-label", `Activation of unit ${u + 1} of hidden layer ${l + 1}`);
      pictures.unit(canvas, 56, it, values, H, u, range);
    });
    $("units-box").hidden = !drawn.length;
  }

  /** The curves of the setting; returns their axes, for who points at them. */
  function curves() {
    const canvas = $("curves"),
      of = run(),
      width = canvas.parentElement.clientWidth,
      selected = selection.selected().length;
    const plane = selection.cached(`plane ${runs.indexOf(of)} ${state.measure} ${width}`, () =>
      charts.plane(of, state.measure, width, 340),
    );
    charts.curves(canvas, plane, {
      run: of,
      net: choice.net(),
      epoch: Math.min(state.epoch, choice.epochs().at(-1)),
      measure: state.measure,
      band: selection.bandOfSelection(),
      range: state.range,
    });
    canvas.setAttribute(
      "aria-label",
      `${state.measure} of ${plural(of.nets, "net")} against the epoch, and where each ends`,
    );
    const drawn =
      plane.shown.length < of.nets
        ? `${count(plane.shown.length)} of ${plural(of.nets, "curve")}`
        : plural(of.nets, "curve");
    $("curves-legend").textContent = plane.shown.length
      ? `${drawn}; dashed in a band: median and 5 % to 95 % of ${plural(selected, choice.isSelected() ? "selected net" : "net")}.`
      : "Curves of this run are not on this page; on the right is where each net ends.";
    $("run-name").textContent = of.name;
    return plane;
  }

  function rate() {
    const found = selection.outcome(selection.selected()),
      before = choice.isSelected() || !state.before ? null : outcomeOf(state.before.run);
    $("rate-number").textContent = found ? found.words : "–";
    $("rate-says").textContent = found ? found.says : "no net is selected";
    $("rate-interval").textContent = found ? found.interval : "";
    for (const [id, shown] of [
      ["rate", found],
      ["rate-before", before],
    ]) {
      $(id).hidden = !shown;
      for (const end of shown ? ["low", "rate", "high"] : [])
        $(id).style.setProperty(`--${end}`, shown[end]);
    }
    $("scale-ends").hidden = !run().judged;
    $("rate-was").textContent = before
      ? `Before, at ${state.before.label}: ${before.words}, ${before.interval}.`
      : "";
    const ends = state.range
      ? `, nets that end from ${short(state.range[0])} to ${short(state.range[1])}`
      : "";
    $("selection").textContent = choice.isSelected()
      ? `Selected: ${state.chosen.size ? plural(state.chosen.size, "run") : "this setting"}${ends}.`
      : "Selected: all nets of this setting.";
    $("clear").hidden = !choice.isSelected();
  }

  /** The same net at each value of the knob that was turned last. */
  function alike() {
    const k = state.turned,
      knob = knobs[k],
      at = (place) => numbers.at(state.places.with(k, place)).at(-1);
    $("same").hidden = !knob;
    if (!knob) return;
    const there = knob.values.map((_, place) => place).filter(at),
      now = there.indexOf(state.places[k]);
    const from = Math.max(0, Math.min(now - MOST_ALIKE / 2, there.length - MOST_ALIKE));
    $("same-title").textContent = `Same start, other ${knob.name}`;
    $("same-says").textContent =
      `Net ${state.seed} at ${Number.isFinite(state.epoch) ? `epoch ${count(state.epoch)}` : "its end"}, for ${there.length > MOST_ALIKE ? `${MOST_ALIKE} of ${there.length} values` : "each value"} of ${knob.name}. Runs are paired: a net keeps its seed, so its data and its draws.`;
    $("same-row").replaceChildren(
      ...there.slice(from, from + MOST_ALIKE).map((place) => {
        const of = at(place),
          i = numbers.withSeed(of, state.seed),
          button = {
            type: "button",
            "aria-pressed": String(place === state.places[k]),
            onclick: () => choice.turn(k, place),
          };
        const name = make("span", {}, `${knob.name} ${knob.values[place]}`);
        if (i < 0)
          return make("button", button, name, make("span", {}, `has no net ${state.seed}`));
        const canvas = make("canvas", { role: "img", "aria-label": sentence(of, i, state.epoch) }),
          fate = fateOf(of, i);
        pictures.draw(canvas, 116, one(of, i, state.epoch));
        const late =
          Number.isFinite(state.epoch) && numbers.state(of, i, state.epoch)?.epoch > state.epoch;
        return make(
          "button",
          button,
          canvas,
          name,
          make("span", { class: `fate ${fate}` }, `${fate}${late ? "; its end" : ""}`),
        );
      }),
    );
  }

  /** The knobs as they are, with the interval of each value while the others stay. */
  function settings() {
    const boxes = $("knobs").children;
    knobs.forEach((knob, k) => {
      const now = state.places[k],
        found = knob.values
          .map((_, place) => numbers.at(state.places.with(k, place)).at(-1))
          .map((of) => of && outcomeOf(of));
      if (knob.numbers) {
        const slider = boxes[k].querySelector("input");
        boxes[k].querySelector(".strip-box").replaceChildren(charts.strip(found, now));
        boxes[k].querySelector("output").textContent = knob.values[now];
        slider.value = now;
        slider.setAttribute(
          "aria-valuetext",
          `${knob.values[now]}: ${found[now].words} ${found[now].says}`,
        );
        return;
      }
      boxes[k].querySelectorAll("label").forEach((label, place) => {
        label.querySelector("input").checked = place === now;
        label.classList.toggle("absent", !found[place]);
        label
          .querySelector(".bar")
          .replaceChildren(
            found[place] ? charts.whisker(found[place], place === now) : "with other knobs moved",
          );
      });
    });
    $("moved").textContent = state.moved.length
      ? `No run has this value with the same ${state.moved.join(" and ")}: the nearest run is shown.`
      : "";
  }

  function claims() {
    const lines = document.querySelectorAll("#claims-list .of-selection"),
      on = choice.isSelected();
    facts.claims.forEach((claim, c) => {
      const { words, holds } = on ? selection.verdict(claim) : { words: "", holds: null };
      [lines[c].hidden, lines[c].textContent, lines[c].dataset.holds] = [!on, words, holds];
    });
  }

  return { make, $, picture, curves, rate, alike, settings, claims, fateOf };
})();
