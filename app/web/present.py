"""Answers, questions and passages as the Markdown the pages show.

All of their text is untrusted: nothing in it may become a link, an image or a tag. What is put around it (numbered
citations, marks, badges) is ours; the page sanitises the whole once more. Knows values only, no store.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from app.answering.policies import MENDED, faults
from app.answering.standing import NOTES, Source
from app.answering.wording import VERDICTS, found_plainly, still, tally
from app.answers import Answer, Citation, Claim, Verdict
from app.guard.privacy import notices
from app.library.approving import words_of
from app.web.differing import again_html, differing_html, earlier_html, unanswered_html
from app.web.plain import place, plain, tamed
from app.web.verbatim import Code, code_in, covering
from retrieval.documents import Passage, Verified
from retrieval.headings import section_in_words

ROW = re.compile(r"[ \t]*\|.*\|")
RULE = re.compile(r"[ \t]*\|[ \t:|-]+\|")
"""The line below a table's heads."""
SNIPPET_CHARACTERS = 260
NO_SOURCES: Mapping[int, Source] = MappingProxyType({})

MARKS: dict[Verdict, str] = {"not found": "not-found", "value differs": "differs", "contradicted": "contradicted"}
"""Verdict -> class of its mark; the icon comes with the class (assets/product/inhouse.css)."""

WARNED = frozenset({"warn", "quote"})
"""Policies under which an answer with a fault is not shown without a warning. Under "quote" it is not shown at all, but
a model may find the fault only afterwards."""
WARNING = "Not all of this was found in the documents. Look at the marks before you rely on it."


def answer_markdown(answer: Answer, *, left: int = 0, again: bool = False, hosts: Collection[str] = ()) -> str:
    """Return an answer with its citations and marks after each sentence, and what was found about it below.

    Args:
        answer: as it is stored.
        left: how many of its statements a model is still to judge.
        again: whether its question is still to be asked again.
        hosts: where addresses in it may lead.
    """
    told = [f'<div class="banner warned">{plain(notice)}</div>' for notice in notices(answer.flags)]
    return "\n\n".join([*told, _body(answer, still(left, again=again), hosts)])


def _body(answer: Answer, going_on: str, hosts: Collection[str]) -> str:
    if answer.outcome == "abstained":
        return _refusal(answer)
    if answer.asked_back:
        return _question_back(answer)
    text, marks, end = _closed(answer.text), [], 0
    codes = code_in(text)
    for claim in sorted(answer.claims, key=lambda claim: claim.end):
        place, gap = _mark_place(text, claim.end, codes)
        end = max(end, place)
        mark = _after_claim(answer, claim)
        marks += [(end, gap + mark)] if mark else []
    body = tamed(text, hosts, marks)
    beside = (unanswered_html(answer.unanswered), differing_html(answer.conflicts), earlier_html(answer.earlier))
    badges = (_badge(answer, going_on), again_html(answer.double_check))
    parts = (_banner(answer), body, *beside, *badges, _source_line(answer))
    return "\n\n".join(part for part in parts if part)


def found_markdown(passages: Sequence[Passage]) -> str:
    """Return the list of found passages, each a link that opens it in its document."""
    if not passages:
        return ""
    return "\n".join(
        _card(
            p,
            p.text,
            href=passage_href(p),
            number=p.rank,
            headings=p.section_at(p.start),
            note=_verified(p.verified),
        )
        for p in passages
    )


def cited_markdown(answer: Answer, sources: Mapping[int, Source] = NO_SOURCES) -> str:
    """Return the list of what an answer rests on: its citations, or the nearest passages when it has none.

    Args:
        answer: as it is stored.
        sources: where each of its citations leads now.
    """
    if answer.citations:
        return "\n".join(
            _card(
                c,
                c.quote,
                href=citation_href(answer, c),
                number=c.n,
                headings=c.headings,
                note=_verified(c.verified) + _standing(sources.get(c.n)),
            )
            for c in answer.citations
        )
    return found_markdown(answer.nearest)


def citation_href(answer: Answer, citation: Citation) -> str:
    """Return the address of a citation inside the page; assets/product/sources.js opens it."""
    return f"#citation/{quote(answer.answer_id)}/{citation.n}"


def statements_href(answer: Answer) -> str:
    """Return the address of what was found about an answer's statements; assets/product/sources.js opens it."""
    return f"#statements/{quote(answer.answer_id)}"


def passage_href(passage: Passage) -> str:
    """Return the address of a passage inside the page."""
    return f"#passage/{quote(passage.document_id)}/{passage.start}/{passage.end}"


def _closed(text: str) -> str:
    """Return the text with its last code block closed, or what we put below the answer would stand in it."""
    codes = code_in(text)
    return f"{text}\n{codes[-1].closing}" if codes and codes[-1].closing else text


def _mark_place(text: str, end: int, codes: Sequence[Code]) -> tuple[int, str]:
    """Return where the marks of a claim that ends here may stand, and what parts them from the text before.

    Close to the claim's last word; but never inside of code, after a code block as a paragraph of their own, and in a
    table's row in its last cell: anywhere else they would undo the block.
    """
    stop = len(text[:end].rstrip())
    code = covering(codes, stop)
    if code:
        return code.end, "\n\n" if code.block else ""
    row = text[text.rfind("\n", 0, stop) + 1 : stop]
    if RULE.fullmatch(row):
        return _mark_place(text, stop - len(row), codes) if stop > len(row) else (stop, "")
    return (stop - 1 if ROW.fullmatch(row) else stop), ""


def _after_claim(answer: Answer, claim: Claim) -> str:
    by_number = {citation.n: citation for citation in answer.citations}
    links = "".join(_citation(answer, by_number[n]) for n in claim.citations if n in by_number)
    if claim.verdict not in MARKS:
        return links
    href = f"{statements_href(answer)}/{claim.start}"
    return f'{links} <a class="mark {MARKS[claim.verdict]}" href="{href}">{VERDICTS[claim.verdict]}</a>'


def _citation(answer: Answer, citation: Citation) -> str:
    where = place(citation.title or citation.document, citation.page)
    if citation.page is None and citation.headings:
        where = f"{where}, section {section_in_words(citation.headings)}"
    where, href = plain(where), citation_href(answer, citation)
    return f'<a class="cite" href="{href}" title="Source {citation.n}: {where}">{citation.n}</a>'


def _banner(answer: Answer) -> str:
    if answer.general:
        sentence = "General answer from the model's own knowledge: your documents do not say this."
        return f'<div class="banner general">{sentence}</div>'
    if answer.policy in WARNED and faults(answer.claims):
        return f'<div class="banner warned">{WARNING}</div>'
    if MENDED in answer.flags:
        return f'<div class="banner mended">{MENDED}</div>'
    return ""


def _badge(answer: Answer, going_on: str) -> str:
    if answer.outcome in {"stopped", "failed"}:
        return f'<div class="badge unfinished">{plain(" ".join(answer.flags) or "This answer is not finished.")}</div>'
    told = tally(answer)
    if answer.general or not told:
        return ""
    name = "found" if found_plainly(answer) else "worded" if answer.groundedness == 1 else "partly"
    more = f'<span class="examining">{going_on}</span>' if going_on else ""
    return f'<div class="badge {name}"><a href="{statements_href(answer)}">{told}</a>{more}</div>'


def _source_line(answer: Answer) -> str:
    """Name each cited place once, with the numbers of the sentences that rest on it."""
    places: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        places.setdefault(place(citation.title or citation.document, citation.page), []).append(citation)
    named = [_named_place(answer, where, citations) for where, citations in places.items()]
    return f'<div class="sources-line">{" ".join(named)}</div>' if named else ""


def _named_place(answer: Answer, where: str, citations: Sequence[Citation]) -> str:
    numbers = "".join(f'<a class="n" href="{citation_href(answer, one)}">{one.n}</a>' for one in citations)
    first = citation_href(answer, citations[0])
    return f'<span class="source">{numbers}<a href="{first}">{plain(where)}</a></span>'


def _refusal(answer: Answer) -> str:
    sentence = tamed(answer.text) or "The documents do not say."
    quotes = "\n".join(_quote(passage) for passage in answer.nearest[:3])
    nearest = f'<div class="nearest"><p>The nearest passages are:</p>\n{quotes}</div>' if quotes else ""
    return "\n\n".join(part for part in (sentence, nearest) if part)


def _question_back(answer: Answer) -> str:
    nearest = {passage.title or passage.document: passage for passage in reversed(answer.nearest)}
    links = [
        f'<a class="source" href="{passage_href(nearest[title])}">{plain(title)}</a>'
        for title in answer.choices
        if title in nearest
    ]
    badge = '<div class="badge asked">A question back: the answer depends on it</div>'
    found = f'<div class="choices"><p>Found about it:</p>{" ".join(links)}</div>' if links else ""
    return "\n\n".join(part for part in (tamed(answer.text), found, badge) if part)


def _quote(passage: Passage) -> str:
    where = plain(place(passage.title or passage.document, passage.page))
    link = f'<a class="source" href="{passage_href(passage)}">{where}</a>'
    return f"<blockquote><p>{snippet(passage.text)}</p>{link}</blockquote>"


def _standing(source: Source | None) -> str:
    """Return what is to be said of a source: that it is not what it was, or since when it is here."""
    if source is None:
        return ""
    if NOTES[source.standing]:
        return f'<span class="page changed">{NOTES[source.standing]}</span>'
    return f'<span class="page">added {source.added.day} {source.added:%b %Y}</span>' if source.added else ""


def _verified(verified: Verified | None) -> str:
    """Return what is to be said of a verified answer: who answers for it, and until when."""
    return f'<span class="page verified">{plain(words_of(verified))}</span>' if verified else ""


def _card(one: Passage | Citation, text: str, *, href: str, number: int, headings: Sequence[str], note: str) -> str:
    """Return a source: on which page it stands or, where there are none, below its title in which section."""
    title = plain(one.title or one.document)
    section = section_in_words(headings) if one.page is None else ""
    where = f'<span class="page">page {one.page}</span>' if one.page is not None else ""
    where += f'<span class="page section">Section: {plain(section)}</span>' if section else ""
    where = f'<span class="notes">{where}{note}</span>' if note or section else where
    return (
        f'<a class="card" href="{href}"><span class="n">{number}</span><span class="title">{title}</span>{where}'
        f'<span class="snippet">{snippet(text)}</span></a>'
    )


def _cells(line: str) -> str:
    """Return a line as it is, or the cells of a table's row as a block of their own."""
    row = line.strip()
    if not ROW.fullmatch(row):
        return line
    return "\n" + " · ".join(cell.strip() for cell in row.strip("|").split("|") if cell.strip()) + "\n"


def snippet(text: str) -> str:
    """Return the beginning of a text on one line, as safe HTML."""
    line = in_one_line(text)
    return plain(line if len(line) <= SNIPPET_CHARACTERS else line[:SNIPPET_CHARACTERS].rsplit(" ", 1)[0] + " …")


def in_one_line(text: str) -> str:
    """Return a text on one line, without signs of Markdown; dots part headings, rows and cells from the rest."""
    prose = "\n".join(_cells(line) for line in text.splitlines() if not RULE.fullmatch(line.rstrip()))
    blocks = [" ".join(re.sub(r"[#*`>_]+", " ", block).split()) for block in re.split(r"\n\s*\n", prose)]
    return re.sub(r"(?<![.!?:;,…]) \n ", " · ", " \n ".join(block for block in blocks if block)).replace(" \n ", " ")
