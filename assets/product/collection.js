/* What is said of the chosen collection: who answers for it, who may read it, when to look through it; edit, export. */
import { call, element } from "./dom.js";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const POLICIES = [
  ["show", "Mark it"],
  ["warn", "Mark it and warn above the answer"],
  ["regenerate", "Write the answer once more, with the fault named"],
  ["quote", "Show quotes in the place of the answer"],
];

const AGAIN = [
  ["false", "When somebody asks for it"],
  ["true", "Every answer, in the background"],
];

/** Return the part of the page. */
export function collectionFacts() {
  const root = element("div", { class: "facts-of-collection" });
  return { root, show: (collection) => show(root, collection) };
}

/* Gradio draws its list anew now and then, and the same collection is chosen again: a form that is open stays. */
async function show(root, collection) {
  if (!collection) return;
  if (root.dataset.collection !== collection) root.replaceChildren();
  root.dataset.collection = collection;
  const all = await call("GET", "/api/collections");
  const held = all.find((one) => one.collection_id === collection);
  const edited = root.querySelector("form");
  if (held && root.dataset.collection === collection && !edited) draw(root, held);
}

function draw(root, held) {
  const may = held.may_change;
  const owner = held.owner ? `${held.owner} answers for it` : "Nobody is named who answers for it";
  const review = held.review_on ? `to be reviewed on ${day(held.review_on)}` : "no review date";
  const facts = element("p", { class: "quiet-words" }, may ? `${owner} · ${review} · read by ${held.readers.join(", ")} ` : owner);
  const edit = element("button", { type: "button", class: "small", click: () => root.replaceChildren(form(root, held)) }, "Edit");
  const path = `/api/collections/${held.collection_id}/export`;
  const exported = element("a", { class: "export", href: path, download: "" }, "Export");
  if (may) facts.append(edit, " ", exported);
  const due = `The review of this collection was due on ${held.review_on && day(held.review_on)}. Look through its documents, then set the next date.`;
  root.replaceChildren(...(held.review_due ? [element("p", { class: "notice", role: "status" }, due)] : []), facts);
}

function form(root, held) {
  const field = (label, input) => element("label", {}, label, input);
  const name = element("input", { type: "text", value: held.name, maxlength: 100, required: true });
  const description = element("input", { type: "text", value: held.description, maxlength: 1000 });
  const owner = element("input", { type: "text", value: held.owner, maxlength: 200 });
  const review = element("input", { type: "date", value: held.review_on ?? "" });
  const strict = element("select", {}, ...POLICIES.map(([value, words]) => element("option", { value, selected: value === held.on_unsupported }, words)));
  const again = element("select", {}, ...AGAIN.map(([value, words]) => element("option", { value, selected: value === String(held.double_check) }, words)));
  const fault = element("p", { class: "warning", role: "alert" });
  const keep = element("button", { type: "button", class: "small", click: () => draw(root, held) }, "Cancel");
  const made = element("form", {}, field("Name", name), field("What is in it", description), field("Who answers for it", owner),
    field("To be reviewed on", review), field("When a statement is not found", strict), field("Double-check", again), element("div", { class: "buttons" }, element("button", { class: "small" }, "Save"), keep), fault);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = { name: name.value, description: description.value, owner: owner.value, review_on: review.value, on_unsupported: strict.value, double_check: again.value === "true" };
    try {
      const changed = await call("PATCH", `/api/collections/${held.collection_id}`, JSON.stringify(wanted));
      if (changed.name === held.name && changed.description === held.description) draw(root, changed);
      else location.reload(); /* Gradio draws the name and what is in it */
    } catch (error) {
      fault.textContent = error.message;
    }
  });
  return made;
}

function day(text) {
  return DAY.format(new Date(`${text}T12:00`));
}
