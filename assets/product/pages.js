/* A page of a PDF as it looks, the cited part marked on it; other pages, and larger. The text stays below it. */
import { call, element } from "./dom.js";

const ZOOMS = [1, 1.5, 2, 3];
const STEP = 500; /* pixels; so that a page is drawn for few widths */
const SHARPEST = 2; /* pixels of a page for each of the screen's: beyond this nobody sees a difference */

/** Return the picture of the view's page, and the text as a part that can be unfolded, for the scrolling `body`. */
export function pagePicture(view, text, body) {
  const sheet = element("div", { class: "sheet" });
  const frame = element("div", { class: "sheet-frame" }, sheet);
  const said = element("figcaption", { role: "status" });
  const folded = element("details", { class: "as-text" }, element("summary", {}, "The same place as text"), ...text);
  const state = { view, sheet, frame, said, folded, body, number: view.page ?? 1, pages: null, zoom: 0, asked: 0 };
  const figure = element("figure", { class: "page-picture" }, tools(state), frame, said);
  requestAnimationFrame(() => show(state));
  return [figure, folded];
}

function tools(state) {
  const button = (name, sign, act) => {
    const made = element("button", { type: "button", class: "small", title: name, click: act }, sign);
    made.setAttribute("aria-label", name);
    return made;
  };
  const turn = (step) => () => ((state.number += step), show(state));
  const enlarge = (step) => () => ((state.zoom += step), show(state));
  state.back = button("Previous page", "‹", turn(-1));
  state.on = button("Next page", "›", turn(1));
  state.where = element("span", { class: "page-number" });
  state.smaller = button("Smaller", "−", enlarge(-1));
  state.larger = button("Larger", "+", enlarge(1));
  const bar = element("div", { class: "page-tools", role: "toolbar", "aria-label": "Page" });
  bar.append(state.back, state.where, state.on, element("span", { class: "room" }), state.smaller, state.larger);
  return bar;
}

async function show(state) {
  const { view, number, zoom } = state;
  const asked = (state.asked += 1);
  label(state);
  state.sheet.style.width = `${ZOOMS[zoom] * 100}%`;
  state.sheet.setAttribute("aria-busy", "true");
  const sharpness = Math.min(globalThis.devicePixelRatio || 1, SHARPEST);
  const pixels = Math.ceil((state.frame.clientWidth * ZOOMS[zoom] * sharpness) / STEP) * STEP || STEP;
  const path = `/api/documents/${view.document_id}/pages/${number}?start=${view.start}&end=${view.end}&pixels=${pixels}`;
  try {
    const drawn = await call("GET", path);
    if (asked === state.asked) draw(state, drawn);
  } catch (error) {
    if (asked !== state.asked) return;
    state.sheet.replaceChildren(element("p", { class: "notice" }, error.message));
    state.folded.open = true;
  }
  if (asked === state.asked) state.sheet.removeAttribute("aria-busy");
}

function draw(state, drawn) {
  const { view, sheet } = state;
  state.pages = drawn.pages;
  label(state);
  const alt = `Page ${drawn.page} of ${drawn.pages} of ${view.title || view.document}. Its text is below.`;
  const picture = element("img", { src: drawn.picture, alt, width: drawn.width, height: drawn.height });
  sheet.replaceChildren(picture, ...drawn.marks.map(place));
  caption(state, drawn);
  const first = sheet.querySelector(".page-mark-place");
  if (first) first.scrollIntoView({ block: "center", inline: "nearest" });
}

function place(mark) {
  const made = element("span", { class: "page-mark-place", "aria-hidden": "true" });
  for (const side of ["left", "top", "width", "height"]) made.style[side] = `${mark[side] * 100}%`;
  return made;
}

/* The words are said too, for whoever does not see the picture. */
function caption({ view, said, folded }, drawn) {
  const cited = drawn.page === view.page && view.end > view.start;
  if (!cited || drawn.marks.length) {
    const words = view.quote && drawn.marks.length ? ["Marked: ", element("mark", {}, view.quote)] : [];
    if (words.length && !drawn.exact) words[0] = "Marked are the words of: ";
    said.replaceChildren(...words);
    return;
  }
  said.replaceChildren("The cited words were not found on the picture; they are marked in the text below.");
  folded.open = true;
}

function label(state) {
  state.where.textContent = state.pages ? `Page ${state.number} of ${state.pages}` : `Page ${state.number}`;
  state.back.disabled = state.number <= 1;
  state.on.disabled = state.pages !== null && state.number >= state.pages;
  state.smaller.disabled = state.zoom === 0;
  state.larger.disabled = state.zoom === ZOOMS.length - 1;
}
