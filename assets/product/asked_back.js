/* The forms that open above a conversation or below its answers: who opens one is in it, Escape leaves it, and who
   leaves it is where it was opened. */
import { whenChanged, whenDrawn } from "./dom.js";

const OPENED = { rename: "#rename-button", delete: "#delete-button", feedback: "#question textarea" };

export function askedBack() {
  whenDrawn("#conversation", (column) => {
    let open = new Set();
    whenChanged(column, () => {
      const now = new Set(Object.keys(OPENED).filter((id) => document.getElementById(id)));
      for (const id of now) if (!open.has(id)) enter(document.getElementById(id));
      for (const id of open) if (!now.has(id) && document.activeElement === document.body) leave(id);
      open = now;
    });
    column.addEventListener("keydown", (event) => {
      const form = event.key === "Escape" && event.target.closest(".ask-back");
      if (form) last(form).click();
    });
  });
}

/* To the title; to what deletes nothing; to the form about an answer as a whole, which begins with words. */
function enter(form) {
  form.tabIndex = -1;
  const title = form.id === "rename" ? form.querySelector("textarea, input") : null;
  (title ?? (form.id === "delete" ? last(form) : form)).focus();
  title?.select();
}

/* To where it was opened; what deleted a conversation goes with it. */
function leave(id) {
  (document.querySelector(OPENED[id]) ?? document.querySelector("#question textarea"))?.focus();
}

/* The button that closes it and changes nothing. */
function last(form) {
  return [...form.querySelectorAll("button")].at(-1);
}
