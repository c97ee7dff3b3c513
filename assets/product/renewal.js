/* Documents that were cut otherwise than the settings say now: how many, learn them anew, how far that is. */
import { call, element } from "./dom.js";

const NUMBER = new Intl.NumberFormat("en");
const LOOK = 2000; /* milliseconds */

/** Return the part of the page; `learned` is called when all are learned anew. */
export function renewal(learned) {
  const root = element("div", { class: "renewal" });
  const state = { root, learned, running: false };
  setInterval(() => state.running && !document.hidden && refresh(state), LOOK);
  return { root, show: (collection) => collection && refresh(state) };
}

async function refresh(state) {
  try {
    draw(state, await call("GET", "/api/renewal"));
  } catch (error) {
    state.root.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
  }
}

function draw(state, { outdated, work }) {
  const was = state.running;
  state.running = work?.state === "running";
  if (was && !state.running) state.learned();
  if (state.running) {
    const far = work.total ? `: ${NUMBER.format(work.done)} of ${NUMBER.format(work.total)}` : "";
    state.root.replaceChildren(element("p", { class: "notice", role: "status" }, `Documents are learned anew${far}. The old ones serve meanwhile.`));
  } else if (outdated) {
    const many = outdated === 1 ? "1 document was" : `${NUMBER.format(outdated)} documents were`;
    const words = `${many} cut otherwise than the settings say now. `;
    const begin = () => call("POST", "/api/renewal").finally(() => refresh(state));
    state.root.replaceChildren(element("p", { class: "notice" }, words, element("button", { type: "button", class: "small", click: begin }, "Learn anew")));
  } else state.root.replaceChildren();
}
