/* A document in quarantine: which sentences caused it, where they stand and why, and letting it out after asking. */
import { call, element } from "./dom.js";

/** Return what is shown below the name of a document that waits: sentences with their reasons, and what to do. */
export function suspicion(held) {
  const places = held.suspicion.places.map((place) => {
    const where = place.page ? `Page ${place.page}: ` : "";
    return element(
      "li",
      {},
      element("q", {}, place.quote),
      element("span", { class: "quiet-words" }, ` ${where}${where ? place.reasons.join("; ") : capital(place.reasons.join("; "))}.`),
    );
  });
  return element(
    "div",
    { class: "suspicion" },
    element("p", {}, "Nobody finds this document until somebody has looked at it. Written for an assistant rather than for a reader, it seems:"),
    element("ul", {}, ...places),
  );
}

function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A button that asks once more in its own place before a document is let out; `after` is called when it was. */
export function letting(held, path, after) {
  const place = element("span", { class: "removal" });
  const button = (words, label, kind) => element("button", { type: "button", class: `small ${kind}`, "aria-label": `${label} ${held.name}` }, words);
  const ask = button("Release", "Release", "");
  const yes = button("Really release", "Really release", "primary");
  const no = button("Not yet", "Keep in quarantine", "");
  ask.addEventListener("click", () => {
    yes.disabled = no.disabled = false;
    yes.textContent = "Really release";
    place.replaceChildren(yes, no);
    no.focus();
  });
  no.addEventListener("click", () => (place.replaceChildren(ask), ask.focus()));
  yes.addEventListener("click", async () => {
    yes.disabled = no.disabled = true;
    yes.textContent = "Indexing …";
    try {
      await call("POST", `${path}/release`);
      await after();
    } catch (error) {
      place.replaceChildren(ask, element("span", { class: "warning", role: "alert" }, error.message));
    }
  });
  place.append(ask);
  return place;
}
