/* A session that ends while an answer is written: nothing more of it comes, which Gradio does not notice. */
import { element, reach, whenDrawn } from "./dom.js";

const LOOK_MS = 2000;

export function ended() {
  whenDrawn("#ask", (box) => {
    const looking = setInterval(async () => {
      if (!document.body.classList.contains("answering")) return;
      const { status } = await reach("/api/me").catch(() => ({}));
      if (status !== 401 || document.body.classList.contains("ended")) return;
      clearInterval(looking);
      document.body.classList.add("ended");
      const again = element("a", { href: "/" }, "open Inhouse again");
      box.before(element("p", { role: "alert", class: "notice" }, "Your session has ended, so nothing more of this answer comes here. Copy what you typed, then ", again, "."));
    }, LOOK_MS);
  });
}
