/* Backups, the key, legal holds, erasures and what lies open, for administrators. */
import { call, element, whenDrawn } from "./dom.js";
import { download, field, form, moment, table, twice } from "./forms.js";
import { known } from "./me.js";

const SOURCES = { keyring: "in the system's keyring", passphrase: "sealed by a passphrase", file: "in a key file", credential: "in a credential of the service" };

export function safekeeping() {
  whenDrawn("#safekeeping-parts", async (root) => {
    try {
      const told = await call("GET", "/api/safekeeping");
      const { rights, signs_in: signsIn } = await known;
      root.append(backups(), key(told), open(told.findings), retention(told.retention), await processing());
      if (signsIn && rights.includes("people")) root.append(await holds(), await erasures());
    } catch (error) {
      root.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
    }
  });
}

function section(title, ...parts) {
  return element("section", {}, element("h2", {}, title), ...parts);
}

function secret() {
  return element("input", { type: "password", autocomplete: "new-password", maxlength: 1000 });
}

function backups() {
  const passphrase = secret();
  const made = form("Back up now", [field("Passphrase (optional)", passphrase)], async () => {
    await download("POST", "/api/backups", { passphrase: passphrase.value });
    passphrase.value = "";
    return "The backup was made, read back, and given to your browser. Keep it away from this machine.";
  });
  return section("Backup", element("p", {}, "Everything but people's keys, in one sealed file. It opens with the key of this installation, and with the passphrase if you give one. People go on working meanwhile."),
    made, element("p", { class: "quiet-words" }, "Put back with ", element("code", {}, "inhouse restore FILE"), ", while Inhouse is stopped. For backups every night, and for the copy of people's keys they need on another machine, use ",
      element("code", {}, "inhouse backup FILE --keys KEYS"), "."));
}

function key(told) {
  const { source, generation, rotated } = told.key;
  const times = generation > 1 ? `It was replaced ${generation - 1} times, last ${moment(rotated)}.` : "It was never replaced.";
  const passphrase = secret();
  passphrase.minLength = 8;
  passphrase.required = true;
  const made = form("Take out the recovery key", [field("Passphrase that seals it, eight signs or more", passphrase)], async () => {
    await download("POST", "/api/recovery-key", { passphrase: passphrase.value });
    passphrase.value = "";
    return "The file was given to your browser. With the passphrase it opens everything: keep them apart.";
  });
  return section("Key", element("p", {}, `The master key is ${SOURCES[source] ?? source}. ${times}`), made, replacing(told.key));
}

/* Nothing may be open while the key is replaced, so the next start does it. */
function replacing({ asked, by_itself: byItself }) {
  const place = element("div", {});
  const ask = async () => draw((await call("POST", "/api/rotation")).asked);
  const leave = async () => draw(await call("DELETE", "/api/rotation"));
  const draw = (since) => {
    const words = since
      ? `The key will be replaced at the next start of Inhouse, as was asked for ${moment(since)}. The recovery key from before opens nothing from then on: take out the new one here.`
      : "Replace the key when it, or the recovery key, may have been seen, or when somebody leaves who knew it. The next start of Inhouse does it, before anything is open; that takes minutes with many documents.";
    place.replaceChildren(element("p", {}, words), since
      ? twice("Do not replace it", "Really keep the key", leave)
      : twice("Replace the key at the next start", "Really replace it", ask));
  };
  draw(asked);
  if (byItself) return place;
  return element("p", { class: "quiet-words" }, "Replaced with ", element("code", {}, "inhouse keys rotate"), ", while Inhouse is stopped: somebody has to be there.");
}

/** A sentence in which commands stand between backticks, as the command line prints it -> its parts. */
function commandsIn(sentence) {
  return sentence.split("`").map((part, place) => (place % 2 ? element("code", {}, part) : part));
}

function open(findings) {
  const faults = findings.filter((one) => !one.ok);
  const well = `${findings.length - faults.length} of ${findings.length} things looked at are well.`;
  const told = faults.map((one) => element("li", {}, element("strong", {}, one.name), " – ", ...commandsIn(`${one.found} ${one.remedy}`)));
  return section("What lies open", element("p", {}, well), element("ul", {}, ...told));
}

function retention(kept) {
  const long = (days) => (days === null ? "for ever" : `${days} days`);
  const told = kept.map(({ kind, days, from_next_start: next }) => element("li", {}, `${kind === "audit" ? "audit log" : kind}: ${long(days)}${next === days ? "" : `, from the next start on ${long(next)}`}`));
  const inputs = kept.map(({ kind, from_next_start: next }) => [kind, element("input", { type: "number", min: kind === "audit" ? 30 : 1, max: 36600, value: next })]);
  const fields = inputs.map(([kind, input]) => field(`Days ${kind} are kept (empty: for ever)`.replace("audit are", "the audit log is"), input));
  const made = form("Keep so long", fields, async () => {
    await call("PUT", "/api/retention", JSON.stringify(Object.fromEntries(inputs.map(([kind, input]) => [kind, input.value ? Number(input.value) : null]))));
    return "From the next start of Inhouse on. The privacy notice says so then, and everybody is asked to agree to it anew.";
  });
  return section("How long data is kept", element("ul", {}, ...told), made);
}

async function processing() {
  const { text, version } = await call("GET", "/api/processing");
  const shown = element("details", {}, element("summary", {}, "Show it"), element("pre", { class: "receipt" }, text));
  return section("Record of processing", element("p", {}, `For the data-protection officer, from the settings in force, version ${version}.`), shown);
}

async function holds() {
  const list = element("div", {});
  const draw = async () => {
    const put = await call("GET", "/api/holds");
    const release = (one) => async () => {
      await call("DELETE", `/api/holds/${one.hold_id}`);
      await draw();
    };
    const rows = put.map((one) => [one.name, one.reason, moment(one.since), one.released ? `released ${moment(one.released)}` : twice("Release", "Really release", release(one), one.name)]);
    list.replaceChildren(rows.length ? table(["Whom", "Why", "Since", ""], rows) : element("p", { class: "quiet-words" }, "None."));
  };
  const everybody = await call("GET", "/api/people");
  const whom = element("select", {}, element("option", { value: "" }, "everybody"), ...everybody.map((one) => element("option", { value: one.user_id }, one.name)));
  const reason = element("input", { required: true, maxlength: 500 });
  const put = form("Put a hold", [field("Whom", whom), field("Why", reason)], async () => {
    await call("POST", "/api/holds", JSON.stringify({ user_id: whom.value, reason: reason.value }));
    reason.value = "";
    await draw();
  });
  await draw();
  return section("Legal holds", element("p", {}, "While a hold is in force nothing of the person is deleted: not by retention, not by erasure, not by themselves."), list, put);
}

async function erasures() {
  const receipts = await call("GET", "/api/erasures");
  const shown = receipts.map((one) => element("details", {}, element("summary", {}, `${one.person}, ${moment(one.completed)}`), element("pre", { class: "receipt" }, JSON.stringify(one, null, 1))));
  const file = element("input", { type: "file", accept: ".json,application/json", required: true });
  const verify = form("Verify", [field("A receipt, as a file", file)], async () => {
    return (await call("POST", "/api/erasures/verify", await file.files[0].text())).sentence;
  });
  return section("Erasures", shown.length ? element("div", {}, ...shown) : element("p", { class: "quiet-words" }, "None. People are erased on the People page; the signed receipts are kept here."), verify);
}
