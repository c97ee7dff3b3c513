/* Upload of files and whole folders: one after the other, with what becomes of each; pause, go on, cancel, try again.
   A file goes as the body of a PUT; the answer tells, line by line, how far learning it is. */
import { element } from "./dom.js";

const KINDS = ".md,.markdown,.txt,.text,.html,.htm,.xhtml,.csv,.tsv,.pdf,.docx,.docm,.pptx,.pptm,.xlsx,.xlsm,.odt,.rtf,.eml,.msg,.mbox,.mbx,.zip"; /* those of retrieval/readers/formats.py; a test compares */
const ENDINGS = new Set(KINDS.split(","));
const NUMBER = new Intl.NumberFormat("en");
const REFRESH = 3000; /* milliseconds: a long list is not drawn anew after each of hundreds of files */
const SENT = 60; /* of a file's hundred: the rest is reading and indexing */
const DONE = new Set(["done", "failed", "cancelled"]);

/** Return the part of the page; `chosen` tells the collection, `learned` is called when there are new documents. */
export function uploads(column, chosen, learned) {
  const rows = element("ul", { class: "uploads", "aria-label": "Uploads" });
  const whole = { files: [], paused: false, busy: false, request: null, drawn: 0, rows, chosen, learned };
  whole.bar = element("progress", { max: 1, value: 0, "aria-label": "Progress of all uploads" });
  whole.words = element("p", { class: "words", role: "status" });
  whole.pause = button("Pause", () => pause(whole));
  whole.cancel = button("Cancel", () => cancel(whole));
  whole.again = button("Try the failed again", () => again(whole));
  const buttons = element("div", { class: "buttons" }, whole.pause, whole.cancel, whole.again);
  whole.head = element("div", { class: "uploads-head", hidden: true }, whole.words, whole.bar, buttons);
  addEventListener("beforeunload", (event) => whole.busy && event.preventDefault());
  const root = element("div", {}, zone(column, (found) => add(whole, found)), whole.head, rows);
  return { root, show: () => tidy(whole) };
}

function button(words, click) {
  return element("button", { type: "button", class: "small", click }, words);
}

/* Choosing -------------------------------------------------------------------------------------------- */

function zone(column, take) {
  const files = element("input", { type: "file", id: "files", class: "unseen", multiple: true, accept: KINDS });
  const folder = element("input", { type: "file", id: "folder", class: "unseen", webkitdirectory: true });
  for (const input of [files, folder]) {
    input.addEventListener("change", () => {
      take([...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
      input.value = "";
    });
  }
  const choose = (id, words) => element("label", { for: id, class: "choose" }, words);
  const words = element("p", {}, choose("files", "Choose files"), " or ", choose("folder", "a folder"), ", or drop them here");
  const kinds = element("p", { class: "quiet-words" }, "PDF, Word, Excel, PowerPoint, OpenDocument, RTF, mail, HTML, Markdown, CSV, text, and ZIP files of these. They are read on this machine and kept encrypted.");
  const made = element("div", { class: "drop" }, files, folder, words, kinds);
  for (const name of ["dragenter", "dragover"]) column.addEventListener(name, (event) => over(event, made, true));
  for (const name of ["dragleave", "drop"]) column.addEventListener(name, (event) => over(event, made, false));
  column.addEventListener("drop", async (event) => take(await dropped(event.dataTransfer)));
  return made;
}

function over(event, made, isOver) {
  event.preventDefault();
  made.classList.toggle("over", isOver);
}

/* Everything dropped, folders with what is below them. The entries must be asked for before anything is awaited. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map(below))).flat();
}

async function below(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) return (await Promise.all(found.map(below))).flat();
    found.push(...part);
  }
}

/* What the system leaves in folders is nothing anybody chose. */
function isHidden(name) {
  return name.split("/").some((part) => part.startsWith(".") || part.startsWith("~$") || part === "Thumbs.db");
}

function add(whole, found) {
  const collection = whole.chosen();
  for (const { file, name } of found.filter((one) => !isHidden(one.name))) {
    const upload = { file, name, collection, state: "waiting", row: row(name) };
    whole.files.push(upload);
    whole.rows.append(upload.row.root);
    const ending = name.slice(name.lastIndexOf(".")).toLowerCase();
    if (name.includes("/") && !ENDINGS.has(ending)) end(upload, "failed", "Files of this kind are not read.");
  }
  tell(whole);
  next(whole);
}

function row(name) {
  const bar = element("progress", { max: 100, value: 0, "aria-label": `Progress of ${name}` });
  const state = element("span", { class: "state" }, "Waiting");
  return { root: element("li", {}, element("span", { class: "name" }, name), bar, state), bar, state };
}

/* Sending, one after the other -------------------------------------------------------------------------- */

async function next(whole) {
  const upload = whole.files.find((one) => one.state === "waiting");
  if (whole.busy || whole.paused || !upload) return;
  whole.busy = true;
  upload.state = "sending";
  upload.row.root.scrollIntoView({ block: "nearest" });
  try {
    finish(upload, await send(whole, upload));
  } catch (error) {
    if (upload.state !== "cancelled") end(upload, "failed", error.message);
  }
  whole.busy = false;
  tell(whole);
  const over = !whole.files.some((one) => one.state === "waiting");
  if (over || performance.now() - whole.drawn > REFRESH) {
    whole.drawn = performance.now();
    await whole.learned();
  }
  next(whole);
}

/* XMLHttpRequest, because fetch does not tell how much of a body has been sent. */
function send(whole, upload) {
  const { file, name, collection, row: drawn } = upload;
  return new Promise((resolve, reject) => {
    const request = (whole.request = new XMLHttpRequest());
    request.open("PUT", `/api/collections/${collection}/documents?name=${encodeURIComponent(name)}`);
    request.upload.onprogress = (event) => {
      drawn.bar.value = (SENT * event.loaded) / event.total;
      drawn.state.textContent = "Uploading";
    };
    request.upload.onload = () => (upload.state = "learning");
    request.onprogress = () => learning(drawn, lines(request.responseText));
    request.onerror = () => reject(new Error("Inhouse does not answer. Is it still running?"));
    request.onabort = () => reject(new Error("Cancelled"));
    request.onload = () => {
      const last = lines(request.responseText).at(-1) ?? {};
      if (request.status >= 400 || last.stage === "failed") {
        reject(new Error(last.error?.message ?? "The file was refused."));
      } else resolve(last);
    };
    request.send(file);
  });
}

function lines(text) {
  return text.split("\n").flatMap((line) => {
    try {
      return line ? [JSON.parse(line)] : [];
    } catch {
      return [];
    }
  });
}

function learning(drawn, told) {
  const last = told.at(-1);
  if (!last) return;
  drawn.bar.value = 70;
  drawn.state.textContent = last.stage === "waiting" ? "Waiting: other documents are being learned" : "Reading and indexing";
}

function finish(upload, report) {
  const problem = report.problems?.[0];
  if (problem) {
    end(upload, "failed", problem.error);
    return;
  }
  if (report.documents?.quarantined > 0) {
    end(upload, "done", "Suspicious: it waits in quarantine. The list below tells why.");
    upload.row.root.classList.replace("done", "failed"); // it was read, so it is not tried again
    return;
  }
  const unchanged = report.documents?.unchanged > 0;
  end(upload, "done", unchanged ? "Known already, nothing to do" : `Ready: ${counted(report.chunks, "chunk")}`);
}

function end(upload, state, sentence) {
  upload.state = state;
  upload.row.bar.remove();
  upload.row.root.classList.add(state);
  upload.row.state.textContent = sentence;
}

/* All of them ------------------------------------------------------------------------------------------- */

function pause(whole) {
  whole.paused = !whole.paused;
  tell(whole);
  next(whole);
}

/* A file that is being read and indexed already is finished. */
function cancel(whole) {
  for (const upload of whole.files) {
    if (upload.state === "waiting" || upload.state === "sending") end(upload, "cancelled", "Cancelled");
  }
  if (whole.files.every((one) => DONE.has(one.state))) whole.request?.abort();
  whole.paused = false;
  tell(whole);
}

function again(whole) {
  for (const upload of whole.files.filter((one) => one.state === "failed")) {
    const fresh = row(upload.name);
    upload.row.root.replaceWith(fresh.root);
    Object.assign(upload, { state: "waiting", row: fresh });
  }
  tell(whole);
  next(whole);
}

/* Another collection is shown: what is finished is taken away, the rest goes on into its own. */
function tidy(whole) {
  for (const upload of whole.files.filter((one) => DONE.has(one.state))) upload.row.root.remove();
  whole.files = whole.files.filter((one) => !DONE.has(one.state));
  tell(whole);
}

function tell(whole) {
  const { files } = whole;
  const count = (state) => files.filter((one) => one.state === state).length;
  const ended = count("done") + count("failed") + count("cancelled");
  const running = ended < files.length;
  whole.head.hidden = files.length === 0;
  whole.bar.value = files.length ? ended / files.length : 0;
  whole.bar.hidden = !running;
  const told = [`${NUMBER.format(ended)} of ${counted(files.length, "file")}`];
  if (count("failed")) told.push(`${NUMBER.format(count("failed"))} could not be read`);
  if (count("cancelled")) told.push(`${NUMBER.format(count("cancelled"))} cancelled`);
  if (whole.paused && running) told.push("paused");
  whole.words.textContent = told.join(" · ");
  whole.pause.hidden = whole.cancel.hidden = !running;
  whole.pause.textContent = whole.paused ? "Go on" : "Pause";
  whole.again.hidden = running || !count("failed");
  if (running) return;
  for (const upload of files.filter((one) => one.state === "failed")) whole.rows.prepend(upload.row.root);
  if (count("failed")) whole.rows.scrollTop = 0;
}

function counted(number, word) {
  return `${NUMBER.format(number)} ${word}${number === 1 ? "" : "s"}`;
}
