/* The statements of an answer in the source panel: what was found about each, the quote, why; and disputing that. */
import { call, element } from "./dom.js";

/** Return the panel's content for an answer; the statement that begins at `start` is pointed out. */
export function statementsView(view, start, head) {
  const list = element("ol", { class: "statements" }, ...view.statements.map((one) => statement(view.answer_id, one, one.start === start)));
  const above = element("div", { class: "where" }, element("p", {}, told(view)), doubleCheck(view));
  const body = element("div", { class: "document", tabindex: 0 }, list);
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", "What was found about each statement");
  return [head, above, body];
}

function told({ tally, still }) {
  const found = tally ? `${tally}.` : "Nothing in this answer could be looked for.";
  return still ? `${found} ${still} …` : found;
}

const SAYS = { more: "More", less: "Less", else: "Otherwise" };

/* The double-check that goes on: { answer, place, control }. */
let asking = null;

/** Stop a double-check whose panel is left. */
export function leaveStatements() {
  asking?.control.abort();
  asking = null;
}

/* Asks the question several times more; what comes of it is kept with the answer. While it goes on, the list of
   statements may be drawn anew around it. */
function doubleCheck({ answer_id: answer, double_check: known }) {
  if (asking?.answer === answer) return asking.place;
  const place = element("div", { class: "double-check" });
  const ask = element("button", { type: "button", class: "small" }, "Double-check");
  const told = element("p", { role: "status" });
  ask.title = "Ask the same question five times more and see whether the answers agree; going back stops it";
  ask.addEventListener("click", async () => {
    const mine = (asking = { answer, place, control: new AbortController() });
    ask.disabled = true;
    told.textContent = "Asking five times more …";
    try {
      say(await call("POST", `/api/answers/${answer}/double-check`, undefined, mine.control.signal));
    } catch (error) {
      told.textContent = error.message;
    }
    if (asking === mine) asking = null;
    ask.disabled = false;
  });
  const say = ({ sentence, groups }) => {
    const others = groups.filter((one) => !one.same).map((one) => element("li", {}, `${SAYS[one.says]}: `, element("q", {}, one.text), one.count > 1 ? ` (${one.count} times)` : ""));
    told.replaceChildren(sentence);
    place.querySelector("ul")?.remove();
    if (others.length) place.append(element("ul", {}, ...others));
  };
  place.append(ask, told);
  if (known) say(known);
  return place;
}

function statement(answer, one, pointed) {
  const kinds = { supported: "found", "not found": "not-found", "value differs": "differs", contradicted: "contradicted", "not examined": "unexamined" };
  const quotes = one.quotes.map(({ n, title, page, quote, document_id: near, start, end }) => {
    const href = n ? `#citation/${answer}/${n}` : `#passage/${near}/${start}/${end}`;
    const where = element("a", { class: "source", href }, page ? `${title}, page ${page}` : title);
    return element("blockquote", {}, element("p", {}, quote), where);
  });
  const made = element("li", { class: pointed ? "pointed" : "" }, element("p", { class: "said" }, one.text), element("span", { class: `mark ${kinds[one.verdict]}` }, one.words),
    element("p", { class: "quiet-words" }, one.second_look ? `${one.why} ${one.second_look}` : one.why), ...quotes);
  if (one.verdict !== "not examined") made.append(dispute(answer, one));
  return made;
}

/* A verdict that somebody finds wrong: kept with their feedback, with a few words if they like. */
function dispute(answer, one) {
  const place = element("div", { class: "dispute" });
  const path = `/api/answers/${answer}/disputes/${one.start}`;
  const button = (words, click) => element("button", { type: "button", class: "small", click }, words);
  const fault = (error) => place.append(element("span", { class: "warning", role: "alert" }, error.message));
  const send = (method, comment, after) =>
    call(method, path, comment === null ? undefined : JSON.stringify({ comment })).then(after, fault);
  const ask = () => place.replaceChildren(button("This verdict is wrong", write));
  const kept = () => place.replaceChildren(element("span", { role: "status" }, "You say that this verdict is wrong. "), button("Take it back", () => send("DELETE", null, ask)));
  const write = () => {
    const words = element("input", { type: "text", maxlength: 2000, "aria-label": "Why is the verdict wrong? (optional)", placeholder: "Why? (optional)" });
    place.replaceChildren(words, button("Send", () => send("PUT", words.value, kept)), button("Cancel", ask));
    words.focus();
  };
  if (one.dispute) kept();
  else ask();
  return place;
}
