/* A chat page that is loaded anew, or come back to, shows the conversation its tab showed before. The browser keeps the
   conversation's id for that, as long as the tab is open, and no word of it: so whoever would lose what they are typing
   is asked first. What was done in another tab meanwhile is shown by the server. */
import { whenDrawn } from "./dom.js";

const KEPT = "inhouse-conversation";

export function returning() {
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && document.querySelector("#catch-up")?.click());
  const kept = sessionStorage.getItem(KEPT);
  let arrived = false;
  whenDrawn("#conversation-list", () => {
    addEventListener("pagehide", () => sessionStorage.setItem(KEPT, chosen()?.value ?? ""));
    addEventListener("beforeunload", (event) => document.querySelector("#question textarea")?.value.trim() && event.preventDefault());
  });
  /* The last thing a page draws: what is clicked before, Gradio may undo. */
  whenDrawn("#messages .placeholder", () => {
    if (!arrived && !chosen()) conversations().find((one) => one.value === kept)?.click();
    arrived = true;
  });
}

function conversations() {
  return [...document.querySelectorAll("#conversation-list input")];
}

function chosen() {
  return conversations().find((one) => one.checked);
}
