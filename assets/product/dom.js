/* Small words for making and watching elements. Text is only ever set as text, never as HTML. */

/** Make an element: `element("a", { class: "card", href: "#" }, "text", child)`. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Call `found` with the element of this selector, now or when Gradio has drawn it, and again when it is drawn anew. */
export function whenDrawn(selector, found) {
  let known = null;
  const look = () => {
    const present = document.querySelector(selector);
    if (present && present !== known) found((known = present));
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}

/** Call `changed` after the elements below `root` have changed, at most once in a frame. */
export function whenChanged(root, changed) {
  let waiting = false;
  const observer = new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      changed();
    });
  });
  observer.observe(root, { childList: true, subtree: true, characterData: true });
  changed();
}

const SILENT = "Inhouse does not answer. Is it still running?";

/** Fetch from our server; where it cannot be reached that is said in a sentence, not in the browser's words. */
export async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error(SILENT);
  }
}

/** Fetch JSON from our API; an error is thrown with the sentence the server gives. A `signal` that aborts ends it. */
export async function call(method, path, body, signal) {
  const headers = { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await reach(path, { method, body, headers, signal });
  if (answer.status === 204) return null;
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error?.message ?? SILENT);
  return value;
}
