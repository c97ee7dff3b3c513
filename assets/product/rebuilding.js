/* Whether the vector index holds what the database does; if not, building it again, and how far that is. */
import { call, element, whenDrawn } from "./dom.js";
import { known } from "./me.js";

const NUMBER = new Intl.NumberFormat("en");
const LOOK = 2000; /* milliseconds */
const FAULTS = {
  disagrees: "The index and the database disagree, so some passages are found by their words only. ",
  damaged: "The index cannot be read, so nothing is found. ",
};
const COMMAND = "An administrator can build it again here, or with “inhouse doctor --rebuild-index” on the machine Inhouse runs on.";

/** Tell it above the collections of the Knowledge page. */
export function rebuilding() {
  whenDrawn("#knowledge", (page) => {
    const root = element("div", { id: "fault", hidden: true, role: "status" });
    const state = { root, running: false };
    page.before(root);
    setInterval(() => state.running && !document.hidden && refresh(state), LOOK);
    refresh(state);
  });
}

async function refresh(state) {
  try {
    draw(state, await call("GET", "/api/index"), (await known).rights.includes("govern"));
  } catch (error) {
    tell(state, error.message);
  }
}

function draw(state, { state: index, work }, governs) {
  state.running = index === "rebuilding";
  if (state.running) {
    const far = work.total ? `: ${NUMBER.format(work.done)} of ${NUMBER.format(work.total)} documents` : "";
    tell(state, `The index is built again${far}. Meanwhile some passages are found by their words only.`);
  } else if (FAULTS[index]) {
    const failed = work?.state === "failed" ? `It was not built again. ${work.sentence} ` : "";
    const begin = element("button", { type: "button", class: "small", click: () => build(state) }, "Build the index again");
    tell(state, FAULTS[index] + failed + (governs ? "" : COMMAND), governs ? begin : null);
  } else state.root.hidden = true;
}

async function build(state) {
  try {
    await call("POST", "/api/index");
    await refresh(state);
  } catch (error) {
    tell(state, error.message);
  }
}

function tell(state, words, ...more) {
  state.root.hidden = false;
  state.root.replaceChildren(words, ...more.filter(Boolean));
}
