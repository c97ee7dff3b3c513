/* The documents of the chosen collection: upload with progress, state and problems of each, removal after asking.
   A file goes as the body of a PUT; the answer tells, line by line, how far learning it is. */
import { call, element, whenDrawn } from "./dom.js";

const KINDS = ".md,.markdown,.txt,.text,.html,.htm,.xhtml,.csv,.tsv,.pdf,.docx,.docm,.pptx,.pptm,.xlsx,.xlsm,.odt,.rtf,.eml,.msg,.mbox,.mbx,.zip"; /* those of retrieval/readers/formats.py; a test compares */
const NUMBER = new Intl.NumberFormat("en");
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

let root = null;
let collection = null;
let uploads = null;
let listing = null;
let filter = "";
let known = { documents: [], problems: [] };
const waiting = [];
let busy = false;

export function documents() {
  whenDrawn("#documents", (column) => {
    uploads = element("ul", { class: "uploads", "aria-label": "Uploads" });
    listing = element("div", { class: "listing" });
    column.append(dropZone(column), uploads, listing);
    column.hidden = true;
    root = column;
    setInterval(() => choose(column), 250);
  });
}

/* Gradio draws the list of collections; what is chosen there is read from it. */
function choose(column) {
  const chosen = document.querySelector("#collection-list input:checked, #collection-list .selected input")?.value ?? null;
  if (chosen === collection) return;
  collection = chosen;
  column.hidden = chosen === null;
  uploads.replaceChildren();
  filter = "";
  refresh();
}

async function refresh() {
  if (collection === null) return;
  const asked = collection;
  try {
    const answer = await call("GET", `/api/collections/${asked}/documents`);
    if (asked === collection) list((known = answer));
  } catch (error) {
    listing.replaceChildren(element("p", { class: "notice" }, error.message));
  }
}

/* Choosing files -------------------------------------------------------------------------------------- */

function dropZone(column) {
  const input = element("input", { type: "file", id: "files", class: "unseen", multiple: true, accept: KINDS });
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  const words = element("p", {}, element("label", { for: "files", class: "choose" }, "Choose files"), " or drop them here");
  const kinds = element("p", { class: "quiet-words" }, "PDF, Word, Excel, PowerPoint, OpenDocument, RTF, mail, HTML, Markdown, CSV, text, and ZIP files of these. They are read on this machine and kept encrypted.");
  const zone = element("div", { class: "drop" }, input, words, kinds);
  for (const name of ["dragenter", "dragover"]) column.addEventListener(name, (event) => over(event, zone, true));
  for (const name of ["dragleave", "drop"]) column.addEventListener(name, (event) => over(event, zone, false));
  column.addEventListener("drop", (event) => add([...event.dataTransfer.files]));
  return zone;
}

function over(event, zone, isOver) {
  event.preventDefault();
  zone.classList.toggle("over", isOver);
}

function add(files) {
  choose(root);
  for (const file of files) {
    const upload = { file, collection, row: uploadRow(file.name) };
    waiting.push(upload);
    uploads.prepend(upload.row.root);
  }
  next();
}

function uploadRow(name) {
  const bar = element("progress", { max: 100, value: 0, "aria-label": `Progress of ${name}` });
  const state = element("span", { class: "state", role: "status" }, "Waiting");
  return { root: element("li", {}, element("span", { class: "name" }, name), bar, state), bar, state };
}

/* Sending them, one after the other --------------------------------------------------------------------- */

async function next() {
  if (busy || !waiting.length) return;
  busy = true;
  const upload = waiting.shift();
  try {
    finish(upload.row, await send(upload));
  } catch (error) {
    fail(upload.row, error.message);
  }
  busy = false;
  await refresh();
  next();
}

/* XMLHttpRequest, because fetch does not tell how much of a body has been sent. */
function send({ file, collection: target, row }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/collections/${target}/documents?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => {
      row.bar.value = (60 * event.loaded) / event.total;
      row.state.textContent = "Uploading";
    };
    request.onprogress = () => learning(row, lines(request.responseText));
    request.onerror = () => reject(new Error("Inhouse does not answer. Is it still running?"));
    request.onload = () => {
      const last = lines(request.responseText).at(-1) ?? {};
      if (request.status >= 400 || last.stage === "failed") {
        reject(new Error(last.error?.message ?? "The file was refused."));
      } else resolve(last);
    };
    request.send(file);
  });
}

function lines(text) {
  return text.split("\n").flatMap((line) => {
    try {
      return line ? [JSON.parse(line)] : [];
    } catch {
      return [];
    }
  });
}

function learning(row, told) {
  const last = told.at(-1);
  if (!last) return;
  row.bar.value = last.stage === "learning" ? 90 : 70;
  row.state.textContent = last.stage === "waiting" ? "Waiting for another upload" : "Reading and indexing";
}

function finish(row, report) {
  row.bar.remove();
  const problem = report.problems?.[0];
  if (problem) {
    fail(row, problem.error);
    return;
  }
  const unchanged = report.documents?.unchanged > 0;
  row.root.classList.add("done");
  row.state.textContent = unchanged ? "Known already, nothing to do" : `Ready: ${counted(report.chunks, "chunk")}`;
}

function fail(row, sentence) {
  row.bar.remove();
  row.root.classList.add("failed");
  row.state.textContent = sentence;
}

/* Showing what is there --------------------------------------------------------------------------------- */

function list({ documents: held, problems }) {
  const rows = [...problems.map(problemRow), ...held.map(documentRow)];
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
  return element("div", { class: "counter" }, element("p", {}, counted(held.length, "document") + failed), held.length > 7 ? search : null);
}

function show() {
  for (const row of listing.querySelectorAll("tbody tr")) {
    row.hidden = !row.dataset.name.toLowerCase().includes(filter.toLowerCase());
  }
}

function documentRow(held) {
  const name = element("td", {}, element("span", { class: "title" }, held.title || held.name));
  if (held.title && held.title !== held.name) name.append(element("span", { class: "file" }, held.name));
  for (const warning of held.warnings) name.append(element("span", { class: "warning" }, warning));
  const state = chip(held.state === "pending" ? "Being indexed" : held.warnings.length ? "Read with warnings" : "Ready");
  const remove = removal(held.name, `/api/collections/${collection}/documents/${held.document_id}`);
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
  const kinds = { Ready: "good", "Being indexed": "busy", "Read with warnings": "warn", "Not read": "bad" };
  return element("span", { class: `chip ${kinds[word]}` }, word);
}

/* A button that asks once more in its own place before anything is removed. */
function removal(name, path) {
  const place = element("span", { class: "removal" });
  const ask = element("button", { type: "button", class: "small", "aria-label": `Remove ${name}` }, "Remove");
  const yes = element("button", { type: "button", class: "small danger", "aria-label": `Really remove ${name}` }, "Really remove");
  const no = element("button", { type: "button", class: "small", "aria-label": `Keep ${name}` }, "Keep");
  ask.addEventListener("click", () => (place.replaceChildren(yes, no), no.focus()));
  no.addEventListener("click", () => (place.replaceChildren(ask), ask.focus()));
  yes.addEventListener("click", async () => {
    yes.disabled = no.disabled = true;
    try {
      await call("DELETE", path);
      await refresh();
    } catch (error) {
      place.replaceChildren(element("span", { class: "warning", role: "alert" }, error.message));
    }
  });
  place.append(ask);
  return place;
}
