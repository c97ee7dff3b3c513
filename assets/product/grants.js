/* Who may read or fill the chosen collection, for whoever may change it; only where people sign in. */
import { call, element } from "./dom.js";
import { field, form } from "./forms.js";
import { known } from "./me.js";

const MAY = { read: "may read", curate: "may read and fill" };

/** Return the part of the page. */
export function readers() {
  const list = element("ul", { class: "folders" });
  const root = element("details", { class: "watched" }, element("summary", {}, "Who may read this"), list);
  const state = { root, list, collection: null };
  root.hidden = true;
  known.then((who) => {
    root.hidden = !who.signs_in;
    if (who.signs_in) root.append(giving(state));
    if (who.signs_in && who.rights.includes("people")) root.append(everybody(state));
  });
  return { root, show: (collection) => ((state.collection = collection), refresh(state)) };
}

async function refresh(state) {
  const { collection } = state;
  if (!collection || !(await known).signs_in) return;
  const held = await call("GET", `/api/collections/${collection}/grants`);
  if (collection === state.collection) draw(state, held);
}

function draw(state, held) {
  state.found?.replaceChildren(); /* of another collection, or of other grants */
  state.list.replaceChildren(...held.map((one) => row(state, one)), element("li", {}, "Administrators may read and fill every collection."));
}

function row(state, one) {
  const who = one.kind === "everyone" ? "Everybody" : one.kind === "group" ? `Group ${one.name}` : one.name;
  const take = async () => {
    const query = new URLSearchParams({ kind: one.kind, name: one.name });
    await call("DELETE", `/api/collections/${state.collection}/grants?${query}`);
    await refresh(state);
  };
  const button = element("button", { type: "button", class: "small", click: take, "aria-label": `Take this from ${who}` }, "Take back");
  return element("li", {}, element("span", { class: "title" }, who), ` ${MAY[one.may]} `, button);
}

/* Grants name groups; this names everybody who may read the collection now, and through what. */
function everybody(state) {
  const found = (state.found = element("ul", { class: "folders" }));
  return form("Name everybody who may read this now", [found], async () => {
    const people = await call("GET", `/api/collections/${state.collection}/grants/people`);
    found.replaceChildren(...people.map((one) => element("li", {}, element("span", { class: "title" }, one.name), ` ${MAY[one.may]}: ${one.through.join(", ")}`)));
    return `${people.length} may read it.`;
  });
}

function giving(state) {
  const kind = element("select", {}, ...[["everyone", "Everybody"], ["group", "A group"], ["person", "A person"]].map(([value, words]) => element("option", { value }, words)));
  const name = element("input", { type: "text", disabled: true, autocomplete: "off" });
  kind.addEventListener("change", () => (name.disabled = kind.value === "everyone"));
  const may = element("select", {}, ...Object.entries(MAY).map(([value, words]) => element("option", { value }, words)));
  return form("Give", [field("To", kind), field("Name", name), field("They", may)], async () => {
    const wanted = { kind: kind.value, name: name.value, may: may.value };
    draw(state, await call("PUT", `/api/collections/${state.collection}/grants`, JSON.stringify(wanted)));
    name.value = "";
  });
}
