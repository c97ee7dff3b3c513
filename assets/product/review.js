/* The review page: the queue of rated answers, and one of them with its sources, to be settled or taken over. */
import { call, element, whenDrawn } from "./dom.js";
import { field, form, moment } from "./forms.js";

const REASONS = ["wrong", "not in the source", "incomplete", "out of date", "unsafe", "other"];
const STATES = { open: "Open", settled: "Settled", all: "Open and settled" };
const RATINGS = { "": "Good and bad", bad: "Bad", good: "Good" };
const VERDICTS = {
  supported: ["found", "found in the sources"],
  "not found": ["not-found", "not in the sources"],
  "value differs": ["differs", "another value in the sources"],
  contradicted: ["contradicted", "the sources say otherwise"],
  "not examined": ["unexamined", "not examined"],
};
const NEXT_YEAR = 365 * 24 * 3600 * 1000; /* milliseconds from now to the day that is proposed */

export function review() {
  whenDrawn("#review-parts", (root) => {
    const state = { root, chosen: new URLSearchParams({ state: "open" }) };
    queue(state);
  });
}

/* The queue ---------------------------------------------------------------------------------------------- */

async function queue(state) {
  const list = element("section", { "aria-label": "Rated answers" });
  state.root.replaceChildren(filters(state, list), list);
  await fill(state, list);
}

function choice(options, chosen) {
  const made = element("select", {}, ...Object.entries(options).map(([value, words]) => element("option", { value }, words)));
  made.value = chosen ?? "";
  return made;
}

function filters(state, list) {
  const reasons = Object.fromEntries([["", "Any reason"], ...REASONS.map((one) => [one, one])]);
  const fields = { state: choice(STATES, state.chosen.get("state")), rating: choice(RATINGS, state.chosen.get("rating")), reason: choice(reasons, state.chosen.get("reason")) };
  const root = element("div", { class: "plain-form" }, field("State", fields.state), field("Rating", fields.rating), field("Reason", fields.reason));
  root.addEventListener("change", () => {
    const given = Object.entries(fields).map(([name, one]) => [name, one.value]);
    state.chosen = new URLSearchParams(given.filter(([, value]) => value));
    fill(state, list);
  });
  return root;
}

async function fill(state, list, before = null) {
  const wanted = new URLSearchParams(state.chosen);
  if (before) wanted.set("before", before);
  try {
    const found = await call("GET", `/api/reviews?${wanted}`);
    const { good, bad } = found.counts;
    const all = element("p", { class: "quiet-words", role: "status" }, `All ratings, shared or not: ${good} good, ${bad} bad.`);
    const rows = element("ul", { class: "review-list" }, ...found.reviews.map((one) => row(state, one)));
    const none = found.reviews.length ? null : element("p", {}, "Nothing waits here.");
    list.replaceChildren(all, ...[none, rows].filter(Boolean));
    if (found.before) list.append(element("button", { type: "button", class: "small", click: () => fill(state, list, found.before) }, "Older"));
  } catch (error) {
    list.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
  }
}

function said(one) {
  const rating = one.rating === "good" ? "Good" : "Bad";
  const why = one.reasons.length ? `: ${one.reasons.join(", ")}` : "";
  const done = one.settled ? ` · ${one.outcome} ${moment(one.settled)}` : "";
  return `${rating}${why} · ${moment(one.shared)} · person ${one.person}${done}`;
}

function row(state, one) {
  const open = () => show(state, one.review_id);
  const title = element("span", { class: "title" }, one.question);
  return element("li", {}, element("button", { type: "button", click: open }, title, element("span", { class: "quiet-words" }, said(one))));
}

/* One rated answer ----------------------------------------------------------------------------------------- */

async function show(state, id) {
  const back = element("button", { type: "button", class: "small", click: () => queue(state) }, "Back to the list");
  try {
    const one = await call("GET", `/api/reviews/${id}`);
    const { collections } = one.settled ? { collections: [] } : await fillable(one);
    state.root.replaceChildren(back, drawn(state, one, collections));
  } catch (error) {
    state.root.replaceChildren(back, element("p", { class: "notice", role: "alert" }, error.message));
  }
  back.focus();
}

/* The collections an answer may be approved for: those it rests on first. */
async function fillable(one) {
  const all = (await call("GET", "/api/collections")).filter((held) => held.may_change);
  const used = new Set(one.collections.map((held) => held.collection_id));
  return { collections: all.sort((a, b) => used.has(b.collection_id) - used.has(a.collection_id)) };
}

function drawn(state, one, collections) {
  const part = (words, text) => (text ? [element("h2", {}, words), element("p", { class: "said-of-it" }, text)] : []);
  const statements = one.statements.map(({ text, verdict }) => {
    const [kind, words] = VERDICTS[verdict];
    return element("li", {}, element("p", { class: "said" }, text), element("span", { class: `mark ${kind}` }, words));
  });
  const sources = one.sources.map((each) => {
    const section = each.headings.length ? `, section ${each.headings.slice(-2).join(" > ")}` : "";
    const words = `${each.title || each.document}${each.page ? `, page ${each.page}` : section}`;
    const link = element("a", { class: "source", href: `#review/${one.review_id}/${each.n}` }, `[${each.n}] ${words}`);
    return element("li", {}, link, element("blockquote", {}, each.quote));
  });
  return element("article", { class: "one-review" },
    element("h2", {}, one.question), element("p", { class: "quiet-words" }, said(one)),
    element("p", { class: "answer" }, one.answer),
    ...part("Comment", one.comment), ...part("What it should have said", one.correction),
    element("h2", {}, "Statements"), statements.length ? element("ol", { class: "statements" }, ...statements) : element("p", {}, "None."),
    element("h2", {}, "Sources"), sources.length ? element("ul", { class: "sources-of-review" }, ...sources) : element("p", {}, "None."),
    element("p", { class: "quiet-words" }, `Written by ${one.model}, prompt ${one.prompt_version}`),
    ...part("Note", one.note),
    ...(one.settled ? [] : [settling(state, one), ...(collections.length ? [approving(state, one, collections)] : [])]));
}

function settling(state, one) {
  const note = element("textarea", { rows: 2, maxlength: 2000 });
  const made = form("Settle", [field("Note to whoever rated (optional)", note)], async () => {
    await call("POST", `/api/reviews/${one.review_id}`, JSON.stringify({ note: note.value }));
    await show(state, one.review_id);
  });
  return element("section", {}, element("h2", {}, "Settle"), made);
}

function approving(state, one, collections) {
  const question = element("input", { maxlength: 300, required: true, value: one.question });
  const answer = element("textarea", { rows: 3, maxlength: 4000, required: true });
  answer.value = one.correction || one.answer;
  const owner = element("input", { maxlength: 200, required: true });
  const until = element("input", { type: "date", required: true, value: new Date(Date.now() + NEXT_YEAR).toISOString().slice(0, 10) });
  const into = choice(Object.fromEntries(collections.map((each) => [each.collection_id, each.name])), collections[0].collection_id);
  const note = element("textarea", { rows: 2, maxlength: 2000 });
  const fields = [field("Question", question), field("Answer", answer), field("Collection", into), field("Who answers for it", owner), field("Holds until", until), field("Note to whoever rated (optional)", note)];
  const made = form("Approve and settle", fields, async () => {
    const verified = { question: question.value, answer: answer.value, collection_id: into.value, owner: owner.value, until: until.value };
    await call("POST", `/api/reviews/${one.review_id}`, JSON.stringify({ note: note.value, verified }));
    await show(state, one.review_id);
  });
  const warning = "Everybody who may read the collection will read this. Take out what tells of somebody.";
  return element("details", {}, element("summary", {}, "Take it over as a verified answer"), element("p", { class: "quiet-words" }, warning), made);
}
