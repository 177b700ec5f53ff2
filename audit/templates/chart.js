// The chart: documents, duties and the bodies that owe them, each a bar up to the instant shown.

const $ = (id) => document.getElementById(id);
const span = () => Math.max(1, view.to - view.from);
const share = (micros) => Math.min(1, Math.max(0, (micros - view.from) / span()));
const percent = (part) => `${(part * 100).toFixed(3)}%`;
const AT_ONCE = 200, FOLDED_FROM = 40, SAMPLES = 240;
const rows = []; // every row that exists: { element, bar, draw, key }

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
function place(element, from, to) {
  element.style.left = percent(share(from));
  element.style.width = percent(Math.max(0, share(to) - share(from)));
  return element;
}

/** A row with its name, a chip for its status, and one button over the track: the bar. */
function row(kind, key, parent, open) {
  const element = make("div", `row ${kind}`);
  const name = make("div", "name"), track = make("div", "track");
  const bar = make("button", "bar");
  bar.type = "button";
  bar.tabIndex = -1;
  bar.dataset.key = key;
  bar.addEventListener("click", () => { focusOn(made); open(bar); });
  name.addEventListener("click", (event) => { if (!event.target.closest("button")) bar.click(); });
  const shapes = make("div");
  track.append(shapes, bar);
  element.append(name, track);
  parent.append(element);
  const made = { element, name, track, bar, shapes, key, draw: () => {} };
  rows.push(made);
  return made;
}

function documentRow(doc) {
  const made = row("document", `d${doc.index}`, $("rows"), (bar) => openDocument(doc, bar));
  const title = make("span", "", `${doc.key} · ${doc.issuer}`), chip = make("span", "chip");
  title.title = doc.title;
  made.name.append(title, chip);
  made.draw = () => {
    const from = doc.issued === null ? Infinity : counts(doc.issued), to = doc.completed === null ? Infinity : counts(doc.completed);
    const words = say(view.t < from ? "not_issued" : view.t < to ? "issued" : "complete");
    chip.textContent = words;
    made.bar.setAttribute("aria-label", `${doc.key}, ${doc.title}: ${words}`);
    made.shapes.replaceChildren();
    if (view.t >= from) made.shapes.append(place(make("div", "life"), from, Math.min(view.t, to)));
  };
}

function dutyRow(duty) {
  const made = row("duty", `o${duty.index}`, $("rows"), (bar) => openDuty(duty, bar));
  const list = make("div");
  list.id = `copies-${duty.index}`;
  list.hidden = true;
  const fold = make("button", "fold");
  fold.type = "button";
  fold.setAttribute("aria-controls", list.id);
  const text = make("div", "text"), title = make("b"), under = make("small");
  const chip = make("span", "chip"), tallied = make("span");
  under.append(chip, tallied);
  text.append(title, under);
  made.name.append(fold, text);
  $("rows").append(list);
  let shown = 0, more = null;
  const grow = () => {
    for (const copy of duty.copies.slice(shown, shown + AT_ONCE)) copyRow(copies[copy], list);
    shown = Math.min(duty.copies.length, shown + AT_ONCE);
    more?.remove();
    more = null;
    if (shown < duty.copies.length) {
      more = make("button", "more", say("more", { n: Math.min(AT_ONCE, duty.copies.length - shown) }));
      more.type = "button";
      more.addEventListener("click", () => { grow(); drawRows(); });
      list.append(more);
    }
  };
  const unfold = (wanted) => {
    if (wanted && shown === 0) grow();
    list.hidden = !wanted;
    draw();
    if (wanted) drawRows();
  };
  fold.addEventListener("click", () => unfold(list.hidden));
  const draw = () => {
    const count = duty.copies.length, tally = tallyOf(duty.copies);
    title.textContent = `${signOf(duty)} · ${duty.summary}`;
    title.title = duty.summary;
    tallied.textContent = `${count === 1 ? say("one_unit") : say("units", { n: grouped(count) })}: ${tallyWords(tally)}`;
    const late = [tally.late && `! ${grouped(tally.late)} ${say("late")}`, tally.slow && `${grouped(tally.slow)} ${say("slow")}`].filter(Boolean).join(", ");
    chip.textContent = late && `${late} · `;
    chip.className = tally.late ? "chip late" : "chip";
    fold.textContent = list.hidden ? "▸" : "▾";
    fold.setAttribute("aria-expanded", String(!list.hidden));
    fold.setAttribute("aria-label", `${say(list.hidden ? "show" : "hide")}: ${duty.id}`);
    made.bar.setAttribute("aria-label", `${duty.id}, ${duty.summary}: ${tallied.textContent}${late && `, ${late}`}`);
    made.shapes.replaceChildren(areas(duty));
    if (more) more.textContent = say("more", { n: Math.min(AT_ONCE, duty.copies.length - shown) });
  };
  made.draw = draw;
  made.unfold = unfold;
  return made;
}

/** The clause; for a duty that was assumed and has none, its identifier. */
const signOf = (duty) => (duty.clause.startsWith("(") ? duty.id : duty.clause);

function copyRow(copy, parent) {
  const made = row("copy", `c${copy.index}`, parent, (bar) => openCopy(copy, bar));
  const name = make("span", "", copy.name), chip = make("span", "chip");
  name.title = copy.name;
  made.name.append(name, chip);
  made.draw = () => {
    const now = statusAt(copy, view.t), words = statusWords(now);
    chip.textContent = chip.title = words;
    chip.className = now?.late && !closedPhase(now.phase) ? "chip late" : "chip";
    made.bar.setAttribute("aria-label", `${copy.name}, ${duties[copy.duty].id}: ${words}; ${say("due")}: ${dueWords(now?.due ?? null)}`);
    made.shapes.replaceChildren(...shapesOf(copy, now));
  };
}

/** The phases of a copy up to the instant shown, lateness hatched over them, and its bound. */
function shapesOf(copy, now) {
  const found = [];
  if (!now) return found;
  const course = copy[view.clock].filter(([at]) => (at ?? -Infinity) <= view.t);
  let opened = null, last = null;
  course.forEach(([at, number], index) => {
    const { phase, late } = status(number);
    if (phase === "pending") return;
    opened ??= at;
    const closed = closedPhase(phase);
    const to = closed ? at : course[index + 1]?.[0] ?? view.t;
    if (closed) { last = at; return; }
    found.push(place(make("div", `seg ${phase}${at === opened ? " first" : ""}`), at, to));
    if (late) found.push(place(make("div", "seg lateness"), at, to));
  });
  if (now.due !== null && opened !== null && last === null && now.due > view.t) {
    found.unshift(place(make("div", "given"), view.t, now.due));
  }
  if (now.due !== null) {
    const due = make("div", "due");
    due.style.left = percent(share(now.due));
    found.push(due);
  }
  if (last !== null || now.late) {
    const mark = { accepted: "✓", waived: "∅", superseded: "→" }[now.phase] ?? "";
    const end = make("div", now.late ? "end late" : "end", `${mark}${now.late ? " !" : ""}`.trim());
    end.style.left = percent(share(last ?? view.t));
    if (last !== null && opened !== null) found.push(place(make("div", `seg last ${now.phase}`), Math.max(opened, last - span() / 200), last));
    found.push(end);
  }
  return found;
}

function tallyOf(indices) {
  const tally = { late: 0, slow: 0 };
  for (const index of indices) {
    const now = statusAt(copies[index], view.t);
    if (!now) continue;
    tally[now.phase] = (tally[now.phase] ?? 0) + 1;
    if (now.late) tally[closedPhase(now.phase) ? "slow" : "late"] += 1;
  }
  return tally;
}
function tallyWords(tally) {
  const said = PHASES.filter((phase) => tally[phase]).map((phase) => `${grouped(tally[phase])} ${both(data.phases[phase])}`);
  return said.join(", ") || "—";
}

const sampled = new Map();
/** How many bodies were in which phase, sample by sample over the whole time. */
function samplesOf(duty) {
  const key = `${view.clock} ${duty.index} ${view.from} ${view.to}`;
  if (!sampled.has(key)) {
    const changes = [];
    for (const index of duty.copies) {
      let was = null;
      for (const [at, number] of copies[index][view.clock]) {
        const { phase, late } = status(number);
        changes.push([at ?? -Infinity, was, { phase, late }]);
        was = { phase, late };
      }
    }
    changes.sort((one, other) => one[0] - other[0]);
    const counted = Object.fromEntries([...PHASES, "late"].map((phase) => [phase, 0]));
    const samples = [];
    let next = 0;
    for (let sample = 0; sample <= SAMPLES; sample += 1) {
      const at = view.from + (span() * sample) / SAMPLES;
      for (; next < changes.length && changes[next][0] <= at; next += 1) {
        const [, was, is] = changes[next];
        if (was) { counted[was.phase] -= 1; counted.late -= was.late && !closedPhase(was.phase); }
        counted[is.phase] += 1;
        counted.late += is.late && !closedPhase(is.phase);
      }
      samples.push({ ...counted });
    }
    sampled.set(key, samples);
  }
  return sampled.get(key);
}
const STACK = ["accepted", "waived", "superseded", "submitted", "acknowledged", "open"];

/** Stacked areas of a duty's phases, done at the bottom, late ones hatched; up to the instant. */
function areas(duty) {
  const NS = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 0 ${SAMPLES} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  const samples = samplesOf(duty), whole = duty.copies.length;
  const until = Math.floor(share(view.t) * SAMPLES);
  const exact = share(view.t) * SAMPLES;
  const path = (className, low, high) => {
    let drawn = "";
    for (let sample = 0; sample <= until; sample += 1) {
      const a = low(samples[sample]), b = high(samples[sample]);
      if (b <= a) continue;
      // The last column ends at the instant itself; the others touch.
      const right = Math.min(sample + 1.05, Math.max(exact, sample + 0.01));
      drawn += `M${sample} ${100 - (100 * b) / whole}H${right.toFixed(2)}V${100 - (100 * a) / whole}H${sample}Z`;
    }
    if (!drawn) return;
    const area = document.createElementNS(NS, "path");
    area.setAttribute("class", className);
    area.setAttribute("d", drawn);
    svg.append(area);
  };
  const upTo = (count) => (sample) => STACK.slice(0, count).reduce((sum, phase) => sum + sample[phase], 0);
  STACK.forEach((phase, index) => path(phase, upTo(index), upTo(index + 1)));
  const top = upTo(STACK.length);
  path("late", (sample) => top(sample) - sample.late, top);
  return svg;
}

function drawRows() {
  for (const each of rows) if (!each.element.parentElement.hidden) each.draw();
}

/** One stop for Tab; arrows go from bar to bar. */
function focusOn(made) {
  for (const each of rows) each.bar.tabIndex = each === made ? 0 : -1;
}
function step(event) {
  if (!event.target.classList?.contains("bar")) return;
  const visible = [...$("rows").querySelectorAll(".bar")].filter((bar) => !bar.closest("[hidden]"));
  const at = visible.indexOf(event.target);
  const made = rows.find((each) => each.bar === event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 }[event.key];
  if (made.unfold && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    made.unfold(event.key === "ArrowRight");
  } else if (to === undefined || !visible[to]) {
    return;
  } else {
    focusOn(rows.find((each) => each.bar === visible[to]));
    visible[to].focus();
  }
  event.preventDefault();
}
