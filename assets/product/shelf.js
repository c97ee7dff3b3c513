/* The models there are: those on this machine, those that can be fetched, and those one may bring along. What takes long
   is told in one line, which every page that looks shows, also one that was opened later. */
import { call, element } from "./dom.js";

const NUMBER = new Intl.NumberFormat("en");
const SIZE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const DOING = { use: "Switching to", fetch: "Fetching", verify: "Verifying", import: "Importing" };
const FITS = { yes: "good", less: "warn", no: "bad" };
const BRING = `Well-known models, the smallest first. Inhouse does not fetch them, because no checksum of theirs is known here:
download a GGUF file on any machine, read its licence, and import it. Sizes are about those of the kind Q4_K_M.`;

/** Draw the list into `place`; `look` asks the server for news at once. Returns what to call with every news. */
export function shelf(place, look) {
  const parts = { look, shown: "", told: "", running: false, answers: "" };
  parts.words = element("p", { class: "words", role: "status", tabindex: "-1" });
  parts.bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "Progress" });
  parts.asking = element("div", { class: "choices" });
  parts.work = element("div", { class: "work", hidden: true }, parts.words, parts.bar, parts.asking);
  parts.next = element("p", { class: "quiet-words" });
  parts.here = element("ul", { class: "shelf" });
  parts.there = element("ul", { class: "shelf" });
  parts.brought = element("ul", { class: "shelf" });
  const fetchable = section("to-fetch", "To fetch", parts.there);
  place.replaceChildren(
    section("here", "On this machine", parts.next, parts.work, parts.here),
    fetchable,
    section("to-bring", "To bring along", element("p", { class: "quiet-words" }, BRING), importing(parts), parts.brought),
  );
  parts.fetchable = fetchable;
  load(parts);
  return (now) => news(parts, now);
}

function section(id, title, ...children) {
  const heading = element("h2", { id: `${id}-title` }, title);
  return element("section", { id, "aria-labelledby": heading.id }, heading, ...children);
}

async function load(parts) {
  try {
    const listed = await call("GET", "/api/models");
    const shown = JSON.stringify(listed);
    if (shown === parts.shown) return;
    parts.shown = shown;
    const other = listed.models.some((model) => model.answers) && listed.next_start !== listed.answers;
    parts.next.textContent = other ? `The next start begins with ${listed.next_start}.` : "";
    const there = listed.models.filter((model) => !model.here);
    parts.here.replaceChildren(...listed.models.filter((model) => model.here).map((model) => card(parts, model)));
    parts.there.replaceChildren(...there.map((model) => card(parts, model)));
    parts.brought.replaceChildren(...listed.recommended.map((model) => card(parts, { ...model, recommended: true })));
    parts.fetchable.hidden = !there.length;
    disable(parts);
  } catch (error) {
    tell(parts, error.message, "failed");
  }
}

/* One model --------------------------------------------------------------------------------------------------- */

function card(parts, model) {
  const mark = model.answers ? chip("good", "Answers") : model.used ? chip("good", "Finds passages") : null;
  const head = element("p", { class: "head" }, element("strong", {}, model.recommended ? model.title : model.name), mark);
  const about = element("p", { class: "quiet-words" });
  about.append(...[model.recommended ? model.page : model.title, facts(model)].flatMap((line) => [line, element("br")]).slice(0, -1));
  const fits = model.problem ? chip("bad", model.problem) : model.fit && !model.answers ? chip(FITS[model.fits], model.fit) : null;
  return element("li", {}, element("div", {}, head, about, fits), actions(parts, model));
}

function chip(kind, words) {
  return element("span", { class: `chip ${kind}` }, words);
}

function facts(model) {
  const known = [
    model.billions ? `${SIZE.format(model.billions)} billion parameters` : null,
    model.bytes ? `${model.recommended ? "about " : ""}${bytes(model.bytes)}` : null,
    model.context_tokens ? `reads up to ${NUMBER.format(model.context_tokens)} tokens` : null,
    model.kind === "adapter" ? `adapter for ${model.models.join(", ") || "a model that is not here"}` : null,
    model.imported ? { embedder: "embedding model", reranker: "reranker, which is not used as a GGUF file" }[model.kind] : null,
    model.licence ?? "licence unknown: see where the file came from",
  ];
  return known.filter(Boolean).join(" · ");
}

function bytes(number) {
  return number >= 1e9 ? `${SIZE.format(number / 1e9)} GB` : `${NUMBER.format(Math.round(number / 1e6))} MB`;
}

function actions(parts, model) {
  const place = element("div", { class: "actions" });
  const offer = (text, label, run) => place.append(action(text, `${label} ${model.name}`, run));
  if (model.recommended) return null;
  if (!model.here) {
    offer("Fetch", "Fetch", () => begin(parts, "fetch", { model: model.name }, model.name));
    return place;
  }
  if (model.kind === "chat" && !model.answers && !model.problem) {
    offer("Answer with it", "Answer with", () => use(parts, model.name, false));
  }
  for (const base of model.kind === "adapter" && !model.answers ? model.models : []) {
    place.append(action(`Answer with ${base} and it`, `Answer with ${base} and ${model.name}`, () => use(parts, `${base}+${model.name}`, false)));
  }
  if (!model.imported) offer("Verify", "Verify", () => begin(parts, "verify", { model: model.name }, model.name));
  if (!model.used) place.append(removal(parts, model.name));
  return place;
}

function action(text, label, run) {
  return element("button", { type: "button", class: "small", "aria-label": label, click: run }, text);
}

/* A button that asks once more in its own place before anything is deleted. */
function removal(parts, name) {
  const place = element("span", { class: "removal" });
  const ask = action("Remove", `Remove ${name}`, () => (place.replaceChildren(yes, no), no.focus()));
  const no = action("Keep", `Keep ${name}`, () => (place.replaceChildren(ask), ask.focus()));
  const yes = action("Delete the file", `Really remove ${name}`, async () => {
    try {
      await call("DELETE", `/api/models?model=${encodeURIComponent(name)}`);
      tell(parts, `The model ${name} was removed.`, "done");
    } catch (error) {
      tell(parts, error.message, "failed");
    }
    parts.words.focus();
    parts.shown = "";
    load(parts);
  });
  yes.classList.add("danger");
  place.append(ask);
  return place;
}

/* A file of one's own ------------------------------------------------------------------------------------------ */

function importing(parts) {
  const path = element("input", { type: "text", id: "import-path", placeholder: "/srv/models/model.gguf", autocomplete: "off", spellcheck: "false" });
  const button = element("button", { type: "submit", class: "small" }, "Import");
  const submit = (event) => {
    event.preventDefault();
    const file = path.value.trim();
    if (file && !parts.running) begin(parts, "import", { path: file }, file.split(/[\\/]/).at(-1));
  };
  const label = element("label", { for: path.id }, "GGUF file on the machine Inhouse runs on");
  return element("form", { class: "import", submit }, label, path, button);
}

/* Doing something ---------------------------------------------------------------------------------------------- */

function use(parts, model, pause) {
  begin(parts, "use", { model, pause }, model);
}

async function begin(parts, kind, body, name) {
  tell(parts, `${DOING[kind]} ${name} …`, "running");
  parts.words.focus(); // the button that was pressed goes away, or cannot be pressed meanwhile
  parts.running = true;
  disable(parts);
  parts.asking.replaceChildren();
  try {
    await call("POST", `/api/models/${kind}`, JSON.stringify(body));
    parts.look();
  } catch (error) {
    parts.running = false;
    disable(parts);
    tell(parts, error.message, "failed");
  }
}

function disable(parts) {
  const lists = [parts.here, parts.there].flatMap((list) => [...list.querySelectorAll("button")]);
  for (const button of [...lists, ...document.querySelectorAll(".import button")]) button.disabled = parts.running;
}

/* News from the server ------------------------------------------------------------------------------------------ */

function news(parts, { model, work }) {
  if (model && model !== parts.answers) {
    parts.answers = model;
    load(parts);
  }
  if (!work) return;
  const told = JSON.stringify(work);
  if (told === parts.told) return;
  const first = parts.told === "";
  parts.told = told;
  parts.running = work.state === "running";
  disable(parts);
  if (first && !parts.running && parts.work.hidden) return; // it ended before this page was opened
  tell(parts, parts.running ? `${DOING[work.kind]} ${work.model}. ${work.sentence}` : work.sentence, work.state);
  parts.bar.hidden = !(parts.running && work.total);
  parts.bar.value = work.total ? work.done / work.total : 0;
  parts.bar.title = work.total ? `${bytes(work.done)} of ${bytes(work.total)}` : "";
  offer(parts, work);
  if (!parts.running) load(parts);
}

function offer(parts, work) {
  const wanted = work.code === "not_beside" ? "pause" : parts.running && work.kind === "fetch" ? "stop" : "";
  if (parts.asking.dataset.offers === wanted && parts.asking.children.length) return; // who is about to press it may
  parts.asking.dataset.offers = wanted;
  const stop = () => action("Stop", `Stop fetching ${work.model}`, () => call("POST", "/api/models/stop").then(parts.look));
  parts.asking.replaceChildren(...(wanted === "pause" ? pauseOrNot(parts, work.model) : wanted === "stop" ? [stop()] : []));
}

function tell(parts, sentence, state) {
  parts.work.hidden = false;
  parts.work.dataset.state = state;
  if (parts.words.textContent !== sentence) parts.words.textContent = sentence;
}

function pauseOrNot(parts, model) {
  return [
    action("Switch with a pause", `Switch to ${model} with a pause`, () => use(parts, model, true)),
    action("Leave it as it is", "Leave it as it is", () => {
      parts.asking.replaceChildren();
      parts.work.hidden = true;
    }),
  ];
}
