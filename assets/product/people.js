/* The people of this installation, for administrators: accounts, roles, groups, links to choose a password. */
import { call, element, whenDrawn } from "./dom.js";
import { download, field, form, moment, shownOnce, table, twice } from "./forms.js";
import { known } from "./me.js";

const ROLES = [
  ["employee", "Employee: asks and reads"],
  ["curator", "Curator: also loads documents"],
  ["admin", "Administrator: also manages people, models and keys"],
  ["auditor", "Auditor: reads the audit log and nothing else"],
];

export function people() {
  whenDrawn("#people-parts", (root) => {
    const list = element("section", {});
    root.append(list, adding(list));
    draw(list);
  });
}

async function draw(root) {
  try {
    const everybody = await call("GET", "/api/people");
    const rows = everybody.map((one) => row(root, one));
    root.replaceChildren(element("h2", {}, `Accounts (${rows.length})`), table(["Name", "Role", "Groups", "State", "Signed in last", ""], rows));
  } catch (error) {
    root.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
  }
}

function row(root, one) {
  const path = `/api/people/${one.user_id}`;
  const change = async (values) => {
    await call("PATCH", path, JSON.stringify(values));
    await draw(root);
  };
  const state = !one.active ? "disabled" : one.invited ? "has chosen no password yet" : one.second_factor ? "active, with a second factor" : one.single_sign_on ? "active, by single sign-on" : "active";
  const place = element("span", { class: "buttons" });
  const link = async () => {
    const made = await call("POST", `${path}/link`);
    place.replaceChildren(shownOnce("Works once, within three days:", location.origin + made.link));
  };
  const edit = element("button", { type: "button", class: "small", "aria-label": `Change ${one.name}` }, "Change");
  edit.addEventListener("click", async () => place.replaceChildren(changing(one, (await known).provider, change, () => draw(root))));
  const turn = one.active ? twice("Disable", "Really disable", () => change({ active: false }), one.name) : twice("Enable", "Really enable", () => change({ active: true }), one.name);
  const exporting = async () => {
    await download("POST", `${path}/export`); /* sealed: only the person is shown the passphrase */
    return "The sealed file was given to your browser.";
  };
  const erase = async () => {
    const name = prompt(`This destroys everything of ${one.name} for ever. Type ${one.name} to go on.`);
    if (name === null) return;
    const receipt = await call("POST", `${path}/erase`, JSON.stringify({ name }));
    await draw(root);
    root.append(element("pre", { class: "receipt", role: "status" }, JSON.stringify(receipt, null, 1)));
  };
  const links = one.single_sign_on ? [] : [twice("New link", "Replace the password", link, one.name)];
  const out = async () => {
    await call("POST", `${path}/sign-out`);
    return "Done: they are signed out everywhere.";
  };
  const programs = element("button", { type: "button", class: "small", "aria-label": `Tokens of ${one.name}` }, "Tokens");
  programs.addEventListener("click", () => tokens(place, path, () => draw(root)));
  place.append(edit, ...links, twice("Sign out", "End sessions, tokens and answers", out, one.name), programs, turn, twice("Export", "Export, sealed", exporting, one.name), twice("Erase", "Really erase", erase, one.name));
  return [one.name, one.roles.join(", "), one.groups.join(", ") || "–", state, moment(one.signed_in), place];
}

/* The tokens of somebody's programs, in the place of the buttons. */
async function tokens(place, path, back) {
  const held = await call("GET", `${path}/tokens`);
  const revoke = (token) => async () => {
    await call("DELETE", `${path}/tokens/${token.token_id}`);
    await tokens(place, path, back);
  };
  const rows = held.map((token) => [token.name, token.scopes.join(", "), moment(token.expires), moment(token.used), twice("Revoke", "Really revoke", revoke(token), token.name)]);
  const list = rows.length ? table(["For", "May", "Until", "Used last", ""], rows) : element("p", { class: "quiet-words" }, "None of their programs has a token.");
  place.replaceChildren(list, element("button", { type: "button", class: "small", click: back }, "Back"));
}

function roleChoice(chosen) {
  const made = element("select", {}, ...ROLES.map(([value, words]) => element("option", { value }, words)));
  made.value = chosen;
  return made;
}

function listed(text) {
  return text.split(",").map((each) => each.trim()).filter(Boolean);
}

function changing(one, provider, change, cancel) {
  const role = roleChoice(one.roles.at(-1));
  const groups = element("input", { value: one.groups.join(", ") });
  const name = element("input", { maxlength: 100, required: true, autocomplete: "off", value: one.name });
  const fields = [field("Their name, with which they sign in", name), field("Role", role), field("Groups, with commas between", groups)];
  const subject = element("input", { autocomplete: "off", maxlength: 255 });
  if (provider && !one.single_sign_on) fields.push(field("Their number at the sign-in provider, if they shall come from there", subject));
  const made = form("Save", fields, () => change({ name: name.value, roles: [role.value], groups: listed(groups.value), ...(subject.value.trim() && { subject: subject.value }) }));
  if (provider && one.single_sign_on) made.append(twice("Take single sign-on back", "They choose a password then", () => change({ subject: "" }), one.name));
  made.append(element("button", { type: "button", class: "small", click: cancel }, "Cancel"));
  return made;
}

function adding(list) {
  const name = element("input", { maxlength: 100, required: true, autocomplete: "off" });
  const role = roleChoice("employee");
  const groups = element("input", { autocomplete: "off" });
  const made = form("Make account", [field("Name they sign in with", name), field("Role", role), field("Groups, with commas between", groups)], async () => {
    const wanted = { name: name.value, roles: [role.value], groups: listed(groups.value) };
    const { name: who, link } = await call("POST", "/api/people", JSON.stringify(wanted));
    name.value = groups.value = "";
    await draw(list);
    return shownOnce(`Send ${who} this link, which works once within three days:`, location.origin + link);
  });
  return element("section", {}, element("h2", {}, "New account"), made);
}
