// The facts behind a bar: what the text says, what happened, who was to be told, and the proof.

let opener = null, reopen = null;

function openDetails(title, bar, fill) {
  opener = bar ?? opener;
  view.chosen = opener?.dataset.key ?? null;
  reopen = () => openDetails(title, null, fill);
  $("details-title").textContent = title;
  const body = $("details-body");
  body.replaceChildren();
  fill(body);
  const hidden = $("details").hidden;
  $("details").hidden = false;
  document.body.classList.add("detailed");
  if (hidden) scale();
  if (bar || hidden) { $("details").scrollTop = 0; $("details-title").focus(); }
  markChosen();
}
function closeDetails() {
  if ($("details").hidden) return;
  $("details").hidden = true;
  document.body.classList.remove("detailed");
  scale();
  view.chosen = null;
  reopen = null;
  markChosen();
  opener?.focus();
}
function markChosen() {
  for (const each of rows) each.element.classList.toggle("chosen", each.key === view.chosen);
}

function openCopy(copy, bar) {
  const duty = duties[copy.duty];
  openDetails(copy.name, bar, (body) => {
    const now = statusAt(copy, view.t);
    const about = dutyAbout(duty);
    about.prepend(pair("state", statusWords(now)), pair("due", dueWords(now?.due ?? null)));
    body.append(about, heading("facts_of"), factList(copy.facts));
    if (duty.facts.length) body.append(heading("duty_facts"), factList(duty.facts));
  });
}
function openDuty(duty, bar) {
  openDetails(`${signOf(duty)} · ${duty.summary}`, bar, (body) => {
    body.append(dutyAbout(duty), heading("duty_facts"), factList(duty.facts));
  });
}
function openDocument(doc, bar) {
  openDetails(`${doc.key} · ${doc.kind}`, bar, (body) => {
    body.append(make("p", "", doc.title), heading("document_facts"), factList(doc.facts));
  });
}

const heading = (key) => make("h3", "", say(key));
function pair(key, value) {
  const line = make("div");
  const said = make("dd");
  said.append(value);
  line.append(make("dt", "", say(key)), said);
  return line;
}
function dutyAbout(duty) {
  const about = make("dl", "about");
  const words = make("blockquote", "quote", duty.quote);
  const clause = make("span", "", `${duty.clause} (${duty.id}, ${documents[duty.document].key}) `);
  if (duty.source === "assumed") clause.append(make("span", "tag", say("assumed")));
  about.append(pair("clause", clause));
  if (duty.quote) about.append(pair("quote", words));
  for (const [phrase, until, where] of duty.bounds) {
    about.append(pair("bound", `“${phrase}” (${where}): ${both(data.words[until])}`));
  }
  if (duty.reviewer) about.append(pair("reviewer", duty.reviewer));
  return about;
}

function factList(found) {
  if (!found.length) return make("p", "soft", say("none"));
  const list = make("ol", "facts");
  for (const place of found) list.append(factItem(factAt(place)));
  return list;
}
function factItem(fact) {
  const item = make("li");
  item.append(make("p", "what", both(fact.words)));
  const late = fact.recorded === null ? 0 : fact.recorded - fact.at;
  const record = fact.recorded === null ? say("not_recorded")
    : late > 0 ? `${say("recorded")} ${instantWords(fact.recorded)} (${say("later", { d: spanWords(late) })})` : say("at_once");
  item.append(make("p", "when", `${instantWords(fact.at)} · ${record} · ${both(data.kinds[fact.kind])}`));
  const note = noteOf(fact);
  if (note) { item.classList.add("later"); item.append(make("p", "note", note)); }
  if (fact.recorded === null) item.classList.add("derived");
  if (fact.mails.length) {
    const list = make("ul", "mails");
    for (const mail of fact.mails) list.append(make("li", "", mailWords(mail)));
    item.append(list);
  }
  if (fact.seq !== null) item.append(proofOf(fact));
  return item;
}
/** How a fact lies to the instant shown; empty when it counts. */
function noteOf(fact) {
  if (fact.at > view.t) return say("future");
  if (counts(fact.place) <= view.t) return "";
  return say(fact.kind === "D" ? "due_then" : "unknown_then");
}
function mailWords([kind, to, proofs, box]) {
  const said = proofs.map(([seq, type]) => say(`proof_${type}`, { n: seq }));
  if (!said.length) said.push(say("no_proof"));
  if (box) {
    const state = say(`outbox_${box[0]}`) + (box[1] === null ? "" : ` ${secondWords(box[1])}`);
    said.push(say("outbox", { s: state }));
  }
  return `✉ ${say("mail")}: ${data.mails[kind] ? both(data.mails[kind]) : kind} → ${data.names[to]} · ${said.join("; ")}`;
}
function proofOf(fact) {
  const box = make("details"), summary = make("summary");
  const found = data.checkpoints.find(([size]) => size >= fact.seq);
  const cover = found ? say("covered", { n: grouped(found[0]), t: secondWords(found[1]) }) : say("uncovered");
  const told = make("span", found ? "" : "uncovered", cover);
  summary.append(`${say("seq")} ${grouped(fact.seq)} · ${fact.hash.slice(0, 12)}… · `, told);
  box.append(summary);
  const line = (key, value) => {
    const div = make("div");
    div.append(make("span", "", key), make("code", "", value));
    box.append(div);
  };
  line(say("hash"), fact.hash);
  line(say("prev"), fact.prev);
  for (const [field, value] of fact.named) line(data.texts[view.lang][`named_${field}`] ?? field, value);
  if (fact.cause !== null) line(say("cause"), grouped(fact.cause));
  if (found) line(say("copies"), found[4].map(copyWords).join(", ") || say("no_copy"));
  return box;
}
/** Where a copy of a checkpoint lies, and what became of it. */
function copyWords([channel, state]) {
  const mail = /^mail:(.*)$/.exec(channel);
  const where = mail ? say("channel_mail", { n: mail[1] }) : channel;
  return `${where} (${data.texts[view.lang][`outbox_${state}`] ?? state})`;
}

// Paper opens nothing: what is printed has every hash and proof of the facts that are shown.
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("#details details:not([open])")];
  for (const each of unfolded) each.open = true;
});
window.addEventListener("afterprint", () => { for (const each of unfolded) each.open = false; });
