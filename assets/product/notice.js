/* The privacy notice for somebody who does not agree: signing out, and erasing oneself. */
import { call } from "./dom.js";

/* The buttons wait for this: without it a form would only load the page anew. */
function leaving(id, send) {
  const form = document.getElementById(id);
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await send(new FormData(event.target));
      location.href = "/sign-in";
    } catch (error) {
      document.getElementById("told").textContent = error.message;
    }
  });
}

leaving("leave", () => call("POST", "/api/me/sign-out"));
leaving("erase", (typed) => call("POST", "/api/me/erase", JSON.stringify({ name: typed.get("name") })));
