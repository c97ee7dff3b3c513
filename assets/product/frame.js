/* The frame of every page: brand, skip link, landmarks, light and dark, the drawer of conversations on small screens. */
import { element, whenDrawn } from "./dom.js";

const MODE = "inhouse-mode";

export function frame() {
  applyMode(localStorage.getItem(MODE));
  document.body.prepend(skipLink());
  whenDrawn(".nav-holder", dressHeader);
  whenDrawn("#conversations", dressDrawer);
  whenDrawn("#conversation, #search-column, #review-column, #documents-column, #models, #about, #account, #people, #audit, #safekeeping", (main) => {
    main.setAttribute("role", "main");
    main.id ||= "main";
    document.querySelector(".skip").href = `#${main.id}`;
    main.tabIndex = -1;
  });
  whenDrawn("#sources", dressSources);
  whenDrawn("#collections-column", (panel) => {
    label(panel, "navigation", "Collections");
    nameRadios(panel);
  });
}

function label(node, role, name) {
  node.setAttribute("role", role);
  node.setAttribute("aria-label", name);
}

function skipLink() {
  const skip = element("a", { class: "skip", href: "#conversation" }, "Skip to the content");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    const target = document.querySelector("#question textarea, #search-words") ?? document.querySelector("[role=main]");
    target?.focus();
  });
  return skip;
}

function dressHeader(holder) {
  const navigation = holder.querySelector("nav");
  navigation.setAttribute("aria-label", "Pages");
  for (const link of navigation.querySelectorAll("a")) {
    if (link.classList.contains("active")) link.setAttribute("aria-current", "page");
  }
  const mark = element("img", { src: "/product/mark.svg", alt: "", width: 28, height: 28 });
  holder.prepend(element("a", { class: "brand", href: "/" }, mark, element("span", {}, "Inhouse")));
  holder.append(modeButton());
}

function modeButton() {
  const button = element("button", { type: "button", class: "mode" });
  const name = () => {
    const dark = document.body.classList.contains("dark");
    button.setAttribute("aria-label", dark ? "Use light colours" : "Use dark colours");
    button.title = button.getAttribute("aria-label");
  };
  button.addEventListener("click", () => {
    const mode = document.body.classList.contains("dark") ? "light" : "dark";
    localStorage.setItem(MODE, mode);
    applyMode(mode);
    name();
  });
  name();
  return button;
}

function applyMode(mode) {
  if (!mode) return;
  document.body.classList.toggle("dark", mode === "dark");
  document.documentElement.style.colorScheme = mode;
}

/* On a small screen the list of conversations is a drawer behind a button in the header. */
function dressDrawer(drawer) {
  label(drawer, "navigation", "Conversations");
  const button = element("button", { type: "button", class: "drawer-button", "aria-expanded": "false" });
  button.setAttribute("aria-controls", "conversations");
  button.setAttribute("aria-label", "Conversations");
  const open = (isOpen) => {
    document.body.classList.toggle("drawer-open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) drawer.querySelector("button")?.focus();
  };
  button.addEventListener("click", () => open(!document.body.classList.contains("drawer-open")));
  drawer.addEventListener("change", () => open(false));
  drawer.addEventListener("click", (event) => event.target.closest("#new") && open(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("drawer-open")) {
      open(false);
      button.focus();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!drawer.contains(event.target) && !button.contains(event.target)) open(false);
  });
  whenDrawn(".nav-holder", (holder) => holder.prepend(button));
  nameRadios(drawer);
}

/* On a smaller screen the sources lie over the conversation when they are asked for. */
function dressSources(panel) {
  label(panel, "complementary", "Sources");
  const button = element("button", { type: "button", class: "sources-button", "aria-expanded": "false" }, "Sources");
  button.setAttribute("aria-controls", "sources");
  const close = element("button", { type: "button", class: "sources-close" }, "Close");
  const open = (isOpen) => {
    document.body.classList.toggle("sources-open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    (isOpen ? close : button).focus();
  };
  button.addEventListener("click", () => open(!document.body.classList.contains("sources-open")));
  close.addEventListener("click", () => open(false));
  document.addEventListener("keydown", (event) => {
    const mayClose = document.body.classList.contains("sources-open") && !document.body.classList.contains("reading");
    if (event.key === "Escape" && mayClose) open(false);
  });
  panel.append(close);
  whenDrawn("#conversation-head", (head) => head.append(button));
}

/* Gradio names each radio button differently; one name makes them one group for keyboards and screen readers. */
function nameRadios(root) {
  const unite = () => {
    const name = `${root.id}-choice`;
    for (const radio of root.querySelectorAll("input[type=radio]")) if (radio.name !== name) radio.name = name;
  };
  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["name"] };
  new MutationObserver(unite).observe(root, watched);
  unite();
}
