/* The models page: what the engine does right now, looked at every two seconds while somebody sees the page.
   Figures change silently; only another state is announced to a screen reader. */
import { call, element, whenDrawn } from "./dom.js";
import { shelf } from "./shelf.js";

const SECONDS = 2;
const NUMBER = new Intl.NumberFormat("en");
const RATE = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const SHARE = new Intl.NumberFormat("en", { style: "percent" });
const TIME = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const STATES = {
  ready: ["good", "Answers"],
  loading: ["busy", "Is being loaded"],
  resting: ["busy", "Is unloaded"],
  restarting: ["warn", "Is being started again"],
  failed: ["bad", "Does not answer"],
};
const FIGURES = [
  ["busy", "Answers being written", "at once; further questions wait"],
  ["waiting", "Waiting", "for a free place"],
  ["written", "Written now", "tokens a second, all answers together"],
  ["read", "Read now", "tokens a second, of questions and passages"],
  ["cached", "Known already", "of all that was to be read, since the engine's start"],
];

export function models() {
  whenDrawn("#model-shelf", (place) => watch(document.querySelector("#engine-now"), place));
}

/* Looking ------------------------------------------------------------------------------------------------- */

function watch(place, shelfPlace) {
  const parts = drawNow(place);
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    if (!place.isConnected) return;
    if (!document.hidden) {
      try {
        const now = await call("GET", "/api/models/now");
        show(parts, now);
        tellShelf(now);
      } catch (error) {
        show(parts, { state: "failed", sentence: error.message, figures: null, restarts: 0, notices: [] });
      }
    }
    clearTimeout(timer); // another look may have begun meanwhile
    if (!document.hidden) timer = setTimeout(look, SECONDS * 1000);
  };
  const tellShelf = shelf(shelfPlace, look);
  document.addEventListener("visibilitychange", look);
  look();
}

/* What the engine does now ---------------------------------------------------------------------------------- */

function drawNow(place) {
  const state = element("p", { class: "state", role: "status" });
  const plan = element("p", { class: "plan" });
  const values = {};
  const list = element("dl", { class: "figures" });
  for (const [name, title, meaning] of FIGURES) {
    values[name] = element("dd", { class: "value" }, "–");
    list.append(element("div", {}, element("dt", {}, title), values[name], element("dd", { class: "quiet-words" }, meaning)));
  }
  const notices = element("ul", { class: "notices" });
  const lately = element("details", { hidden: true }, element("summary", {}, "What happened to the engine lately"), notices);
  place.replaceChildren(element("section", { class: "now", "aria-label": "Right now" }, state, plan, list, lately));
  return { state, plan, values, lately, notices };
}

function show(parts, now) {
  const [kind, words] = STATES[now.state];
  const model = now.model ? element("strong", {}, now.model) : null;
  change(parts.state, `${now.model} ${now.state}`, () => [element("span", { class: `chip ${kind}` }, words), model]);
  change(parts.plan, now.sentence, () => [now.sentence]);
  for (const [name, value] of Object.entries(words_of(now.figures))) change(parts.values[name], value, () => [value]);
  const restarts = now.restarts ? `Started again after a fault: ${NUMBER.format(now.restarts)}` : "";
  change(parts.notices, restarts + JSON.stringify(now.notices), () => [
    restarts ? element("li", {}, restarts) : null,
    ...now.notices.map(({ time, sentence }) => element("li", {}, element("time", { datetime: time }, TIME.format(new Date(time))), ` ${sentence}`)),
  ]);
  parts.lately.hidden = !parts.notices.children.length;
}

function words_of(figures) {
  if (!figures) return { busy: "–", waiting: "–", written: "–", read: "–", cached: "–" };
  return {
    busy: `${figures.running} of ${figures.slots}`,
    waiting: NUMBER.format(figures.waiting),
    written: rate(figures.written_per_second),
    read: rate(figures.read_per_second),
    cached: figures.cached_share === null ? "–" : SHARE.format(figures.cached_share),
  };
}

function rate(value) {
  return value === null ? "…" : RATE.format(value);
}

/* What has not changed is left alone: selected text stays selected, and a screen reader silent. */
function change(node, value, children) {
  if (node.dataset.shown === value) return;
  node.dataset.shown = value;
  node.replaceChildren(...children().filter((child) => child !== null));
}
