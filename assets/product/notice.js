/* The privacy notice for somebody who does not agree: signing out, and erasing oneself. */
import { call } from "./dom.js";

function leaving(id, send) {
  document.getElementById(id).addEventListener("submit", async (event) => {
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
