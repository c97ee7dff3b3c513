/* The verified answers of the chosen collection: what each says, who answers for it, until when; a form to approve. */
import { call, element } from "./dom.js";

const NEXT_YEAR = 365 * 24 * 3600 * 1000; /* milliseconds from now to the day that is proposed */

const WAITS = "Learning the answer. Where documents are being loaded, its turn comes after the one at hand.";

/** Return the part of the page; `changed` is called when an answer was approved or removed. */
export function verifiedAnswers(changed) {
  const list = element("ul", { class: "answers" });
  const fault = element("p", { class: "warning", role: "alert" });
  const state = { list, fault, changed, collection: null };
  state.form = form(state);
  state.root = element("details", { class: "approved" }, element("summary", {}, "Verified answers"), list, state.form.root, fault);
  return { root: state.root, show: (collection) => show(state, collection) };
}

/* Gradio draws its list anew now and then, and the same collection is chosen again: what is being typed stays. */
function show(state, collection) {
  if (collection && collection !== state.typedFor) clear(state);
  state.typedFor = collection ?? state.typedFor;
  state.collection = collection;
  refresh(state);
}

function form(state) {
  const question = element("input", { type: "text", maxlength: 300, required: true });
  const answer = element("textarea", { rows: 3, maxlength: 4000, required: true });
  const owner = element("input", { type: "text", maxlength: 200, required: true });
  const until = element("input", { type: "date", required: true });
  const approving = element("button", { class: "small" }, "Approve");
  const waits = element("p", { class: "quiet-words", role: "status" });
  const named = (words, field) => element("label", {}, words, field);
  const root = element("form", { "aria-label": "Approve an answer" }, named("Question", question), named("Answer", answer),
    named("Who answers for it", owner), named("Holds until", until), approving, waits);
  const fields = { question, answer, owner, until };
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
    approving.disabled = true;
    waits.textContent = WAITS;
    act(state, async () => {
      await call("PUT", `/api/collections/${state.collection}/verified`, JSON.stringify(wanted));
      clear(state);
    }).finally(() => {
      approving.disabled = false;
      waits.textContent = "";
    });
  });
  return { root, fields };
}

function clear({ form: { fields }, fault }) {
  for (const field of Object.values(fields)) field.value = "";
  fields.until.value = new Date(Date.now() + NEXT_YEAR).toISOString().slice(0, 10);
  fault.textContent = "";
}

async function act(state, work) {
  try {
    await work();
    state.fault.textContent = "";
  } catch (error) {
    state.fault.textContent = error.message;
  }
  state.changed(); /* also then: what was refused may wait in quarantine */
  await refresh(state);
}

async function refresh(state) {
  const { collection } = state;
  if (!collection) return;
  try {
    const answers = await call("GET", `/api/collections/${collection}/verified`);
    if (collection === state.collection) draw(state, answers);
  } catch (error) {
    state.fault.textContent = error.message;
  }
}

function draw(state, answers) {
  const expired = answers.filter((one) => !one.holds).length;
  const count = answers.length ? ` (${answers.length}${expired ? `, ${expired} expired` : ""})` : "";
  state.root.querySelector("summary").textContent = `Verified answers${count}`;
  state.list.replaceChildren(...answers.map((one) => row(state, one)));
}

function row(state, one) {
  const button = (words, click) => {
    const made = element("button", { type: "button", class: "small", click }, words);
    made.setAttribute("aria-label", `${words}: ${one.question}`);
    return made;
  };
  const again = () => {
    const { question, answer, owner } = state.form.fields;
    [question.value, answer.value, owner.value] = [one.question, one.answer, one.owner];
    answer.focus();
  };
  const path = `/api/collections/${state.collection}/documents/${one.document_id}`;
  const waits = one.state === "quarantined" ? " It looks suspicious and waits in quarantine." : "";
  const due = one.holds ? "" : ". It is no longer found first: look whether it still holds, then approve it anew";
  return element("li", {}, element("span", { class: "title" }, one.question), element("p", {}, one.answer),
    element("p", { class: one.holds ? "quiet-words" : "warning" }, one.words + due + waits),
    element("div", { class: "buttons" }, button("Approve anew", again), button("Remove answer", () => act(state, () => call("DELETE", path)))));
}
