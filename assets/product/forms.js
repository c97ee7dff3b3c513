/* Small parts of the pages about people: a labelled field, a form that says what came of it, a table, a moment. */
import { element, reach } from "./dom.js";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function moment(text) {
  return text ? MOMENT.format(new Date(text)) : "never";
}

let fields = 0;

/** Return an input with its label above it. */
export function field(words, input) {
  input.id = `field-${(fields += 1)}`;
  return element("div", { class: "field" }, element("label", { for: input.id }, words), input);
}

/** Return a form; what `work` returns is said below it, and what it throws is said as a fault. */
export function form(words, fields, work) {
  const told = element("p", { role: "status", class: "told" });
  const fault = element("p", { role: "alert", class: "warning" });
  const button = element("button", { class: "small" }, words);
  const made = element("form", { class: "plain-form" }, ...fields, button, told, fault);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    fault.textContent = told.textContent = "";
    try {
      told.replaceChildren((await work()) ?? "");
    } catch (error) {
      fault.textContent = error.message;
    }
    button.disabled = false;
  });
  return made;
}

/** Return a table; `rows` are lists of texts and elements, the first of each names its row. */
export function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((words) => (words ? element("th", { scope: "col" }, words) : element("td", {}))));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", {}, cell))));
  return element("div", { class: "wide" }, element("table", { class: "plain-table" }, element("thead", {}, head), element("tbody", {}, ...body)));
}

/** Return a button that asks once more in its place; `whom` tells apart the same buttons of several rows. Where `work`
    leaves it there, what it returns is said beside it, and so is what it throws. */
export function twice(words, really, work, whom = "") {
  const place = element("span", { class: "removal" });
  const ask = element("button", { type: "button", class: "small", "aria-label": `${words} ${whom}`.trim() }, words);
  const yes = element("button", { type: "button", class: "small danger", "aria-label": `${really} ${whom}`.trim() }, really);
  const no = element("button", { type: "button", class: "small" }, "No");
  ask.addEventListener("click", () => {
    yes.disabled = no.disabled = false;
    place.replaceChildren(yes, no);
    no.focus();
  });
  no.addEventListener("click", () => (place.replaceChildren(ask), ask.focus()));
  yes.addEventListener("click", async () => {
    yes.disabled = no.disabled = true;
    try {
      place.replaceChildren(ask, element("span", { role: "status" }, (await work()) ?? ""));
    } catch (error) {
      place.replaceChildren(ask, element("span", { class: "warning", role: "alert" }, error.message));
    }
    if (document.activeElement === document.body) ask.focus(); /* a button that was pressed is gone */
  });
  place.append(ask);
  return place;
}

/** Return something that is shown this once, with a button that copies it. */
export function shownOnce(words, secret) {
  const copy = element("button", { type: "button", class: "small", click: () => navigator.clipboard?.writeText(secret) }, "Copy");
  return element("span", { class: "shown-once" }, words, element("code", {}, secret), copy);
}

/** Let the browser keep the file that a call returns; `body` is sent as JSON, a file as it is. */
export async function download(method, path, body, headers = {}) {
  const sent = body === undefined ? {} : body instanceof Blob ? { headers, body } : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await reach(path, { method, ...sent });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error?.message ?? "The file could not be made.");
  const name = /filename="?([^";]+)/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "inhouse";
  const link = element("a", { href: URL.createObjectURL(await answer.blob()), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}
