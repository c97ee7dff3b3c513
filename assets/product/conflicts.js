/* What documents of the chosen collection say differently: both sentences, whose they are and of when. */
import { call, element } from "./dom.js";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const OLDER = { [-1]: "The first is from an older version of the same document.", 1: "The second is from an older version of the same document." };
const MOST = 500; /* app/answering/differing.py:MOST_REPORTED */

/** Return the part of the page; it is drawn anew whenever the documents are. */
export function conflicts() {
  const root = element("div", { class: "conflicts" });
  return { root, show: (collection) => show(root, collection) };
}

async function show(root, collection) {
  root.dataset.collection = collection ?? "";
  const shown = collection ? await told(collection) : [];
  if (root.dataset.collection === (collection ?? "")) root.replaceChildren(...shown);
}

/* That nothing could be learned of it must not look like nothing. */
async function told(collection) {
  try {
    const found = await call("GET", `/api/collections/${collection}/conflicts`);
    return found.length ? [report(found)] : [];
  } catch (error) {
    return [element("p", { class: "notice" }, `Whether documents of this collection differ cannot be told. ${error.message}`)];
  }
}

function report(found) {
  const count = found.length === 1 ? "One thing is" : `${found.length} things are`;
  const first = found.length === MOST ? "The first " : "";
  const head = element("summary", {}, `${first}${count} said differently by documents of this collection`);
  return element("details", {}, head, ...found.map(pair));
}

function pair({ one, other, order }) {
  const older = order ? [element("p", { class: "quiet-words" }, OLDER[order])] : [];
  return element("div", { class: "differing" }, element("ul", {}, side(one), side(other)), ...older);
}

function side({ quote, title, document, page, owner, dated, added }) {
  const where = [title || document, page ? `page ${page}` : "", owner, dated, `added ${DAY.format(new Date(added))}`];
  return element("li", {}, element("q", {}, quote), " ", element("span", { class: "page" }, where.filter(Boolean).join(" · ")));
}
