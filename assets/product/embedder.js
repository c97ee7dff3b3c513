/* The embedding model, for administrators: which one is used, changing to another one that is here, how far that is. */
import { call, element } from "./dom.js";
import { known } from "./me.js";

const NUMBER = new Intl.NumberFormat("en");
const LOOK = 2000; /* milliseconds */
const WHY = "All documents of all collections are embedded anew with the other one, in the background. The index there is now answers until the new one is complete; then all use the new one, after the next start too.";
const ALONE = "No other one is on this machine. Put the folder of one that sentence-transformers writes (with model.safetensors) beside the other models to choose it here.";

/** Return the part of the page; `changed` is called when another one is used. */
export function embedder(changed) {
  const root = element("div", { class: "renewal embedder" });
  const state = { root, changed, running: false, open: false, wanted: "", said: "" };
  setInterval(() => state.running && !document.hidden && refresh(state), LOOK);
  return { root, show: (collection) => collection && refresh(state) };
}

async function refresh(state) {
  if (!(await known).rights.includes("govern")) return;
  try {
    draw(state, await call("GET", "/api/embedder"));
  } catch (error) {
    state.root.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
  }
}

function draw(state, told) {
  const was = state.running;
  state.running = told.work?.state === "running";
  if (was && !state.running) {
    state.said = told.work.sentence;
    state.changed();
  }
  state.root.replaceChildren(...(state.running ? [progress(state, told)] : [choice(state, told)]));
}

function progress(state, { work, paused }) {
  const far = work.total ? `: ${NUMBER.format(work.done)} of ${NUMBER.format(work.total)} ${work.total === 1 ? "document" : "documents"}` : "";
  const words = `The index is made anew with ${work.model}${far}${paused ? ", paused" : ""}. The old one answers meanwhile. `;
  const rest = button(paused ? "Go on" : "Pause", () => become(state, paused ? "running" : "paused"));
  return element("p", { class: "notice", role: "status" }, words, rest, " ", button("Cancel", () => become(state, "cancelled")));
}

function choice(state, { used, here }) {
  const others = here.filter((name) => name !== used);
  const select = element("select", { "aria-label": "Another embedding model" }, ...others.map((name) => element("option", { value: name }, name)));
  if (others.includes(state.wanted)) select.value = state.wanted;
  select.addEventListener("change", () => (state.wanted = select.value));
  const offered = others.length ? [element("p", { class: "quiet-words" }, WHY), element("p", {}, select, " ", button("Change over", () => begin(state, select.value)))] : [element("p", { class: "quiet-words" }, ALONE)];
  const said = state.said ? [element("p", { class: "notice", role: "status" }, state.said)] : [];
  const details = element("details", { class: "watched" }, element("summary", {}, `Embedding model: ${used}`), ...offered);
  details.open = state.open;
  details.addEventListener("toggle", () => (state.open = details.open));
  return element("div", {}, ...said, details);
}

function button(words, click) {
  return element("button", { type: "button", class: "small", click }, words);
}

function begin(state, model) {
  state.said = "";
  return ask(state, "POST", { model });
}

function become(state, wanted) {
  return ask(state, "PATCH", { state: wanted });
}

async function ask(state, method, body) {
  try {
    draw(state, await call(method, "/api/embedder", JSON.stringify(body)));
  } catch (error) {
    state.said = error.message;
    await refresh(state);
  }
}
