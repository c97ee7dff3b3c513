"""How the results of commands look to a person on a terminal: a function for each shape.

Knows the shapes of results (`app.shapes`), not how they came about.
"""

import json
import sys
import time
from typing import Any

from retrieval.headings import section_in_words

QUOTE_CHARACTERS = 300


def print_sources(answer: dict[str, Any]) -> None:
    """Print what an answer rests on, and what else is to be known of it."""
    for citation in answer["citations"]:
        print(f"  [{citation['n']}] {_place(citation)}: {shortened(citation['quote'])}")
    _print_conflicts(answer["conflicts"])
    for part in answer["unanswered"]:
        print(f"  Not answered: {part}")
    for earlier in answer["earlier"]:
        print(f"  {_otherwise(earlier)}: {shortened(earlier['said'])}")
    for passage in answer["nearest"]:
        print(f"  Closest: {_place(passage)}: {shortened(passage['text'])}")


def _otherwise(earlier: dict[str, Any]) -> str:
    if earlier["verified_by"]:
        return f"A verified answer by {earlier['verified_by']}, of {earlier['on'][:10]}, says otherwise"
    since = "the source changed since" if earlier["sources_changed"] else "the sources are the same as then"
    return f"Told otherwise on {earlier['on'][:10]} ({since})"


def _print_conflicts(conflicts: list[dict[str, Any]]) -> None:
    for conflict in conflicts:
        print("  Documents differ:")
        for side in (conflict["one"], conflict["other"]):
            told = ", ".join(part for part in (side["owner"], side["dated"], f"added {side['added']}") if part)
            print(f"    {_place(side)} ({told}): {shortened(side['quote'])}")


def _print_passages(found: dict[str, Any]) -> None:
    for passage in found["passages"]:
        print(f"{passage['rank']}. {_place(passage)} ({passage['score']:.2f})\n   {shortened(passage['text'])}")
    if not found["passages"]:
        print("Nothing was found.")


def _print_ingest(report: dict[str, Any]) -> None:
    counted = ", ".join(f"{count} {state}" for state, count in report["documents"].items() if count)
    chunks = many(report["chunks"], "chunk")
    print(f"{report['collection']}: {counted or 'no documents'}; {chunks} embedded in {report['seconds']:.1f} s.")
    for problem in report["problems"]:
        print(f"{problem['path']}: {problem['error']}", file=sys.stderr, flush=True)


def _print_collections(listed: dict[str, Any]) -> None:
    for collection in listed["collections"]:
        documents, chunks = many(collection["documents"], "document"), many(collection["chunks"], "chunk")
        owner = f", {collection['owner']} answers for it" if collection["owner"] else ""
        review = f", to be reviewed on {collection['review_on']}" if collection["review_on"] else ""
        poorly, waiting = collection["quality"]["to_look_at"], collection["quarantined"]
        told = f", {poorly} understood in part" * bool(poorly) + f", {waiting} in quarantine" * bool(waiting)
        print(f"{collection['collection']}: {documents}, {chunks}{told}{owner}{review}")
    if not listed["collections"]:
        print("There are no collections yet. Make one with `inhouse ingest PATH --collection NAME`.")


def _print_folders(listed: dict[str, Any]) -> None:
    for watched in listed["folders"]:
        state = "paused" if watched["paused"] else f"every {many(watched['minutes'], 'minute')}"
        counts = (watched["last_result"].get("documents") or {}).items()
        came = ", ".join(f"{count} {what}" for what, count in counts if count) or "not looked at yet"
        if now := watched["running"]:
            came = f"looking now, {now['done']:,} of {many(now['total'], 'file')}"
        else:
            came = watched["last_result"].get("error") or came
        print(f"{watched['collection']}: {watched['folder']} ({state}). {came}")
    if not listed["folders"]:
        print("No folder is watched. Watch one with `inhouse folders add FOLDER --collection NAME`.")


def _print_report(listed: dict[str, Any]) -> None:
    _print_conflicts(listed["conflicts"])
    if not listed["conflicts"]:
        print("No documents were found to say different things.")
    if len(listed["conflicts"]) == listed["most"]:
        print(f"These are the first {listed['most']}. Mend one of the documents to see what follows.")


def _print_quarantine(listed: dict[str, Any]) -> None:
    for document in listed["quarantined"]:
        print(f"{document['document']} (score {document['score']:.2f})")
        for place in document["places"]:
            where = f"page {place['page']}: " if place["page"] else ""
            print(f"   {where}“{shortened(place['quote'])}” ({'; '.join(place['reasons'])})")
    if not listed["quarantined"]:
        print("Nothing is in quarantine.")


def _print_guard(item: dict[str, Any]) -> None:
    print(f"{item['id']}: {item['injection']:.2f}{' FLAGGED' if item['flagged'] else ''} {'; '.join(item['reasons'])}")
    if kinds := [one["type"] for one in item["personal_data"]]:
        print(f"   personal data: {', '.join(kinds)}")


def _print_check(item: dict[str, Any]) -> None:
    found = "not everything stated is found"
    if item["all_found"]:
        found = "everything stated is found" + ("" if item["supported"] else ", in part in other words")
    notes, examined = item["notes"], any(claim["verdict"] != "not examined" for claim in item["claims"])
    print(f"{item['id']}: {found if examined else ' '.join(notes)} (score {item['score']:.2f} of 1)")
    for note in notes if examined else ():
        print(f"   {note}")
    for claim in item["claims"]:
        if claim["verdict"] not in {"supported", "not examined"}:
            print(f"   {claim['verdict']}: “{shortened(claim['text'])}”")


def _print_figures(told: dict[str, Any]) -> None:
    print(f"{told['dataset']}: {told['items']:,} items, {told['seconds']:.1f} s; each with its 95 % interval")
    for name, one in told["metrics"].items():
        print(f"   {name.replace('_', ' '):<38} {one['value']:.3f}  ({one['low']:.3f} to {one['high']:.3f})")


OTHER_KINDS = {
    "embedder": "An embedding model: `inhouse reindex --embedder {name}` lets search use it.",
    "reranker": "A reranking model: with its path as `reranker` in inhouse.toml it puts what a search finds in order.",
}
"""What is said of models that write no answers."""


def _print_models(listed: dict[str, Any]) -> None:
    for model in listed["models"]:
        if model["kind"] == "adapter":
            model |= {"fit": f"An adapter: choose it with its model, {' or '.join(model['models']) or 'not here yet'}."}
        elif model["kind"] != "chat" and "problem" not in model:
            model |= {"fit": OTHER_KINDS[model["kind"]].format(name=model["name"])}
        state = "in use" if model["used"] else "here" if model["here"] else ""
        print(f"{model['name']:<12}{_megabytes(model):>10}  {state:<7} {model['title']} ({_licence(model)})")
        if told := model.get("problem") or model.get("fit"):
            print(f"{'':31}{told}")
    print("\nWorth bringing along as a GGUF file (`inhouse models import FILE`); sizes are about those of Q4_K_M:")
    for model in listed["recommended"]:
        print(f"{_megabytes(model):>10}  {model['title']} ({_licence(model)}). {model['fit']} {model['page']}")


def _megabytes(model: dict[str, Any]) -> str:
    return f"{model['bytes'] / 10**6:,.0f} MB" if model["bytes"] else ""


def _licence(model: dict[str, Any]) -> str:
    return model["licence"] or "licence unknown"


def _print_findings(report: dict[str, Any]) -> None:
    for finding in report["findings"]:
        print(f"{'ok   ' if finding['ok'] else 'FAULT'}  {finding['name']}: {finding['found']}")
        if finding["remedy"]:
            print(f"       {finding['remedy']}")


def _print_verified(listed: dict[str, Any]) -> None:
    for answer in listed["verified"]:
        print(f"{answer['collection']}: {answer['question']} ({answer['words']})")
    if not listed["verified"]:
        print("There are no such answers.")


def _print_row(row: dict[str, Any]) -> None:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row["at"]))
    where = f"{row['door']} {row['address']}".strip()
    print(f"{row['number']:>7}  {at}Z  {row['who'][:8]}  {row['action']}: {row['result']} ({where}) {row['object_id']}")


def _print_alerts(told: dict[str, Any]) -> None:
    for alert in told["alerts"]:
        at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(alert["last"]))
        print(f"{at}Z  {alert['who'][:8]}  {alert['kind']}: {alert['sentence']} Rows {alert['rows'][0]} and on.")
    if not told["alerts"]:
        print("Nothing was unusual.")


def _print_reviews(told: dict[str, Any]) -> None:
    for one in told["reviews"]:
        said = ", ".join(one["reasons"]) or "no reason named"
        state = f"settled {one['settled'][:10]}" if one["settled"] else "open"
        print(
            f"{one['review_id']}  {one['shared'][:10]}  {one['rating']}, {said}, {state}: {shortened(one['question'])}"
        )
    print(f"All ratings: {told['counts']['good']} good, {told['counts']['bad']} bad.")


def _print_review(one: dict[str, Any]) -> None:
    print(f"{one['question']}\n\n{one['answer']}\n")
    for source in one["sources"]:
        print(f"  [{source['n']}] {_place(source)}: {shortened(source['quote'])}")
    for statement in one["statements"]:
        print(f"  {statement['verdict']}: {shortened(statement['text'])}")
    print(f"\nRated {one['rating']} by person {one['person']}: {', '.join(one['reasons']) or 'no reason named'}")
    for name in ("comment", "correction", "note"):
        if one[name]:
            print(f"{name.capitalize()}: {one[name]}")


def print_sentence(value: dict[str, Any]) -> None:
    """Print what a result says of itself."""
    print(value["sentence"])


def _place(source: dict[str, Any]) -> str:
    if verified := source.get("verified"):
        return f"{source['document']} ({verified['words']})"
    if source["page"]:
        return f"{source['document']}, page {source['page']}"
    section = section_in_words(source.get("headings", ()))
    return f"{source['document']}, section {section}" if section else str(source["document"])


def many(count: int, thing: str) -> str:
    """Return a count of something in words."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def shortened(text: str) -> str:
    """Return a text on one line, cut where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= QUOTE_CHARACTERS else flat[: QUOTE_CHARACTERS - 1] + "…"


def _print_key(told: dict[str, Any]) -> None:
    print(f"{told['sentence']}\nSource: {told['source']}. Keys this data directory has had: {told['generation']}.")
    print(f"Rotated last on {told['rotated'][:10]}." if told["rotated"] else "It was never rotated.")
    if told["pending"]:
        print("Something was begun and not completed; the next start completes or undoes it.")
    if told["asked"]:
        print("The next start replaces it, as was asked for on the Safekeeping page.")


def _print_grants(told: dict[str, Any]) -> None:
    print_sentence(told)
    for one in told["people"]:
        access = "reads and changes it" if one["may"] == "curate" else "reads it"
        print(f"{one['name']} {access}: {', '.join(one['through'])}")


def _print_users(told: dict[str, Any]) -> None:
    for user in told["users"]:
        state = "disabled" if not user["active"] else "has chosen no password yet" if user["invited"] else ""
        rest = [", ".join(user["roles"]), ", ".join(user["groups"]), state]
        print("  ".join([user["name"], *filter(None, rest)]))
    if not told["users"]:
        print("Nobody has an account yet. Make one with `inhouse users add NAME --role admin`.")


def _print_tokens(told: dict[str, Any]) -> None:
    for token in told["tokens"]:
        print(f"{token['token_id']}  {token['name']}  {', '.join(token['scopes'])}  until {token['expires'][:10]}")
    if not told["tokens"]:
        print("No tokens.")


def _print_holds(told: dict[str, Any]) -> None:
    for hold in told["holds"]:
        until = f"released {hold['released'][:10]}" if hold["released"] else "in force"
        print(f"{hold['hold']}: {hold['user'] or 'everybody'}, {until}, since {hold['since'][:10]}: {hold['reason']}")
    if not told["holds"]:
        print("There is no legal hold.")


def _print_receipts(told: dict[str, Any]) -> None:
    print(told.get("sentence", "Erasures:"), json.dumps(told.get("receipt", told.get("receipts")), indent=1), sep="\n")


PRINTERS = {
    "users list": _print_users,
    "tokens list": _print_tokens,
    "users holds": _print_holds,
    "users erase": _print_receipts,
    "users receipts": _print_receipts,
    "keys status": _print_key,
    "reviews list": _print_reviews,
    "reviews show": _print_review,
    "search": _print_passages,
    "ingest": _print_ingest,
    "collections list": _print_collections,
    "folders list": _print_folders,
    "verified list": _print_verified,
    "collections grants": _print_grants,
    "collections conflicts": _print_report,
    "collections quarantine": _print_quarantine,
    "check": _print_check,
    "eval": _print_figures,
    "guard": _print_guard,
    "models list": _print_models,
    "doctor": _print_findings,
    "audit list": _print_row,
    "audit alerts": _print_alerts,
}
