/* A session that ends while an answer is written: nothing more of it comes, which Gradio does not notice. */
import { element, reach, whenDrawn } from "./dom.js";

const LOOK_MS = 2000;

export function ended() {
  whenDrawn("#ask", look);
}

async function look(box) {
  const writing = document.body.classList.contains("answering");
  const { status } = writing ? await reach("/api/me").catch(() => ({})) : {};
  if (status === 401) tell(box);
  else setTimeout(() => look(box), LOOK_MS);
}

function tell(box) {
  document.body.classList.add("ended");
  const again = element("a", { href: "/" }, "open Inhouse again");
  box.before(element("p", { role: "alert", class: "notice" }, "Your session has ended, so nothing more of this answer comes here. Copy what you typed, then ", again, "."));
}
