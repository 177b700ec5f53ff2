// The instant shown, the clock and the language: what a person moves, and what follows from it.

let waiting = 0;
function redraw() {
  waiting ||= requestAnimationFrame(() => { waiting = 0; draw(); });
}

function draw() {
  const part = share(view.t);
  $("cursor").style.left = `calc(var(--label) + (100% - var(--label) - 1rem) * ${part})`;
  for (const id of ["now", "here"]) $(id).textContent = instantWords(view.t);
  const slider = $("slider");
  slider.value = String(Math.round((view.t - view.from) / MINUTE));
  slider.setAttribute("aria-valuetext", instantWords(view.t));
  $("exact").value = localText(view.t);
  $("clock-hint").textContent = say(view.clock === "own" ? "clock_own_hint" : "clock_known_hint");
  counted();
  drawRows();
  reopen?.();
}

function counted() {
  const tally = tallyOf(copies.map((_, index) => index));
  const line = $("counts");
  line.replaceChildren(make("span", "soft", `${say("counts")}:`));
  for (const phase of PHASES) if (tally[phase]) line.append(keyed(phase, tally[phase], both(data.phases[phase])));
  if (tally.late) line.append(keyed("late", tally.late, say("late"), "late-mark"));
  if (tally.slow) line.append(keyed("slow", tally.slow, say("slow")));
}
function keyed(key, count, words, className = "") {
  const item = make("span", className);
  if (key !== "slow") item.append(make("span", `key ${key}`));
  if (count !== null) item.append(make("b", "", grouped(count)), " ");
  item.append(words);
  return item;
}

const MINUTE = 60e6;
/** Show the instant *t*, as far as the ledger reaches. */
function show(t) {
  view.t = Math.min(data.until, Math.max(data.begin, t));
  if (view.t < view.from || view.t > view.to) range(view.days);
  redraw();
}
/** Show *days* around the instant on the axis; 0: everything. */
function range(days) {
  view.days = days;
  const wide = Math.min(days ? days * DAY : Infinity, data.end - data.begin);
  view.from = Math.max(data.begin, Math.min(view.t - wide / 2, data.end - wide));
  view.to = view.from + wide;
  scale();
}
function jump(way) {
  const all = moments();
  const next = way > 0 ? all.find((at) => at > view.t) : all.findLast((at) => at < view.t);
  if (next !== undefined) show(next);
}

/** Draw the months (or days, when they are few) of the axis. */
function scale() {
  for (const line of document.querySelectorAll(".gridline")) line.remove();
  const months = $("months"), found = [];
  months.replaceChildren();
  const few = span() < 100 * DAY, first = parts(view.from).date;
  for (let next = 0; next < 600; next += 1) {
    const [month, day] = few ? [0, first.getUTCDate() + next * 7 - ((first.getUTCDay() + 6) % 7)] : [next, 1];
    const at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, day) * 1000 - HANOI;
    if (at > view.to) break;
    if (at >= view.from) found.push(at);
  }
  const every = Math.ceil((found.length * 52) / Math.max(52, months.clientWidth));
  found.forEach((at, index) => {
    const line = make("div", "gridline");
    line.style.left = `calc(var(--label) + (100% - var(--label) - 1rem) * ${share(at)})`;
    $("rows").prepend(line);
    if (index % every || share(at) > 0.97) return;
    const { date } = parts(at);
    const mark = make("span", "", few ? `${date.getUTCDate()}/${date.getUTCMonth() + 1}` : `${date.getUTCMonth() + 1}/${date.getUTCFullYear()}`);
    mark.style.left = percent(share(at));
    months.append(mark);
  });
  $("slider").max = String(Math.ceil(span() / MINUTE));
}

function translate() {
  document.documentElement.lang = view.lang;
  for (const each of document.querySelectorAll("[data-t]")) each.textContent = say(each.dataset.t);
  for (const each of document.querySelectorAll("[data-n]")) each.textContent = say("facts_n", { n: grouped(Number(each.dataset.n)) });
  for (const each of document.querySelectorAll("[data-at]")) each.textContent = instantWords(Number(each.dataset.at));
  $("strip-words").textContent = data.strip[view.lang];
  $("slider").setAttribute("aria-label", say("slider"));
  $("chart").setAttribute("aria-label", say("title"));
  $("language").textContent = say("other");
  $("language").lang = view.lang === "vi" ? "en" : "vi";
  document.title = `${say("title")} · ${data.heading}`;
  const legend = $("legend");
  legend.replaceChildren(`${say("legend")}:`);
  for (const phase of PHASES) legend.append(keyed(phase, null, both(data.phases[phase])));
  legend.append(keyed("late", null, say("late")), make("span", "", `▼ ${say("due_mark")}`), make("span", "", `┄ ${say("planned")}`));
}

function hatch() {
  const NS = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NS, "svg"), pattern = document.createElementNS(NS, "pattern");
  const path = document.createElementNS(NS, "path");
  svg.setAttribute("width", "0");
  svg.setAttribute("height", "0");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of [["id", "hatch"], ["width", "1.2"], ["height", "100"], ["patternUnits", "userSpaceOnUse"]]) pattern.setAttribute(name, value);
  path.setAttribute("d", "M0 0H.5V100H0Z");
  pattern.append(path);
  svg.append(pattern);
  document.body.append(svg);
}

function begin() {
  hatch();
  $("app").hidden = false;
  $("language").hidden = false;
  for (const doc of documents) {
    documentRow(doc);
    for (const duty of duties) if (duty.document === doc.index) dutyRow(duty);
  }
  range(0);
  translate();
  focusOn(rows[0]);
  const slider = $("slider");
  slider.addEventListener("input", () => show(view.from + Number(slider.value) * MINUTE));
  slider.addEventListener("keydown", (event) => {
    const week = { PageUp: 7 * DAY, PageDown: -7 * DAY }[event.key];
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const to = { Home: data.begin, End: data.until }[event.key];
    if (week) show(view.t + week);
    else if (way) jump(way);
    else if (to !== undefined) show(to);
    else return;
    event.preventDefault();
  });
  $("previous").addEventListener("click", () => jump(-1));
  $("next").addEventListener("click", () => jump(1));
  $("exact").addEventListener("change", () => { if ($("exact").value) show(localValue($("exact").value)); });
  for (const radio of document.querySelectorAll("[name=clock]")) {
    radio.addEventListener("change", () => { view.clock = radio.value; redraw(); });
  }
  $("language").addEventListener("click", () => { view.lang = view.lang === "vi" ? "en" : "vi"; translate(); redraw(); });
  $("range").addEventListener("change", () => { range(Number($("range").value)); redraw(); });
  $("close").addEventListener("click", closeDetails);
  window.addEventListener("resize", scale);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeDetails(); });
  $("rows").addEventListener("keydown", step);
  const few = duties.filter((duty) => duty.copies.length > 1 && duty.copies.length <= FOLDED_FROM);
  if (copies.length <= FOLDED_FROM) for (const duty of few) rows.find((each) => each.key === `o${duty.index}`).unfold(true);
  draw();
}

begin();
