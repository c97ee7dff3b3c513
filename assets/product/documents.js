/* The documents of the chosen collection: state and problems of each, its details, removal after asking. */
import { collectionFacts } from "./collection.js";
import { details } from "./details.js";
import { conflicts } from "./conflicts.js";
import { call, element, whenDrawn } from "./dom.js";
import { embedder } from "./embedder.js";
import { watchedFolders } from "./folders.js";
import { letting, suspicion } from "./quarantine.js";
import { readers } from "./grants.js";
import { known as whoLooks } from "./me.js";
import { renewal } from "./renewal.js";
import { uploads } from "./uploads.js";
import { verifiedAnswers } from "./verified.js";

const NUMBER = new Intl.NumberFormat("en");
const SETTLED_MS = 700; // Gradio closes a form within this
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

let collection = null;
let listing = null;
let filter = "";
let known = { documents: [], problems: [] };
let parts = [];
let changing = [];
let signsIn = false;
whoLooks.then((who) => {
  signsIn = who.signs_in;
  const column = document.querySelector("#documents");
  if (signsIn && column && collection !== null) offer(column, collection);
});
const differing = conflicts();

export function documents() {
  whenDrawn("#documents", (column) => {
    listing = element("div", { class: "listing" });
    const facts = collectionFacts();
    changing = [renewal(refresh), uploads(column, () => (choose(column), collection), refresh), readers(), watchedFolders(refresh), verifiedAnswers(refresh), embedder(refresh), differing];
    parts = [changing[0], facts, ...changing.slice(1)];
    column.append(...parts.map((part) => part.root), listing);
    column.hidden = true;
    setInterval(() => choose(column), 250);
    /* What is clicked is meant for the collection chosen by then. */
    column.addEventListener("click", () => choose(column), true);
  });
}

/* Gradio draws the list of collections; what is chosen there is read from it. */
function choose(column) {
  const chosen = document.querySelector("#collection-list input:checked, #collection-list .selected input")?.value ?? null;
  if (chosen === collection) return;
  if (collection !== null) for (const pause of [0, SETTLED_MS]) setTimeout(toChosen, pause);
  collection = chosen;
  column.hidden = chosen === null;
  for (const part of parts) part.show(signsIn && changing.includes(part) ? null : collection);
  if (signsIn) offer(column, collection);
  filter = "";
  listing.replaceChildren();
  load();
}

/* What made or deleted a collection goes from the page, and the focus with it. */
function toChosen() {
  if (document.activeElement === document.body) document.querySelector("#collection-list input:checked")?.focus();
}

/* Whoever may only read a collection is offered nothing else; nobody is before it is known who may. */
async function offer(column, asked) {
  column.classList.add("only-reading");
  const all = asked === null ? [] : await call("GET", "/api/collections").catch(() => []);
  const held = all.find((one) => one.collection_id === asked);
  if (asked !== collection) return;
  column.classList.toggle("only-reading", asked !== null && !held?.may_change);
  for (const part of changing) part.show(held?.may_change ? collection : null);
}

/* Something has changed: what documents say differently may have, too. */
function refresh() {
  differing.show(collection);
  return load();
}

async function load() {
  if (collection === null) return;
  const asked = collection;
  try {
    const answer = await call("GET", `/api/collections/${asked}/documents`);
    if (asked === collection) list((known = answer));
  } catch (error) {
    listing.replaceChildren(element("p", { class: "notice" }, error.message));
  }
}

/* Showing what is there --------------------------------------------------------------------------------- */

function list({ documents: held, problems }) {
  const waits = (one) => one.state === "quarantined";
  const rows = [...held.filter(waits).map(waitingRow), ...problems.map(problemRow), ...held.filter((one) => !waits(one)).map(documentRow)];
  if (!rows.length) {
    listing.replaceChildren(element("p", { class: "quiet-words" }, "Nothing is in this collection yet."));
    return;
  }
  const head = element("tr", {}, ...["Document", "State", "Chunks", "Added", ""].map(headCell));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  listing.replaceChildren(counter(held, problems), element("div", { class: "wide" }, table));
  show();
}

function counted(number, word) {
  return `${NUMBER.format(number)} ${word}${number === 1 ? "" : "s"}`;
}

function headCell(text) {
  return text ? element("th", { scope: "col" }, text) : element("td", {});
}

function counter(held, problems) {
  const search = element("input", { type: "search", placeholder: "Filter by name", "aria-label": "Filter documents by name" });
  search.value = filter;
  search.addEventListener("input", () => {
    filter = search.value;
    show();
  });
  const failed = problems.length ? ` · ${NUMBER.format(problems.length)} could not be read` : "";
  const waiting = held.filter((one) => one.state === "quarantined").length;
  const quarantined = waiting ? ` · ${NUMBER.format(waiting)} in quarantine` : "";
  const faulty = held.filter((one) => faultsOf(one).length).length;
  const poorly = faulty ? ` · ${NUMBER.format(faulty)} understood in part` : "";
  return element("div", { class: "counter" }, element("p", {}, counted(held.length, "document") + quarantined + failed + poorly), held.length > 7 ? search : null);
}

function rows() {
  return [...listing.querySelectorAll("tbody tr:not([hidden])")];
}

function show() {
  for (const row of listing.querySelectorAll("tbody tr")) {
    row.hidden = !row.dataset.name.toLowerCase().includes(filter.toLowerCase());
  }
}

/* What is amiss with how a document was understood, in sentences. */
function faultsOf(held) {
  return (held.quality?.faults ?? []).map((fault) => fault.sentence);
}

/* Which documents say nearly the same; an order of 1 means that the other is the newer version. */
function related(held) {
  const words = { 1: "Older version of", 0: "Nearly the same as", [-1]: "Newer version of" };
  return (held.relatives ?? []).flatMap(({ document_id: id, order }) => {
    const other = known.documents.find((one) => one.document_id === id);
    return other ? [`${words[order]} ${other.name}`] : [];
  });
}

function nameCell(held, path) {
  const open = element("button", { type: "button", class: "title", click: () => details(path) }, held.title || held.name);
  const name = element("td", {}, open);
  if (held.title && held.title !== held.name) name.append(element("span", { class: "file" }, held.name));
  return name;
}

function waitingRow(held) {
  const path = `/api/collections/${collection}/documents/${held.document_id}`;
  const name = nameCell(held, path);
  name.append(suspicion(held));
  const actions = element("span", { class: "actions" }, letting(held, path, refresh), removal(held.name, path));
  const cells = [chip("In quarantine"), NUMBER.format(held.chunks), DAY.format(new Date(held.added)), actions];
  return element("tr", { "data-name": `${held.title} ${held.name}`, class: "waiting" }, name, ...cells.map((cell) => element("td", {}, cell)));
}

function documentRow(held) {
  const path = `/api/collections/${collection}/documents/${held.document_id}`;
  const name = nameCell(held, path);
  if (held.released) name.append(element("span", { class: "file" }, `Released from quarantine on ${DAY.format(new Date(held.released))}`));
  const same = known.documents.find((one) => one.document_id === held.same_as);
  if (same) name.append(element("span", { class: "file" }, `The same file as ${same.name}, stored once`));
  name.append(...related(held).map((words) => element("span", { class: "file" }, words)));
  const told = [...faultsOf(held), ...held.warnings];
  for (const warning of told) name.append(element("span", { class: "warning" }, warning));
  const state = chip(["pending", "arriving"].includes(held.state) ? "Being indexed" : told.length ? "Read with warnings" : "Ready");
  const remove = removal(held.name, path);
  const cells = [state, NUMBER.format(held.chunks), DAY.format(new Date(held.added)), remove];
  return element("tr", { "data-name": `${held.title} ${held.name}` }, name, ...cells.map((cell) => element("td", {}, cell)));
}

function problemRow(problem) {
  const name = element("td", {}, element("span", { class: "title" }, problem.name));
  name.append(element("span", { class: "warning" }, problem.sentence));
  const path = `/api/collections/${collection}/problems?name=${encodeURIComponent(problem.name)}`;
  const cells = [chip("Not read"), "–", DAY.format(new Date(problem.noticed)), removal(problem.name, path)];
  return element("tr", { "data-name": problem.name }, name, ...cells.map((cell) => element("td", {}, cell)));
}

function chip(word) {
  const kinds = { Ready: "good", "Being indexed": "busy", "Read with warnings": "warn", "Not read": "bad", "In quarantine": "bad" };
  return element("span", { class: `chip ${kinds[word]}` }, word);
}

/* A button that asks once more in its own place before anything is removed. */
function removal(name, path) {
  const place = element("span", { class: "removal" });
  const ask = element("button", { type: "button", class: "small", "aria-label": `Remove ${name}` }, "Remove");
  const yes = element("button", { type: "button", class: "small danger", "aria-label": `Really remove ${name}` }, "Really remove");
  const no = element("button", { type: "button", class: "small", "aria-label": `Keep ${name}` }, "Keep");
  ask.addEventListener("click", () => {
    yes.disabled = no.disabled = false;
    place.replaceChildren(yes, no);
    no.focus();
  });
  no.addEventListener("click", () => (place.replaceChildren(ask), ask.focus()));
  yes.addEventListener("click", async () => {
    yes.disabled = no.disabled = true;
    const at = rows().indexOf(place.closest("tr"));
    try {
      await call("DELETE", path);
      await refresh();
      if (document.activeElement === document.body) (rows()[at] ?? rows().at(-1))?.querySelector(".removal button")?.focus();
    } catch (error) {
      place.replaceChildren(ask, element("span", { class: "warning", role: "alert" }, error.message));
    }
  });
  place.append(ask);
  return place;
}
