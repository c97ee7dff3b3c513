"""How people, their rights, and what reviewers and auditors see look to a person on a terminal.

Knows the shapes of results (`app.shapes`), not how they came about.
"""

import json
import time
from typing import Any

from app.console.printing import print_sentence, shortened, source_in_words
from app.console.showing import show


def _print_users(told: dict[str, Any]) -> None:
    for user in told["users"]:
        state = "disabled" if not user["active"] else "has chosen no password yet" if user["invited"] else ""
        rest = [", ".join(user["roles"]), ", ".join(user["groups"]), state]
        show("  ".join([user["name"], *filter(None, rest)]))
    if not told["users"]:
        show("Nobody has an account yet. Make one with `inhouse users add NAME --role admin`.")


def _print_tokens(told: dict[str, Any]) -> None:
    for token in told["tokens"]:
        show(f"{token['token_id']}  {token['name']}  {', '.join(token['scopes'])}  until {token['expires'][:10]}")
    if not told["tokens"]:
        show("No tokens.")


def _print_grants(told: dict[str, Any]) -> None:
    print_sentence(told)
    for one in told["people"]:
        access = "reads and changes it" if one["may"] == "curate" else "reads it"
        show(f"{one['name']} {access}: {', '.join(one['through'])}")


def _print_holds(told: dict[str, Any]) -> None:
    for hold in told["holds"]:
        until = f"released {hold['released'][:10]}" if hold["released"] else "in force"
        show(f"{hold['hold']}: {hold['name']}, {until}, since {hold['since'][:10]}: {hold['reason']}")
    if not told["holds"]:
        show("There is no legal hold.")


def _print_receipts(told: dict[str, Any]) -> None:
    show(told.get("sentence", "Erasures:"))
    show(json.dumps(told.get("receipt", told.get("receipts")), indent=1))


def _print_key(told: dict[str, Any]) -> None:
    show(f"{told['sentence']}\nSource: {told['source']}. Keys this data directory has had: {told['generation']}.")
    show(f"Rotated last on {told['rotated'][:10]}." if told["rotated"] else "It was never rotated.")
    if told["pending"]:
        show("Something was begun and not completed; the next start completes or undoes it.")
    if told["asked"]:
        show("The next start replaces it, as was asked for on the Safekeeping page.")


def _print_row(row: dict[str, Any]) -> None:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row["at"]))
    where = f"{row['door']} {row['address']}".strip()
    show(f"{row['number']:>7}  {at}Z  {row['who'][:8]}  {row['action']}: {row['result']} ({where}) {row['object_id']}")


def _print_alerts(told: dict[str, Any]) -> None:
    for alert in told["alerts"]:
        at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(alert["last"]))
        show(f"{at}Z  {alert['who'][:8]}  {alert['kind']}: {alert['sentence']} Rows {alert['rows'][0]} and on.")
    if not told["alerts"]:
        show("Nothing was unusual.")


def _print_reviews(told: dict[str, Any]) -> None:
    for one in told["reviews"]:
        said = ", ".join(one["reasons"]) or "no reason named"
        state = f"settled {one['settled'][:10]}" if one["settled"] else "open"
        show(
            f"{one['review_id']}  {one['shared'][:10]}  {one['rating']}, {said}, {state}: {shortened(one['question'])}"
        )
    show(f"All ratings: {told['counts']['good']} good, {told['counts']['bad']} bad.")


def _print_review(one: dict[str, Any]) -> None:
    show(f"{one['question']}\n\n{one['answer']}\n")
    for source in one["sources"]:
        show(f"  [{source['n']}] {source_in_words(source)}: {shortened(source['quote'])}")
    for statement in one["statements"]:
        show(f"  {statement['verdict']}: {shortened(statement['text'])}")
    show(f"\nRated {one['rating']} by person {one['person']}: {', '.join(one['reasons']) or 'no reason named'}")
    for name in ("comment", "correction", "note"):
        if one[name]:
            show(f"{name.capitalize()}: {one[name]}")


PEOPLE_PRINTERS = {
    "users list": _print_users,
    "tokens list": _print_tokens,
    "users holds": _print_holds,
    "users erase": _print_receipts,
    "users receipts": _print_receipts,
    "keys status": _print_key,
    "reviews list": _print_reviews,
    "reviews show": _print_review,
    "collections grants": _print_grants,
    "audit list": _print_row,
    "audit alerts": _print_alerts,
}
