/* Messages: labels a screen reader can use, copying without marks, Escape for Stop, the newest question in sight. */
import { whenChanged, whenDrawn } from "./dom.js";
import { known } from "./me.js";

const NAMES = { Like: "Good answer", Dislike: "Bad answer", Retry: "Ask again", "Copy message": "Copy" };
const GIVEN = { Liked: "Like", Disliked: "Dislike" }; // what Gradio calls a thumb that was given

export function messages() {
  whenDrawn("#messages", (chat) => {
    whenChanged(chat, () => name(chat));
    known.then(({ rating }) => whenChanged(chat, () => tellRating(chat, rating)));
    chat.addEventListener("click", copy, true);
  });
  whenDrawn("#question", (box) => {
    whenChanged(box, () => answering(Boolean(box.querySelector(".stop-button"))));
  });
  document.addEventListener("click", ({ target }) => target.closest?.("#new, #question button") && toBox());
  whenDrawn("#collections", (choice) => whenChanged(choice, () => sayAll(choice)));
  /* Looked at before anybody else closes what is open. */
  document.addEventListener("keydown", (event) => event.key === "Escape" && !closesElse(event) && stop(), true);
}

/* Whoever read something further up sees what they ask now: Gradio follows an answer only from the end on. */
function answering(begun) {
  if (begun && !document.body.classList.contains("answering")) {
    const log = document.querySelector('#messages [role="log"]');
    if (log) log.scrollTop = log.scrollHeight;
  }
  document.body.classList.toggle("answering", begun);
}

/* Ask, Stop and New conversation give way to others or leave nothing to do but to type. A finger would get a keyboard
   over the answer. */
function toBox() {
  if (matchMedia("(hover: hover)").matches) document.querySelector("#question textarea")?.focus();
}

function stop() {
  document.querySelector("#question .stop-button")?.click();
}

/* Whether Escape is meant for something that lies open, or for a field with words, rather than for the answer. */
function closesElse({ target }) {
  const open = document.body.matches(".reading, .drawer-open, .sources-open") || document.querySelector("dialog[open]");
  const field = target.closest?.("input:not([type=radio]), textarea, select");
  return open || target.closest?.(".ask-back") || (field && !field.closest("#question"));
}

/* An empty choice of collections means all of them; an empty box does not say so. */
function sayAll(choice) {
  const input = choice.querySelector("input");
  const chosen = choice.querySelector(".token");
  if (input) input.placeholder = chosen ? "" : "All collections";
}

/* Gradio labels a message with its source text; to a listener that is noise before the same words. */
function name(chat) {
  for (const message of chat.querySelectorAll("[data-testid=bot], [data-testid=user]")) {
    if (!message.hasAttribute("aria-label")) continue;
    message.removeAttribute("aria-label");
    const speaker = message.dataset.testid === "bot" ? "Answer" : "Question";
    message.closest(".message-row")?.setAttribute("aria-label", speaker);
    message.closest(".message-row")?.setAttribute("role", "article");
  }
  for (const link of chat.querySelectorAll("a.cite[title]")) {
    link.setAttribute("aria-label", link.title);
  }
  for (const button of chat.querySelectorAll(".message-buttons button")) {
    const was = button.getAttribute("aria-label");
    const action = GIVEN[was] ?? was;
    if (!NAMES[action]) continue;
    button.dataset.action = action;
    button.setAttribute("aria-label", NAMES[action]);
    button.title = NAMES[action];
    if (action.endsWith("ike")) button.setAttribute("aria-pressed", String(was in GIVEN));
  }
}

/* What rating an answer shares, beside the thumbs of the newest one and told with each thumb. */
function tellRating(chat, words) {
  if (!words) return;
  for (const button of chat.querySelectorAll('button:is([data-action="Like"], [data-action="Dislike"])')) {
    button.setAttribute("aria-description", words);
    button.title = `${button.getAttribute("aria-label")}. ${words}`;
    const row = button.closest(".message-buttons");
    row?.classList.toggle("rating-told", row.closest(".message-row")?.matches(":last-child"));
    if (row) row.dataset.told = words;
  }
}

/* Copy the words as they are read, then the sources, instead of Markdown with addresses. */
function copy(event) {
  const button = event.target.closest('button[data-action="Copy message"]');
  if (!button) return;
  event.stopPropagation();
  event.preventDefault();
  const content = button.closest(".message-row").querySelector(".message-content").cloneNode(true);
  const listed = [...content.querySelectorAll(".sources-line .source")].map((source) => source.textContent.trim());
  for (const cited of content.querySelectorAll(".cite")) cited.textContent = ` [${cited.textContent}]`;
  for (const part of content.querySelectorAll(".sources-line, .badge, .banner")) part.remove();
  const blocks = [...content.querySelectorAll("p, li, pre, tr, h1, h2, h3, h4")].map((block) => block.textContent);
  const text = (blocks.length ? blocks.join("\n") : content.textContent).replaceAll("\u2060", "").trim();
  const sources = listed.length ? `\n\nSources:\n${listed.join("\n")}` : "";
  navigator.clipboard.writeText(text + sources).then(() => {
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
}
