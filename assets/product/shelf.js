/* The models there are: which answers, and letting another one answer. What takes long is told in one line, which every
   page that looks shows, also after it was opened anew. */
import { call, element } from "./dom.js";

const NUMBER = new Intl.NumberFormat("en");
const SIZE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const DOING = { use: "Switching to", fetch: "Fetching", verify: "Verifying", import: "Importing", remove: "Removing" };

/** Draw the list into `place`; `look` asks the server for news at once. Returns what to call with every news. */
export function shelf(place, look) {
  const words = element("p", { class: "words", role: "status", tabindex: "-1" });
  const bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "Progress" });
  const asking = element("div", { class: "choices" });
  const work = element("div", { class: "work", hidden: true }, words, bar, asking);
  const next = element("p", { class: "quiet-words" });
  const list = element("ul", { class: "shelf" });
  const title = element("h2", { id: "shelf-title" }, "Models on this machine");
  place.replaceChildren(element("section", { "aria-labelledby": title.id }, title, next, work, list));
  const parts = { place, words, bar, asking, work, next, list, look, shown: "", told: "", running: false, answers: "" };
  load(parts);
  return (now) => news(parts, now);
}

async function load(parts) {
  try {
    const { models, next_start: nextStart } = await call("GET", "/api/models");
    const shown = JSON.stringify([models, nextStart]);
    if (shown === parts.shown) return;
    parts.shown = shown;
    const answers = models.find((model) => model.answers)?.name ?? "";
    parts.next.textContent = nextStart === answers ? "" : `The next start begins with ${nextStart}, because INHOUSE_MODEL says so.`;
    parts.list.replaceChildren(...models.filter((model) => model.kind === "chat" && model.here).map((model) => card(parts, model)));
    disable(parts);
  } catch (error) {
    tell(parts, error.message, "failed");
  }
}

function card(parts, model) {
  const head = element("p", { class: "head" }, element("strong", {}, model.name), model.answers ? element("span", { class: "chip good" }, "Answers") : null);
  const facts = [
    model.bytes ? bytes(model.bytes) : null,
    model.context_tokens ? `reads up to ${NUMBER.format(model.context_tokens)} tokens` : null,
    model.licence ?? "licence unknown: see where the file came from",
  ];
  const about = element("p", { class: "quiet-words" }, model.title, element("br"), facts.filter(Boolean).join(" · "));
  const actions = element("div", { class: "actions" });
  if (!model.answers) actions.append(action("Answer with it", `Answer with ${model.name}`, () => use(parts, model.name, false)));
  return element("li", {}, element("div", {}, head, about), actions);
}

function action(text, label, run) {
  return element("button", { type: "button", class: "small", "aria-label": label, click: run }, text);
}

function bytes(number) {
  return number >= 1e9 ? `${SIZE.format(number / 1e9)} GB` : `${NUMBER.format(Math.round(number / 1e6))} MB`;
}

/* Doing something ------------------------------------------------------------------------------------------- */

function use(parts, model, pause) {
  begin(parts, "use", { model, pause });
}

async function begin(parts, kind, body) {
  tell(parts, `${DOING[kind]} ${body.model} …`, "running");
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
  for (const button of parts.list.querySelectorAll("button")) button.disabled = parts.running;
}

/* News from the server ---------------------------------------------------------------------------------------- */

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
  if (first && !parts.running) return; // it ended before this page was opened
  tell(parts, parts.running ? `${DOING[work.kind]} ${work.model}. ${work.sentence}` : work.sentence, work.state);
  parts.bar.hidden = !(parts.running && work.total);
  parts.bar.value = work.total ? work.done / work.total : 0;
  parts.asking.replaceChildren(...(work.code === "not_beside" ? pauseOrNot(parts, work.model) : []));
  if (!parts.running) load(parts);
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
