/* The folders of the server's machine that the chosen collection watches: when, what came of it, pause, run now. */
import { call, element } from "./dom.js";

const EVERY = [[15, "every 15 minutes"], [60, "every hour"], [360, "every 6 hours"], [1440, "every day"], [10080, "every week"]];
const NUMBER = new Intl.NumberFormat("en");
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const LOOK = 3000; /* milliseconds between two looks while a folder is being looked at or is open */

/** Return the part of the page; `learned` is called when a folder has been looked at. */
export function watchedFolders(learned) {
  const list = element("ul", { class: "folders" });
  const fault = element("p", { class: "warning", role: "alert" });
  const state = { list, fault, learned, collection: null, ran: "" };
  const root = element("details", { class: "watched" }, element("summary", {}, "Watched folders"), list, form(state), fault);
  state.root = root;
  setInterval(() => !document.hidden && (root.open || state.running) && refresh(state), LOOK);
  root.addEventListener("toggle", () => refresh(state));
  return { root, show: (collection) => ((state.collection = collection), (state.ran = ""), refresh(state)) };
}

function form(state) {
  const folder = element("input", { type: "text", placeholder: "/srv/handbook", "aria-label": "Folder on the machine Inhouse runs on" });
  const often = choice(60);
  const made = element("form", {}, folder, often, element("button", { class: "small" }, "Watch"));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = { folder: folder.value, minutes: Number(often.value) };
    act(state, async () => {
      await call("POST", `/api/collections/${state.collection}/folders`, JSON.stringify(wanted));
      folder.value = "";
    });
  });
  return made;
}

function choice(minutes) {
  const known = EVERY.some(([each]) => each === minutes) ? EVERY : [[minutes, `every ${minutes} minutes`], ...EVERY];
  const made = element("select", { "aria-label": "How often" }, ...known.map(([value, words]) => element("option", { value }, words)));
  made.value = String(minutes);
  return made;
}

async function act(state, work) {
  try {
    await work();
    state.fault.textContent = "";
  } catch (error) {
    state.fault.textContent = error.message;
  }
  await refresh(state);
}

async function refresh(state) {
  const { collection } = state;
  if (!collection || state.list.contains(document.activeElement?.closest("select"))) return;
  try {
    const watched = await call("GET", `/api/collections/${collection}/folders`);
    if (collection === state.collection) draw(state, watched);
  } catch (error) {
    state.fault.textContent = error.message;
  }
}

function draw(state, watched) {
  state.running = watched.some((one) => one.running);
  const drawn = JSON.stringify(watched);
  if (drawn === state.drawn) return;
  state.drawn = drawn;
  state.root.querySelector("summary").textContent = watched.length ? `Watched folders (${watched.length})` : "Watched folders";
  state.list.replaceChildren(...watched.map((one) => row(state, one)));
  const ran = watched.map((one) => one.last_run).join();
  if (state.ran && ran !== state.ran) state.learned();
  state.ran = ran || " ";
}

function row(state, watch) {
  const path = `/api/collections/${state.collection}/folders/${watch.watch_id}`;
  const change = (values) => act(state, () => call("PATCH", path, JSON.stringify(values)));
  const button = (words, click) => {
    const made = element("button", { type: "button", class: "small", click }, words);
    made.setAttribute("aria-label", `${words}: ${watch.folder}`);
    return made;
  };
  const often = choice(watch.minutes);
  often.addEventListener("change", () => (often.blur(), change({ minutes: Number(often.value) })));
  const buttons = element("div", { class: "buttons" }, often,
    button("Run now", () => act(state, () => call("POST", `${path}/run`))),
    button(watch.paused ? "Go on" : "Pause", () => change({ paused: !watch.paused })),
    button("Stop watching", () => act(state, () => call("DELETE", path))));
  const fault = watch.last_result.error;
  const came = element("p", { class: fault ? "warning" : "quiet-words", role: "status" }, told(watch));
  return element("li", {}, element("span", { class: "title" }, watch.folder), came, buttons);
}

function told(watch) {
  if (watch.running) return `Looking now: ${NUMBER.format(watch.running.done)} of ${NUMBER.format(watch.running.total)} files`;
  const next = watch.paused ? "paused" : `next ${MOMENT.format(new Date(watch.next_run))}`;
  if (!watch.last_run) return `Not looked at yet · ${next}`;
  return `${MOMENT.format(new Date(watch.last_run))}: ${result(watch.last_result)} · ${next}`;
}

function result({ error, documents }) {
  if (error) return error;
  const named = ["added", "updated", "removed", "failed"].filter((name) => documents?.[name]);
  const changes = named.map((name) => `${NUMBER.format(documents[name])} ${name === "failed" ? "could not be read" : name}`);
  return changes.join(", ") || `nothing changed in ${NUMBER.format(documents?.unchanged ?? 0)} files`;
}
