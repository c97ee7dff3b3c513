/* The audit log, for auditors: what was unusual, and the rows, newest first, narrowed and paged. */
import { call, element, whenDrawn } from "./dom.js";
import { field, form, moment, table } from "./forms.js";

const RESULTS = ["", "done", "denied", "refused", "failed"];

export function audit() {
  whenDrawn("#audit-parts", (root) => {
    const unusual = element("section", {});
    const rows = element("section", { "aria-live": "polite" });
    root.append(unusual, proof(), narrowing(rows), rows);
    drawUnusual(unusual);
    draw(rows, new URLSearchParams());
  });
}

async function drawUnusual(root) {
  const found = await call("GET", "/api/audit/alerts").catch(() => []);
  const words = found.map((one) => element("li", {}, one.sentence ?? JSON.stringify(one)));
  root.replaceChildren(element("h2", {}, "Unusual in the last week"), words.length ? element("ul", {}, ...words) : element("p", { class: "quiet-words" }, "Nothing."));
}

/* Whether the log is whole and signed, perhaps held against a head somebody noted elsewhere. */
function proof() {
  const head = element("input", { pattern: "\\d{1,15}:[0-9a-f]{64}", placeholder: "1234:5e1f…", autocomplete: "off" });
  const made = form("Verify the log", [field("A head you noted (optional)", head)], async () => {
    const noted = new URLSearchParams(head.value.trim() ? { head: head.value.trim() } : {});
    const { ok, sentence } = await call("GET", `/api/audit/proof?${noted}`);
    if (!ok) throw new Error(sentence);
    return sentence;
  });
  const all = element("a", { class: "export", href: "/api/audit/export", download: "" }, "Take out the whole log, with what proves it");
  return element("section", {}, element("h2", {}, "Is it whole?"), made, element("p", {}, all));
}

function narrowing(rows) {
  const action = element("input", { placeholder: "signed in" });
  const result = element("select", {}, ...RESULTS.map((value) => element("option", { value }, value || "any result")));
  const person = element("input", {});
  const since = element("input", { type: "date" });
  return form("Show", [field("Action", action), field("Result", result), field("Pseudonym", person), field("Since", since)], async () => {
    const wanted = new URLSearchParams();
    if (action.value.trim()) wanted.set("action", action.value.trim());
    if (result.value) wanted.set("result", result.value);
    if (person.value.trim()) wanted.set("person", person.value.trim());
    if (since.value) wanted.set("since", Date.parse(since.value) / 1000);
    await draw(rows, wanted);
  });
}

async function draw(root, wanted) {
  const found = await call("GET", `/api/audit?${wanted}`);
  const cells = found.rows.map((one) => [moment(one.time), one.action, one.result, one.who, one.object_kind, one.object_id || "–", one.door, one.address || "–"]);
  root.replaceChildren(element("h2", {}, "What was done"), table(["When", "Action", "Result", "Who", "To what", "Which", "Door", "From"], cells));
  if (!found.before) return;
  const older = () => draw(root, new URLSearchParams([...wanted].filter(([key]) => key !== "before").concat([["before", found.before]])));
  root.append(element("button", { type: "button", class: "small", click: older }, "Older"));
}
