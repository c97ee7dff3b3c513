/* The source panel: opens a citation or a passage in its document, marks it and scrolls to it. */
import { call, element, whenDrawn } from "./dom.js";
import { pagePicture } from "./pages.js";
import { leaveStatements, statementsView } from "./statements.js";

const CITATION = /#citation\/([^/]+)\/(\d+)$/;
const PASSAGE = /#passage\/([^/]+)\/(\d+)\/(\d+)$/;
const REVIEWED = /#review\/([^/]+)\/(\d+)$/;
const STATEMENTS = /#statements\/([^/]+)(?:\/(\d+))?$/;
const STEP = 40;
const LOOK_MS = 1000; // how often an answer whose statements are still being examined is looked at again
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

let reader = null;
let came = null;

export function sources() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const path = link && pathOf(link.getAttribute("href"));
    if (!path) return;
    event.preventDefault();
    open(path, link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("reading")) close();
  });
  whenDrawn("#sources", (panel) => {
    reader = element("section", { id: "reader", hidden: true, "aria-label": "Document", tabindex: -1 });
    panel.append(reader);
  });
}

function pathOf(href) {
  const citation = href.match(CITATION);
  if (citation) return `/api/answers/${citation[1]}/citations/${citation[2]}`;
  const reviewed = href.match(REVIEWED);
  if (reviewed) return `/api/reviews/${reviewed[1]}/sources/${reviewed[2]}`;
  const statements = href.match(STATEMENTS);
  if (statements) return `/api/answers/${statements[1]}/statements`;
  const passage = href.match(PASSAGE);
  return passage && `/api/documents/${passage[1]}?start=${passage[2]}&end=${passage[3]}`;
}

async function open(path, link) {
  came = link;
  leaveStatements();
  document.body.classList.add("reading");
  reader.hidden = false;
  reader.replaceChildren(head("Opening …"));
  try {
    const view = await call("GET", path);
    const start = Number(link.getAttribute("href").match(STATEMENTS)?.[2] ?? -1);
    if (view.statements) showStatements(path, view, start);
    else draw(view);
  } catch (error) {
    reader.replaceChildren(head("This could not be opened"), element("p", { class: "notice" }, error.message));
  }
  reader.focus({ preventScroll: true });
}

function close() {
  leaveStatements();
  document.body.classList.remove("reading", "reading-page");
  reader.hidden = true;
  reader.replaceChildren();
  if (came?.isConnected) came.focus();
}

function head(title) {
  const back = element("button", { type: "button", class: "back", click: close }, "Back");
  back.setAttribute("aria-label", "Back to the list of sources");
  return element("header", {}, back, element("h3", {}, title));
}

function showStatements(path, view, start) {
  drawStatements(view, start);
  reader.querySelector(".pointed")?.scrollIntoView({ block: "nearest" });
  lookLater(path, view, start);
}

function lookLater(path, view, start) {
  const shown = reader.firstChild;
  if (view.left || view.asking_again) setTimeout(() => lookAgain(path, start, shown, LOOK_MS), LOOK_MS);
}

/* Draws the statements anew as a model judges them, unless something else is shown by then, or somebody is writing.
   A look that fails is tried again after twice the time. */
async function lookAgain(path, start, shown, waited) {
  if (reader.firstChild !== shown) return;
  try {
    const view = await call("GET", path);
    if (reader.firstChild !== shown) return;
    const { scrollTop } = reader.querySelector(".document");
    if (!reader.querySelector("input:focus")) drawStatements(view, start);
    reader.querySelector(".document").scrollTop = scrollTop;
    lookLater(path, view, start);
  } catch {
    setTimeout(() => lookAgain(path, start, shown, 2 * waited), 2 * waited);
  }
}

function drawStatements(view, start) {
  document.body.classList.remove("reading-page");
  reader.replaceChildren(...statementsView(view, start, head("Each statement, and what was found")));
}

function draw(view) {
  const number = view.n ? element("span", { class: "n" }, String(view.n)) : null;
  const top = head(view.title || view.document);
  if (number) top.querySelector("h3").prepend(number, " ");
  const body = element("div", { class: view.lines ? "document lines" : "document", tabindex: 0 });
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", view.title || view.document);
  if (view.notice) body.append(element("p", { class: "notice" }, view.notice, ...newer(view)));
  const text = [];
  if (view.cut_before) text.push(element("p", { class: "cut" }, "The document begins before this."));
  text.push(...view.blocks.map(block));
  if (view.cut_after) text.push(element("p", { class: "cut" }, "The document goes on after this."));
  document.body.classList.toggle("reading-page", view.drawn);
  if (view.drawn) body.append(...pagePicture(view, text, body));
  else body.append(...text);
  reader.replaceChildren(top, where(view), body);
  const mark = view.drawn ? null : body.querySelector("mark");
  if (mark) body.scrollTop = mark.getBoundingClientRect().top - body.getBoundingClientRect().top - STEP * 2;
}

/* The version that is in the place of a cited one; at the quote, where it says the same. */
function newer({ newer: found }) {
  if (!found) return [];
  const words = found.unchanged ? "The newer version still says this. Open it" : "Open the newer version";
  const since = found.added ? ` (${DAY.format(new Date(found.added))})` : "";
  return [" ", element("a", { href: `#passage/${found.document_id}/${found.start}/${found.end}` }, words + since)];
}

/* Where this stands, since when it is here, and the file itself. */
function where(view) {
  const added = view.added ? `Added ${DAY.format(new Date(view.added))}` : "";
  const section = view.section ? `Section: ${view.section}` : "";
  const place = view.page ? `Page ${view.page}` : section;
  const told = [place, view.collection, view.document, added].filter(Boolean).join(" · ");
  const version = view.sha256 ? { title: `SHA-256 of the file: ${view.sha256}` } : {};
  const line = element("p", { class: "where", ...version }, told);
  if (view.verified) line.prepend(element("span", { class: "verified" }, view.verified.words), element("br"));
  if (view.original) {
    const path = `/api/documents/${view.document_id}/original`;
    line.append(" ", element("a", { class: "download", href: path, download: "" }, "Download"));
  }
  return line;
}

function block(drawn) {
  const made = shape(drawn);
  if (drawn.page == null) return made;
  return element("div", {}, element("p", { class: "page-mark" }, `Page ${drawn.page}`), made);
}

function shape(drawn) {
  if (drawn.kind === "list") return element("ul", {}, ...drawn.items.map((item) => element("li", {}, ...parts(item))));
  if (drawn.kind === "table") return table(drawn.rows);
  if (drawn.kind === "code") return element("pre", {}, ...parts(drawn.parts));
  if (drawn.kind === "heading") return element(`h${Math.min(6, drawn.level + 3)}`, {}, ...parts(drawn.parts));
  return element("p", {}, ...parts(drawn.parts));
}

function table(rows) {
  const cells = (row, name) => element("tr", {}, ...row.map((cell) => element(name, {}, ...parts(cell))));
  const [first, ...rest] = rows;
  const body = element("tbody", {}, ...rest.map((row) => cells(row, "td")));
  const drawn = element("table", {}, element("thead", {}, first ? cells(first, "th") : null), body);
  return element("div", { class: "wide" }, drawn);
}

function parts(list) {
  return list.map((part) => (part.marked ? element("mark", {}, part.text) : document.createTextNode(part.text)));
}
