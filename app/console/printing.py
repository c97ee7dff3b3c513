"""How the results of commands look to a person on a terminal: a function for each shape.

Knows the shapes of results (`app.shapes`), not how they came about.
"""

import sys
from typing import Any

from app.console.showing import show
from retrieval.headings import section_in_words

QUOTE_CHARACTERS = 300


def print_sources(answer: dict[str, Any]) -> None:
    """Print what an answer rests on, and what else is to be known of it."""
    for citation in answer["citations"]:
        show(f"  [{citation['n']}] {source_in_words(citation)}: {shortened(citation['quote'])}")
    _print_conflicts(answer["conflicts"])
    for part in answer["unanswered"]:
        show(f"  Not answered: {part}")
    for earlier in answer["earlier"]:
        show(f"  {_otherwise(earlier)}: {shortened(earlier['said'])}")
    for passage in answer["nearest"]:
        show(f"  Closest: {source_in_words(passage)}: {shortened(passage['text'])}")


def _otherwise(earlier: dict[str, Any]) -> str:
    if earlier["verified_by"]:
        return f"A verified answer by {earlier['verified_by']}, of {earlier['on'][:10]}, says otherwise"
    since = "the source changed since" if earlier["sources_changed"] else "the sources are the same as then"
    return f"Told otherwise on {earlier['on'][:10]} ({since})"


def _print_conflicts(conflicts: list[dict[str, Any]]) -> None:
    for conflict in conflicts:
        show("  Documents differ:")
        for side in (conflict["one"], conflict["other"]):
            told = ", ".join(part for part in (side["owner"], side["dated"], f"added {side['added']}") if part)
            show(f"    {source_in_words(side)} ({told}): {shortened(side['quote'])}")


def _print_passages(found: dict[str, Any]) -> None:
    for passage in found["passages"]:
        show(f"{passage['rank']}. {source_in_words(passage)} ({passage['score']:.2f})\n   {shortened(passage['text'])}")
    if not found["passages"]:
        show("Nothing was found.")


def _print_ingest(report: dict[str, Any]) -> None:
    counted = ", ".join(f"{count} {state}" for state, count in report["documents"].items() if count)
    chunks = many(report["chunks"], "chunk")
    show(f"{report['collection']}: {counted or 'no documents'}; {chunks} embedded in {report['seconds']:.1f} s.")
    for problem in report["problems"]:
        show(f"{problem['path']}: {problem['error']}", to=sys.stderr)


def _print_collections(listed: dict[str, Any]) -> None:
    for collection in listed["collections"]:
        documents, chunks = many(collection["documents"], "document"), many(collection["chunks"], "chunk")
        owner = f", {collection['owner']} answers for it" if collection["owner"] else ""
        review = f", to be reviewed on {collection['review_on']}" if collection["review_on"] else ""
        poorly, waiting = collection["quality"]["to_look_at"], collection["quarantined"]
        told = f", {poorly} understood in part" * bool(poorly) + f", {waiting} in quarantine" * bool(waiting)
        show(f"{collection['collection']}: {documents}, {chunks}{told}{owner}{review}")
    if not listed["collections"]:
        show("There are no collections yet. Make one with `inhouse ingest PATH --collection NAME`.")


def _print_folders(listed: dict[str, Any]) -> None:
    for watched in listed["folders"]:
        state = "paused" if watched["paused"] else f"every {many(watched['minutes'], 'minute')}"
        counts = (watched["last_result"].get("documents") or {}).items()
        came = ", ".join(f"{count} {what}" for what, count in counts if count) or "not looked at yet"
        if now := watched["running"]:
            came = f"looking now, {now['done']:,} of {many(now['total'], 'file')}"
        else:
            came = watched["last_result"].get("error") or came
        show(f"{watched['collection']}: {watched['folder']} ({state}). {came}")
    if not listed["folders"]:
        show("No folder is watched. Watch one with `inhouse folders add FOLDER --collection NAME`.")


def _print_report(listed: dict[str, Any]) -> None:
    _print_conflicts(listed["conflicts"])
    if not listed["conflicts"]:
        show("No documents were found to say different things.")
    if len(listed["conflicts"]) == listed["most"]:
        show(f"These are the first {listed['most']}. Mend one of the documents to see what follows.")


def _print_quarantine(listed: dict[str, Any]) -> None:
    for document in listed["quarantined"]:
        show(f"{document['document']} (score {document['score']:.2f})")
        for place in document["places"]:
            where = f"page {place['page']}: " if place["page"] else ""
            show(f"   {where}“{shortened(place['quote'])}” ({'; '.join(place['reasons'])})")
    if not listed["quarantined"]:
        show("Nothing is in quarantine.")


def _print_guard(item: dict[str, Any]) -> None:
    show(f"{item['id']}: {item['injection']:.2f}{' FLAGGED' if item['flagged'] else ''} {'; '.join(item['reasons'])}")
    if kinds := [one["type"] for one in item["personal_data"]]:
        show(f"   personal data: {', '.join(kinds)}")


def _print_check(item: dict[str, Any]) -> None:
    found = "not everything stated is found"
    if item["all_found"]:
        found = "everything stated is found" + ("" if item["supported"] else ", in part in other words")
    notes, examined = item["notes"], any(claim["verdict"] != "not examined" for claim in item["claims"])
    show(f"{item['id']}: {found if examined else ' '.join(notes)} (score {item['score']:.2f} of 1)")
    for note in notes if examined else ():
        show(f"   {note}")
    for claim in item["claims"]:
        if claim["verdict"] not in {"supported", "not examined"}:
            show(f"   {claim['verdict']}: “{shortened(claim['text'])}”")


def _print_figures(told: dict[str, Any]) -> None:
    show(f"{told['dataset']}: {told['items']:,} items, {told['seconds']:.1f} s; each with its 95 % interval")
    for name, one in told["metrics"].items():
        show(f"   {name.replace('_', ' '):<38} {one['value']:.3f}  ({one['low']:.3f} to {one['high']:.3f})")


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
        show(f"{model['name']:<12}{_megabytes(model):>10}  {state:<7} {model['title']} ({_licence(model)})")
        if told := model.get("problem") or model.get("fit"):
            show(f"{'':31}{told}")
    show("\nWorth bringing along as a GGUF file (`inhouse models import FILE`); sizes are about those of Q4_K_M:")
    for model in listed["recommended"]:
        show(f"{_megabytes(model):>10}  {model['title']} ({_licence(model)}). {model['fit']} {model['page']}")


def _megabytes(model: dict[str, Any]) -> str:
    return f"{model['bytes'] / 10**6:,.0f} MB" if model["bytes"] else ""


def _licence(model: dict[str, Any]) -> str:
    return model["licence"] or "licence unknown"


def _print_findings(report: dict[str, Any]) -> None:
    for finding in report["findings"]:
        show(f"{'ok   ' if finding['ok'] else 'FAULT'}  {finding['name']}: {finding['found']}")
        if finding["remedy"]:
            show(f"       {finding['remedy']}")


def _print_verified(listed: dict[str, Any]) -> None:
    for answer in listed["verified"]:
        show(f"{answer['collection']}: {answer['question']} ({answer['words']})")
    if not listed["verified"]:
        show("There are no such answers.")


def print_sentence(value: dict[str, Any]) -> None:
    """Print what a result says of itself."""
    show(value["sentence"])


def source_in_words(source: dict[str, Any]) -> str:
    """Return where a quote or a passage stands."""
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


PRINTERS = {
    "search": _print_passages,
    "ingest": _print_ingest,
    "collections list": _print_collections,
    "folders list": _print_folders,
    "verified list": _print_verified,
    "collections conflicts": _print_report,
    "collections quarantine": _print_quarantine,
    "check": _print_check,
    "eval": _print_figures,
    "guard": _print_guard,
    "models list": _print_models,
    "doctor": _print_findings,
}
