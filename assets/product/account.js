/* Your account: password, second factor, the browsers you are signed in with, tokens of your programs, signing out. */
import { call, element, whenDrawn } from "./dom.js";
import { download, field, form, moment, shownOnce, table, twice } from "./forms.js";
import { known } from "./me.js";

export function account() {
  whenDrawn("#account-parts", async (root) => {
    const who = await known;
    const sessions = element("section", {});
    const tokens = element("section", {});
    const here = who.single_sign_on ? [] : [passwords(), secondFactor(who)];
    root.append(greeting(who), ...here, sessions, tokens, yours(who));
    drawSessions(sessions);
    drawTokens(tokens);
  });
}

function section(words, ...parts) {
  return element("section", {}, element("h2", {}, words), ...parts);
}

function greeting(who) {
  const out = async () => {
    await call("POST", "/api/me/sign-out");
    location.href = who.single_sign_on ? "/sign-in?left=1" : "/sign-in";
  };
  const words = `You are signed in as ${who.name} (${who.roles.join(", ")}).`;
  return element("section", {}, element("p", {}, words), element("button", { type: "button", class: "small", click: out }, "Sign out"));
}

function password(name) {
  return element("input", { type: "password", autocomplete: name, required: true });
}

function passwords() {
  const old = password("current-password");
  const chosen = password("new-password");
  const again = password("new-password");
  const made = form("Change password", [field("Your password now", old), field("New password, 12 characters or more", chosen), field("The same again", again)], async () => {
    if (chosen.value !== again.value) throw new Error("The two new passwords differ. Type the same one twice.");
    await call("POST", "/api/me/password", JSON.stringify({ old: old.value, new: chosen.value }));
    old.value = chosen.value = again.value = "";
    return "Your password was changed. Your other browsers are signed out.";
  });
  return section("Password", made);
}

function secondFactor(who) {
  const root = section("Second factor");
  const explained = "An app on your telephone shows a code that is asked for when you sign in, so that your password alone opens nothing.";
  const begin = form("Set up a second factor", [element("p", {}, explained)], async () => {
    const { secret } = await call("POST", "/api/me/second-factor");
    root.append(confirming(secret));
    return "Type this secret into your app:";
  });
  const typed = password("current-password");
  const drop = form("Remove the second factor", [field("Your password", typed)], async () => {
    await call("POST", "/api/me/second-factor/drop", JSON.stringify({ password: typed.value }));
    location.reload();
  });
  root.append(who.second_factor ? drop : begin);
  return root;
}

function yours(who) {
  const take = element("a", { class: "export", href: "/api/me/export", download: "" }, "Take out everything that is kept about me");
  const name = element("input", { autocomplete: "off", required: true });
  const warning = "This destroys your account and everything you asked and were answered, here and in every backup, for ever.";
  const erase = form("Erase me", [element("p", {}, warning), field(`Type ${who.name} to go on`, name)], async () => {
    await call("POST", "/api/me/erase", JSON.stringify({ name: name.value }));
    location.href = "/sign-in";
  });
  const made = element("div", {});
  call("GET", "/api/me/exports").then((held) => {
    made.append(...held.map((one) => shownOnce(`${one.file}, made for you by an administrator ${moment(one.made)}, opens with`, one.passphrase)));
    if (held.length) made.append(opening());
  });
  const notice = element("a", { href: "/notice" }, "The privacy notice you agreed to");
  return section("What is yours", element("p", {}, notice), element("p", {}, take), made, erase);
}

function opening() {
  const file = element("input", { type: "file", accept: ".inhouse-export", required: true });
  const passphrase = element("input", { autocomplete: "off", required: true, maxlength: 100 });
  const kept = "Your browser was given a ZIP file; export.html in it is a page to read. It is in clear: keep it well.";
  return form("Open the export", [field("The sealed file", file), field("Its passphrase", passphrase)], async () => {
    await download("POST", "/api/me/exports/open", file.files[0], { "inhouse-passphrase": encodeURIComponent(passphrase.value) });
    passphrase.value = "";
    return kept;
  });
}

function confirming(secret) {
  const code = element("input", { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 10, required: true });
  return form("Confirm", [element("p", { class: "shown-once" }, element("code", {}, secret)), field("Code your app shows now", code)], async () => {
    await call("PUT", "/api/me/second-factor", JSON.stringify({ code: code.value }));
    return "From now on the code is asked for when you sign in.";
  });
}

async function drawSessions(root) {
  const open = await call("GET", "/api/me/sessions");
  const rows = open.map((one) => {
    const end = async () => {
      await call("DELETE", `/api/me/sessions/${one.session_id}`);
      await drawSessions(root);
    };
    return [one.device || "A browser", moment(one.since), one.this_one ? "this one" : twice("Sign out", "Really sign out", end, one.device)];
  });
  root.replaceChildren(element("h2", {}, "Where you are signed in"), table(["Browser", "Since", ""], rows));
}

async function drawTokens(root) {
  const held = await call("GET", "/api/me/tokens");
  const rows = held.map((one) => {
    const revoke = async () => {
      await call("DELETE", `/api/me/tokens/${one.token_id}`);
      await drawTokens(root);
    };
    return [one.name, one.scopes.join(", "), moment(one.expires), moment(one.used), twice("Revoke", "Really revoke", revoke, one.name)];
  });
  const list = rows.length ? table(["For", "May", "Until", "Used last", ""], rows) : element("p", { class: "quiet-words" }, "None of your programs has a token.");
  root.replaceChildren(element("h2", {}, "Tokens of your programs"), list, newToken(root));
}

function newToken(root) {
  const name = element("input", { maxlength: 100, required: true });
  const scope = element("select", {}, element("option", { value: "ask" }, "ask and read"), element("option", { value: "manage" }, "do everything I may"));
  const days = element("input", { type: "number", min: 1, max: 366, value: 90, required: true });
  return form("Make token", [field("What it is for", name), field("It may", scope), field("Valid for so many days", days)], async () => {
    const wanted = { name: name.value, scopes: [scope.value], days: Number(days.value) };
    const { token } = await call("POST", "/api/me/tokens", JSON.stringify(wanted));
    const told = shownOnce("Copy it now, it is not shown again:", token);
    await drawTokens(root);
    root.append(told);
  });
}
