/* A document in detail: state, who loaded it and when, its versions, and its chunks as they are indexed. */
import { call, element } from "./dom.js";

const NUMBER = new Intl.NumberFormat("en");
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** Open the details of the document at this address of our API. */
export async function details(path) {
  const close = element("button", { type: "button", class: "small", click: () => dialog.close() }, "Close");
  const body = element("div", { class: "details-body" }, element("p", {}, "Opening …"));
  const dialog = element("dialog", { class: "details", "aria-label": "Document in detail" }, close, body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    draw(body, await call("GET", path), path);
  } catch (error) {
    body.replaceChildren(element("p", { class: "notice" }, error.message));
  }
}

function draw(body, held, path) {
  const facts = [
    ["State", { indexed: "Ready", pending: "Being indexed", arriving: "Being indexed", quarantined: "In quarantine" }[held.state]],
    ["File", held.name],
    ["Size", `${NUMBER.format(held.bytes)} bytes`],
    ["Loaded", `${when(held.added)} by ${held.added_by}`],
  ];
  if (held.quality) facts.push(["Understood", understood(held.quality)]);
  const list = element("dl", {}, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  const original = element("a", { href: `/api/documents/${held.document_id}/original`, download: "" }, "Download the original");
  const warnings = [...(held.quality?.faults ?? []).map((fault) => fault.sentence), ...held.warnings].map((warning) => element("p", { class: "notice" }, warning));
  const chunks = element("ol", { class: "chunks" });
  const more = element("button", { type: "button", class: "small" }, "Show more");
  more.addEventListener("click", async () => add(chunks, more, await call("GET", `${path}?first=${chunks.childElementCount}`)));
  const notes = (held.quality?.notes ?? []).map((note) => element("p", { class: "quiet-words" }, note));
  body.replaceChildren(element("h2", {}, held.title || held.name), list, element("p", {}, original), ...warnings, ...notes, ...versions(held));
  body.append(element("h3", {}, `Chunks as they are indexed (${NUMBER.format(held.chunks)})`), chunks, more);
  add(chunks, more, held);
}

/* How much was understood of a document, and in which language it is. */
function understood({ words, pages, tables, language, encoding }) {
  const name = language ? new Intl.DisplayNames("en", { type: "language" }).of(language) : "";
  const counts = [[words, "word"], [pages, "page"], [tables, "table"]].filter(([count], place) => count || !place);
  return [...counts.map(([count, thing]) => `${NUMBER.format(count)} ${thing}${count === 1 ? "" : "s"}`), name, encoding].filter(Boolean).join(" · ");
}

function versions({ versions: all }) {
  const earlier = all.filter((one) => one.replaced);
  if (!earlier.length) return [];
  const told = earlier.map((one) => `${when(one.added)} by ${one.added_by}, replaced ${when(one.replaced)}`);
  return [element("h3", {}, "Earlier versions"), element("ul", {}, ...told.map((words) => element("li", {}, words)))];
}

function add(chunks, more, { indexed, chunks: count }) {
  for (const part of indexed) {
    const head = [part.page ? `Page ${part.page}` : "", part.headings.join(" › "), part.columns].filter(Boolean).join(" · ");
    chunks.append(element("li", {}, element("p", { class: "quiet-words" }, head), element("pre", {}, part.text)));
  }
  more.hidden = chunks.childElementCount >= count;
}

function when(moment) {
  return MOMENT.format(new Date(moment));
}
