"""What a rating shares with reviewers, and the words that say so at the button. Knows no store and no page."""

from app.guard.privacy import Privacy, Rule
from app.store.shared_turns import Mask, Standing

SHARED = (
    "Rating shares this question and answer with the people who review them. The rest of the conversation stays yours."
)
ALONE = "Your rating stays on this machine; nobody but you uses it. You find the answer again under Review."
COUNTED = "Ratings are counted here. Nothing you asked or were answered is shared by rating it."


def share(*, rule: Rule, share_rated: bool) -> Mask | None:
    """Return what a text passes through on its way to reviewers; None where nothing is shared.

    Use it for one turn: the same person keeps the same placeholder in all of it.
    """
    return Privacy(rule=rule).mask if share_rated else None


def at_the_button(*, share_rated: bool, sign_in: bool) -> str:
    """Return what whoever rates is told before they do."""
    if not share_rated:
        return COUNTED
    return SHARED if sign_in else ALONE


def became(standing: Standing | None, *, sign_in: bool) -> str:
    """Return what whoever rated is told afterwards."""
    if standing is None:
        return "Kept for you alone."
    begun = "Shared with reviewers." if sign_in else "Kept on this machine."
    if standing.settled is None:
        return f"{begun} {'Nobody has settled it yet.' if sign_in else 'You find it under Review.'}"
    end = "Approved as a verified answer" if standing.outcome == "approved" else "Settled"
    return f"{begun} {end}{f': {standing.note}' if standing.note else '.'}"
