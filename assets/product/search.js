/* The search page: passages for a few words, without a model. What was searched stays in the page: it is never part of
   an address, which a browser would keep. */
import { call, element, whenDrawn } from "./dom.js";

const TYPES = { pdf: "PDF", text: "Text", slides: "Slides", table: "Tables", mail: "Mail", web: "Web pages" };
const SHOWN = 20;

let fields = null;
let status = null;
let hits = null;
let asked = 0;

export function search() {
  whenDrawn("#search-column", (column) => {
    status = element("p", { id: "search-status", role: "status" });
    hits = element("ol", { class: "hits", "aria-label": "Passages found" });
    column.append(form(), status, hits);
    fields.words.focus();
    collections();
  });
}

/* What is asked for ------------------------------------------------------------------------------------ */

function form() {
  fields = {
    words: element("input", { id: "search-words", type: "search", maxlength: 4000, autocomplete: "off", placeholder: "Words or a question" }),
    collection: choice({ "": "All collections" }),
    document: element("input", { id: "search-document", type: "text", maxlength: 400, autocomplete: "off", placeholder: "Part of its name" }),
    type: choice({ "": "All types", ...TYPES }),
    after: element("input", { type: "date" }),
    before: element("input", { type: "date" }),
  };
  const line = element("div", { class: "search-line" }, fields.words, element("button", { type: "submit" }, "Search"));
  fields.words.setAttribute("aria-label", "Search your documents");
  const filters = element(
    "fieldset",
    { class: "filters" },
    element("legend", { class: "unseen" }, "Narrow the search"),
    labelled("Collection", fields.collection),
    labelled("Document", fields.document),
    labelled("Type", fields.type),
    labelled("Added from", fields.after),
    labelled("Added until", fields.before),
    element("button", { type: "reset", class: "quiet" }, "Clear"),
  );
  const made = element("form", { role: "search", "aria-label": "Documents" }, line, filters);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  filters.addEventListener("change", () => fields.words.value.trim() && find());
  made.addEventListener("reset", () => {
    status.textContent = "";
    hits.replaceChildren();
    fields.words.focus();
  });
  return made;
}

function labelled(name, field) {
  return element("label", {}, element("span", {}, name), field);
}

function choice(options) {
  return element("select", {}, ...Object.entries(options).map(([value, name]) => element("option", { value }, name)));
}

async function collections() {
  try {
    const names = (await call("GET", "/api/collections")).map((one) => one.name);
    fields.collection.append(...names.map((name) => element("option", { value: name }, name)));
  } catch (error) {
    status.textContent = error.message;
  }
}

function wanted() {
  return JSON.stringify({
    query: fields.words.value,
    k: SHOWN,
    collections: fields.collection.value ? [fields.collection.value] : [],
    document: fields.document.value,
    types: fields.type.value ? [fields.type.value] : [],
    added_after: fields.after.value || null,
    added_before: fields.before.value || null,
  });
}

/* What was found --------------------------------------------------------------------------------------- */

async function find() {
  if (!fields.words.value.trim()) return;
  const turn = ++asked;
  status.textContent = "Searching …";
  hits.setAttribute("aria-busy", "true");
  try {
    const found = await call("POST", "/api/search", wanted());
    if (turn === asked) show(found);
  } catch (error) {
    if (turn !== asked) return;
    hits.replaceChildren();
    status.textContent = error.message;
  }
  if (turn === asked) hits.removeAttribute("aria-busy");
}

function show(found) {
  const count = found.passages.length;
  const narrowed = [fields.collection, fields.document, fields.type, fields.after, fields.before].some((one) => one.value);
  const none = narrowed ? "Nothing was found. Fewer filters may find more." : "Nothing was found. Other words may find more.";
  const many = count === 1 ? "1 passage" : `${count} passages`;
  status.textContent = count ? `${many} in ${Math.round(found.milliseconds)} ms, the best first` : none;
  hits.replaceChildren(...found.passages.map(hit));
}

function hit(passage) {
  const href = `#passage/${encodeURIComponent(passage.document_id)}/${passage.start}/${passage.end}`;
  const where = [passage.document, passage.page && `page ${passage.page}`, passage.collection, TYPES[passage.type]];
  const parts = passage.snippet.map((part) => (part.marked ? element("mark", {}, part.text) : part.text));
  const link = element(
    "a",
    { class: "hit", href },
    element("span", { class: "title" }, passage.title || passage.document),
    passage.verified ? element("span", { class: "verified" }, passage.verified.words) : null,
    element("span", { class: "where" }, where.filter(Boolean).join(" · ")),
    element("span", { class: "snippet" }, ...parts),
  );
  return element("li", {}, link);
}
