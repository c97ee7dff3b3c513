"""What the checks found in answers over time, in numbers, and what was said of answers; a part of the About page.

Numbers only: no question and no answer of anybody stands here but what whoever looks has rated or disputed. Changes
nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import gradio as gr

from app.answering.wording import VERDICTS
from app.answers import Actor, Dispute, Verdict
from app.improve.sharing import became
from app.product import Product
from app.store.feedback import RecordedFeedback
from app.store.rates import Rate
from app.store.shared_turns import Standing
from app.web.callers import actor_of, door, on
from app.web.plain import plain

DAYS = 30
HEIGHT, STEP, BAR = 96, 20, 14
"""Of the picture: how high a bar is, how far they stand apart and how broad they are."""
CLASSES: Mapping[Verdict, str] = {
    "supported": "found",
    "not found": "not-found",
    "value differs": "differs",
    "contradicted": "contradicted",
}
"""Verdict -> class of its part of a bar, from the bottom up; what was not examined is in the table only."""
NOTHING = "No statement of an answer has been counted in the last 30 days."
ABOUT = (
    "How often the statements of answers were found in the documents, for each collection and model, in the last 30 "
    "days (UTC). Only numbers are kept for this."
)


def build(page: gr.Blocks, product: Product) -> None:
    """Lay out the part; it is filled when the page is opened."""
    gr.Markdown(f"## What the checks found\n\n{ABOUT}")
    shown = gr.Markdown("", elem_id="rates")
    gr.Markdown("## Answers you have rated")
    rated = gr.Markdown("", elem_id="ratings")
    gr.Markdown("## Verdicts you have disputed")
    said = gr.Markdown("", elem_id="disputes")
    on(page.load, door(describe, product), None, [shown, rated, said])


def describe(product: Product, request: gr.Request) -> tuple[str, str, str]:
    """Return the pictures with their table, and what whoever asks has rated and disputed."""
    actor = actor_of(request)
    rates = rates_html(product, actor, today=datetime.now(UTC).date())
    return rates, ratings_html(product, actor), disputes_html(product, actor)


def rates_html(product: Product, actor: Actor, *, today: date) -> str:
    """Return a picture for each collection the actor may change, and one table of all."""
    names = {one.collection_id: one.name for one in product.collections.all_curated(actor)}
    first = today - timedelta(days=DAYS - 1)
    rates = product.rates.since(first, names)
    if not rates:
        return f"<p>{NOTHING}</p>"
    counted = [(names[key], [rate for rate in rates if rate.collection_id == key]) for key in names]
    figures = "".join(figure(name, of_it, first) for name, of_it in counted if of_it)
    rows = "".join(row for name, of_it in counted for row in rows_of(name, of_it))
    verdicts = (VERDICTS[verdict] for verdict in (*CLASSES, "not examined"))
    heads = "".join(f"<th>{head}</th>" for head in ("collection", "model", "statements", *verdicts))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'{figures}{legend()}<div class="wide">{table}</div>'


def figure(name: str, rates: Sequence[Rate], first: date) -> str:
    """Return a collection's bars, one a day: which share of the examined statements got which verdict."""
    days: dict[int, Counter[Verdict]] = {}
    for rate in rates:
        days.setdefault((rate.day - first).days, Counter()).update(rate.counts)
    bars = "".join(_bar(first, day, counts) for day, counts in sorted(days.items()))
    label = f"{plain(name)}: share of statements by verdict, day by day from {first.isoformat()}"
    size = f'viewBox="0 0 {DAYS * STEP} {HEIGHT + 18}" preserveAspectRatio="xMinYMin meet"'
    last = (first + timedelta(days=DAYS - 1)).isoformat()
    ends = f'<text x="0" y="{HEIGHT + 14}">{first.isoformat()}</text>'
    ends += f'<text x="{DAYS * STEP}" y="{HEIGHT + 14}" text-anchor="end">{last}</text>'
    line = f'<path class="ground" d="M0 {HEIGHT}H{DAYS * STEP}"/>'
    drawn = f'<svg role="img" aria-label="{label}" {size}>{line}{bars}{ends}</svg>'
    return f"<figure><figcaption>{plain(name)}</figcaption>{drawn}</figure>"


def _bar(first: date, day: int, counts: Counter[Verdict]) -> str:
    examined = sum(counts[verdict] for verdict in CLASSES)
    if not examined:
        return ""
    told = ", ".join(f"{counts[verdict]} {VERDICTS[verdict]}" for verdict in CLASSES if counts[verdict])
    parts, bottom = [], float(HEIGHT)
    for verdict, kind in CLASSES.items():
        height = HEIGHT * counts[verdict] / examined
        bottom -= height
        place = f'x="{day * STEP}" y="{bottom:.1f}" width="{BAR}" height="{height:.1f}"'
        parts.append(f'<rect class="{kind}" {place}/>' if height else "")
    on = first + timedelta(days=day)
    return f"<g><title>{on.isoformat()}: {told}</title>{''.join(parts)}</g>"


def legend() -> str:
    """Return which colour stands for what, in words."""
    named = "".join(f'<li><i class="{kind}"></i>{VERDICTS[verdict]}</li>' for verdict, kind in CLASSES.items())
    return f'<ul class="legend">{named}</ul>'


def rows_of(name: str, rates: Sequence[Rate]) -> Iterator[str]:
    """Yield a row of the table for each model that answered from a collection."""
    models: dict[str, Counter[Verdict]] = {}
    for rate in rates:
        models.setdefault(rate.model, Counter()).update(rate.counts)
    for model, counts in sorted(models.items()):
        examined = sum(counts[verdict] for verdict in CLASSES)
        shares = (_share(counts[verdict], examined) for verdict in CLASSES)
        cells = (plain(name), plain(model), f"{examined:,}", *shares, f"{counts['not examined']:,}")
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _share(count: int, examined: int) -> str:
    return f"{count:,} ({count / examined:.0%})" if examined else "0"


def ratings_html(product: Product, actor: Actor) -> str:
    """Return which answers the actor rated and what became of it, the newest first."""
    standings = product.feedback.shared.of(actor)
    given, sign_in = product.feedback.list(actor), product.settings.sign_in
    if not given:
        return "<p>None. Below an answer are two thumbs to rate it.</p>"
    return f"<ul>{''.join(_rated(one, standings.get(one.answer.answer_id), sign_in=sign_in) for one in given)}</ul>"


def _rated(one: RecordedFeedback, standing: Standing | None, *, sign_in: bool) -> str:
    rating = "Good" if one.feedback.liked else "Bad"
    told = plain(became(standing, sign_in=sign_in))
    return f"<li><q>{plain(one.answer.question)}</q><span>{rating}.</span><p>{told}</p></li>"


def disputes_html(product: Product, actor: Actor) -> str:
    """Return what the actor said against verdicts, the newest first."""
    given = product.feedback.disputes.all_of(actor)
    if not given:
        return "<p>None. Below an answer, open what was found about its statements to say that a verdict is wrong.</p>"
    return f"<ul>{''.join(map(_disputed, given))}</ul>"


def _disputed(one: Dispute) -> str:
    comment = f"<p>{plain(one.comment)}</p>" if one.comment else ""
    return f"<li><q>{plain(one.statement)}</q><span>was called “{VERDICTS[one.verdict]}”</span>{comment}</li>"
