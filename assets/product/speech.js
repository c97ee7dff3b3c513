/* What a screen reader hears: whole sentences of a streamed answer, once each, and how far the answer is. */
import { element, whenChanged, whenDrawn } from "./dom.js";

const SENTENCE = /[^.!?…]+[.!?…]+(?=\s|$)/g;

export function speech() {
  const polite = element("div", { class: "unseen", "aria-live": "polite", role: "status", id: "speech" });
  document.body.append(polite);
  const say = (text) => polite.append(element("p", {}, text));
  whenDrawn("#messages", (chat) => follow(chat, polite, say));
  whenDrawn("#status", (status) => followStatus(status, say));
}

/* Gradio's own live region would read the growing answer again with every change. */
function follow(chat, polite, say) {
  let spoken = 0;
  let answer = null;
  whenChanged(chat, () => {
    const log = chat.querySelector("[role=log]");
    log?.setAttribute("aria-live", "off");
    log?.setAttribute("aria-label", "Questions and answers");
    const answers = chat.querySelectorAll("[data-testid=bot] .message-content");
    const latest = answers[answers.length - 1];
    const writing = Boolean(document.querySelector("#question .stop-button"));
    if (!latest) return;
    if (latest !== answer) {
      answer = latest;
      spoken = writing ? 0 : latest.textContent.length;
      polite.replaceChildren();
    }
    const text = words(latest);
    const rest = text.slice(spoken);
    if (!rest.trim()) return;
    const whole = writing ? (rest.match(SENTENCE) ?? []).join("") : rest;
    if (whole.trim()) {
      say(whole.trim());
      spoken += whole.length;
    }
  });
}

/* The answer's text as it is spoken: without the numbers of its citations and the list of sources. */
function words(content) {
  const copy = content.cloneNode(true);
  for (const part of copy.querySelectorAll(".cite, .sources-line, .caret")) part.remove();
  return copy.textContent.replace(/\s+/g, " ");
}

function followStatus(status, say) {
  let last = "";
  whenChanged(status, () => {
    const stage = status.textContent.replace(/[:…].*/, "").trim();
    if (stage && stage !== last && stage !== "Writing") say(stage);
    last = stage;
  });
}
