/* Who is signed in, and which parts of the pages are for them. The server decides; this only hides what it would refuse. */
import { call, whenDrawn } from "./dom.js";

const FOR = { "/": "ask", "/search": "ask", "/knowledge": "ask", "/models": "ask", "/review": "review", "/people": "people", "/audit": "audit", "/safekeeping": "operate" };

/** Resolves to what /api/me says of whoever looks at the page. */
export const known = call("GET", "/api/me").catch(() => ({ name: "", roles: [], rights: ["ask"], signs_in: false }));

/** Hide what is not for whoever looks, on every page. */
export async function me() {
  const { rights, signs_in: signsIn } = await known;
  document.body.dataset.rights = rights.join(" ");
  if (location.pathname === "/" && !rights.includes("ask")) location.replace(rights.includes("audit") ? "/audit" : "/account");
  document.body.dataset.signsIn = signsIn;
  whenDrawn(".nav-holder nav", (navigation) => {
    for (const link of navigation.querySelectorAll("a")) {
      const needed = FOR[new URL(link.href).pathname];
      link.hidden = Boolean(needed) && !rights.includes(needed);
    }
    navigation.querySelector(".active")?.scrollIntoView({ block: "nearest", inline: "center" });
  });
}
