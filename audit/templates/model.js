// What the page knows: the data of the ledger, the instant shown, and words. No element is touched.

const data = JSON.parse(document.getElementById("data").textContent);
const DAY = 86400e6, HANOI = 7 * 3600e6;
const PHASES = Object.keys(data.phases);
const view = { t: data.until, clock: "own", lang: document.documentElement.lang, chosen: null, days: 0, from: data.begin, to: data.end };

// Copies, duties and documents by name; facts stay in columns until somebody opens them. See
// audit/page_data.py and audit/page_pack.py.
const when = (place) => (place < 0 ? null : data.instants[place]);
const paired = (course) => {
  const found = [];
  for (let at = 0; at < course.length; at += 2) found.push([when(course[at]), course[at + 1]]);
  return found;
};
const copies = data.copies.map(([id, duty, name, own, known], index) =>
  ({ index, id, duty, name: data.names[name], own: paired(own), known: paired(known), facts: [] }));
const duties = data.duties.map((duty, index) => ({ ...duty, index, facts: [] }));
const documents = data.documents.map((doc, index) => ({ ...doc, index, facts: [], issued: null, completed: null }));
const columns = data.facts, hashes = atob(columns.hash);

for (let place = 0; place < columns.seq.length; place += 1) {
  const duty = columns.duty[place], type = data.types[columns.type[place]], copiesOf = columns.about[place];
  if (typeof copiesOf === "number") copies[copiesOf].facts.push(place);
  else if (copiesOf.length) for (const copy of copiesOf) copies[copy].facts.push(place);
  else (duty === null ? documents[columns.doc[place]] : duties[duty]).facts.push(place);
  if (type === "Issued") documents[columns.doc[place]].issued = place;
  if (type === "Completed") documents[columns.doc[place]].completed = place;
}

/** The hash of the fact at a place; nothing for one that is derived, or before the first. */
function hashAt(place) {
  const bytes = place < 0 ? "" : hashes.slice(place * 32, place * 32 + 32);
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
/** One fact, taken from the columns. */
function factAt(place) {
  return {
    place, seq: columns.seq[place], kind: columns.kind[place], at: when(columns.at[place]),
    recorded: when(columns.recorded[place]), hash: hashAt(place), prev: columns.prev[place] ?? hashAt(place - 1),
    cause: columns.cause[place], words: data.words[columns.words[place]],
    mails: columns.mails[place] ?? [], named: columns.named[place] ?? [],
  };
}

/** Words of the page in the chosen language, with {names} filled in. */
function say(key, values = {}) {
  return data.texts[view.lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
const both = (pair) => pair[view.lang === "vi" ? 0 : 1];

/** From when the fact at a place counts on the chosen clock; a derived one was due at its own instant. */
function counts(place) {
  const at = columns.at[place];
  return when(view.clock === "own" ? at : Math.max(at, columns.recorded[place]));
}

/** The status of a copy at an instant: the last change that is not after it. */
function statusAt(copy, t) {
  const course = copy[view.clock];
  let low = 0, high = course.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((course[middle][0] ?? -Infinity) <= t) low = middle + 1; else high = middle;
  }
  return low === 0 ? null : status(course[low - 1][1]);
}
function status(number) {
  const [phase, late, due, rung, version] = data.statuses[number];
  return { phase, late: late === 1, due, rung, version };
}

const momentsOf = {};
/** The instants at which something changes on the chosen clock, in order. */
function moments() {
  if (!momentsOf[view.clock]) {
    const found = new Set(columns.seq.map((_, place) => counts(place)));
    for (const copy of copies) for (const [at] of copy[view.clock]) if (at !== null) found.add(at);
    momentsOf[view.clock] = Float64Array.from(found).sort().filter((at) => at >= data.begin && at <= data.until);
  }
  return momentsOf[view.clock];
}

const closedPhase = (phase) => phase === "accepted" || phase === "waived" || phase === "superseded";

// --- words ------------------------------------------------------------------------------------

const DAYS = {
  vi: ["Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};
const two = (number) => String(number).padStart(2, "0");

/** Parts of an instant on Viet Nam's clock. */
function parts(micros) {
  const date = new Date(Math.floor((micros + HANOI) / 1000));
  return { date, rest: micros - Math.floor(micros / 60e6) * 60e6 };
}
function dayWords(micros) {
  const { date } = parts(micros);
  return `${DAYS[view.lang][date.getUTCDay()]}, ${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;
}
function instantWords(micros) {
  const { date, rest } = parts(micros);
  let clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (rest) {
    const seconds = Math.floor(rest / 1e6), left = rest % 1e6;
    clock += `:${two(seconds)}${left ? "." + String(left).padStart(6, "0") : ""}`;
  }
  return `${clock} ${dayWords(micros)}`;
}
/** An instant of the machines (signed, sent), to the second: its parts decide nothing. */
const secondWords = (micros) => instantWords(micros - (micros % 1e6));
function dueWords(due) {
  if (due === null) return say("no_due");
  const whole = (due + HANOI) % DAY === 0;
  if (view.lang === "vi") return whole ? `hết ngày ${dayWords(due - 1)}` : `trước ${instantWords(due)}`;
  return whole ? `the end of ${dayWords(due - 1)}` : `before ${instantWords(due)}`;
}
/** A span of time in its two largest units. */
function spanWords(micros) {
  const units = [["day", DAY], ["hour", 3600e6], ["minute", 60e6], ["second", 1e6]];
  const found = [];
  for (const [name, size] of units) {
    const count = Math.floor(micros / size);
    if (count && found.length < 2) found.push(`${count} ${say(name)}`);
    micros -= count * size;
  }
  return found.join(" ") || `0 ${say("second")}`;
}
function statusWords(found) {
  if (!found) return "—";
  const said = [both(data.phases[found.phase])], closed = closedPhase(found.phase);
  if (found.late) said.push(say(closed ? "slow" : "late"));
  if (found.late && found.rung && !closed) said.push(say("rung", { n: found.rung }));
  return said.join(" · ");
}
const localText = (micros) => new Date((micros + HANOI) / 1000).toISOString().slice(0, 16);
const localValue = (text) => Date.parse(`${text}:00Z`) * 1000 - HANOI;
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, view.lang === "vi" ? "." : ",");
