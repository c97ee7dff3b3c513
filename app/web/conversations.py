"""Conversations on the page: listing, opening, renaming and deleting them.

Module-level handlers of plain values; each first asks who is calling. The browser holds a conversation's id only.
"""

from collections.abc import Sequence
from typing import Any, cast

import gradio as gr

from app.answering.standing import sources_of
from app.answers import Actor, Conversation
from app.product import Product
from app.store.audit_words import Action, ObjectKind
from app.store.errors import NotFoundError
from app.store.history import StoredTurn
from app.store.looking_back import Remembered
from app.web.callers import actor_of, noted, page_of
from app.web.examples import welcome
from app.web.plain import literal, plain, tamed
from app.web.present import answer_markdown, cited_markdown
from app.web.printed import printed_markdown
from app.web.running import Running

NO_SOURCES = "The passages an answer rests on appear here."
NEW_TITLE = "## New conversation"
Message = dict[str, Any]


Shown = tuple[Any, ...]
"""What changes on the chat page, in the order of `NAMES`."""
NAMES = (
    *("chosen", "title", "rename", "delete", "messages", "sources", "collections"),
    *("examined", "look", "question", "status"),
    *("renaming", "deleting", "opinion"),
)


def show(*, actions: Any = None, **outputs: Any) -> Shown:
    """Return what is to change by its name in `NAMES`; everything else stays as it is on the page.

    `actions` is for both buttons beside the title.
    """
    if actions is not None:
        outputs |= {"rename": actions, "delete": actions}
    return tuple(outputs.get(name, gr.skip()) for name in NAMES)


def begin(product: Product, running: Running, request: gr.Request) -> Shown:
    """Show an empty conversation; it is stored with its first question. What is typed stays in the box."""
    return empty(product, running, actor_of(request), page_of(request))


def empty(product: Product, running: Running, actor: Actor, page: str) -> Shown:
    """Show an empty conversation on somebody's page."""
    running.show(page, None)
    placeholder, examples = welcome(product.collections.list(actor))
    messages = gr.Chatbot([], feedback_value=[], placeholder=placeholder, examples=cast("Any", examples))
    chosen = gr.Dropdown(choices=choices_of_collections(product, actor), value=[])
    return (
        list_of(product, actor, None, running.found(page)),
        NEW_TITLE,
        gr.Button(visible=False),
        gr.Button(visible=False),
        messages,
        NO_SOURCES,
        chosen,
        "",
        gr.Timer(active=False),
        open_box(None),
        "",
        *closed_forms(),
    )


def stored(
    product: Product,
    actor: Actor,
    conversation_id: str,
    *,
    writing: bool = False,
    found: Sequence[Remembered] | None = None,
) -> Shown:
    """Return a conversation as it is stored, with the sources of its last answer. What is typed stays in the box.

    Args:
        product: where it is stored.
        actor: whose it is.
        conversation_id: which it is.
        writing: whether its last answer is still being written.
        found: what the page's search of conversations found.
    """
    conversation = product.history.conversation(actor, conversation_id)
    turns = product.history.turns(actor, conversation_id)
    writing = writing and bool(turns) and turns[-1].answer is None
    far = how_far(product, actor, conversation_id)
    shown = messages_of(turns, product)
    if writing:
        shown[-1] = answer_message(tamed(turns[-1].written or ""))
    messages = gr.Chatbot(cast("Any", shown), feedback_value=thumbs_of(turns))
    known = choices_of_collections(product, actor)
    chosen = [one for one in conversation.collection_ids if one in {value for _, value in known}]
    return (
        list_of(product, actor, conversation_id, found),
        heading(conversation),
        gr.Button(visible=True),
        gr.Button(visible=True),
        messages,
        sources_markdown(product, actor, turns, otherwise=NO_SOURCES),
        gr.Dropdown(choices=known, value=chosen),
        far,
        gr.Timer(active=bool(far)),
        closed_box(None) if writing else open_box(None),
        "",
        *closed_forms(),
    )


def sources_markdown(product: Product, actor: Actor, turns: list[StoredTurn], *, otherwise: str) -> str:
    """Return the list of what the last answer rests on, where that stands now, and for paper the quotes of all.

    Args:
        product: where sources are.
        actor: who reads.
        turns: of the conversation.
        otherwise: the list where the last answer rests on nothing.
    """
    answer = next((turn.answer for turn in reversed(turns) if turn.answer), None)
    readable = {one.collection_id for one in product.collections.list(actor)}
    cited = answer.citations if answer else ()
    sources = sources_of(cited, readable=readable, chunks=product.chunks, versions=product.versions)
    shown = cited_markdown(answer, sources) if answer else ""
    return "\n\n".join(part for part in (shown or otherwise, printed_markdown(turns)) if part)


def choose_collections(
    product: Product, conversation_id: str | None, collection_ids: list[str], request: gr.Request
) -> None:
    """Remember where the questions of an open conversation look."""
    actor = actor_of(request)
    if conversation_id:
        product.history.choose_collections(actor, conversation_id, collection_ids)


def ask_title(product: Product, conversation_id: str, request: gr.Request) -> tuple[Any, ...]:
    """Open the question for a new title, with the present one in it."""
    conversation = product.history.conversation(actor_of(request), conversation_id)
    return gr.Group(visible=True), gr.Group(visible=False), conversation.title


def ask_delete(request: gr.Request) -> tuple[Any, ...]:
    """Open the question whether to delete."""
    actor_of(request)
    return gr.Group(visible=False), gr.Group(visible=True)


def close_questions(request: gr.Request) -> tuple[Any, ...]:
    """Close both questions; nothing changes."""
    actor_of(request)
    return gr.Group(visible=False), gr.Group(visible=False)


def closed_forms() -> tuple[gr.Group, gr.Group, gr.Group]:
    """Return the forms about one conversation closed: above another one they would change that."""
    return gr.Group(visible=False), gr.Group(visible=False), gr.Group(visible=False)


def rename(
    product: Product, running: Running, conversation_id: str, title: str, request: gr.Request
) -> tuple[Any, ...]:
    """Give a conversation the typed title; an empty one changes nothing."""
    actor = actor_of(request)
    if title.strip():
        product.history.rename(actor, conversation_id, title)
        noted(product, request, Action.CONVERSATION_CHANGED, ObjectKind.CONVERSATION, conversation_id)
    conversation = product.history.conversation(actor, conversation_id)
    listed = list_of(product, actor, conversation_id, running.found(page_of(request)))
    return listed, heading(conversation), *close_questions(request)


def delete(product: Product, running: Running, conversation_id: str, request: gr.Request) -> tuple[Any, ...]:
    """Delete a conversation for good and show an empty one."""
    actor = actor_of(request)
    product.history.conversation(actor, conversation_id)
    running.show(page_of(request), None)
    with running.dropping(conversation_id):
        product.history.delete(actor, conversation_id)
    noted(product, request, Action.CONVERSATION_DELETED, ObjectKind.CONVERSATION, conversation_id)
    return begin(product, running, request)


def list_of(product: Product, actor: Actor, chosen: str | None, found: Sequence[Remembered] | None = None) -> gr.Radio:
    """Return the list of `choices_of_conversations` with one chosen."""
    return gr.Radio(choices=choices_of_conversations(product, actor, chosen, found), value=chosen)


def choices_of_conversations(
    product: Product, actor: Actor, chosen: str | None, found: Sequence[Remembered] | None
) -> list[tuple[str, str]]:
    """Return the titles and ids of the actor's conversations, the last used first.

    Args:
        product: where they are stored.
        actor: whose they are.
        chosen: the conversation that the page shows, which is always listed.
        found: what a search found, to list that and no others; None for all.
    """
    titles = {one.conversation_id: one.title or "Untitled" for one in product.history.conversations(actor)}
    listed = [(title, conversation_id) for conversation_id, title in titles.items()]
    if found is not None:
        there = [one for one in found if one.conversation_id in titles]
        listed = [(_found_title(titles[one.conversation_id], one), one.conversation_id) for one in there]
        if chosen in titles and chosen not in {one.conversation_id for one in there}:
            listed.insert(0, (titles[chosen], chosen))
    return listed


def search(product: Product, running: Running, text: str, chosen: str | None, request: gr.Request) -> gr.Radio:
    """Return the list with the conversations that have every word; without words, with all of them."""
    actor = actor_of(request)
    found = product.looking_back.find(actor, text) if text.strip() else None
    if found == []:
        gr.Info(f"Nothing you asked or were answered has all of these words: {text.strip()}", title="Nothing found")
    running.keep_found(page_of(request), found)
    return list_of(product, actor, chosen, found)


def _found_title(title: str, one: Remembered) -> str:
    return title if one.kind == "title" else f"{title}: {one.excerpt}"


def choices_of_collections(product: Product, actor: Actor) -> list[tuple[str, str]]:
    """Return the collections the actor may choose from, by name."""
    return [(one.name, one.collection_id) for one in product.collections.list(actor)]


def open_box(text: str | None) -> gr.Textbox:
    """Return the question box as it waits for a question, with a text in it; None for what is typed there."""
    if text is None:
        return gr.Textbox(submit_btn="Ask", stop_btn=False)
    return gr.Textbox(value=text, submit_btn="Ask", stop_btn=False)


def closed_box(text: str | None) -> gr.Textbox:
    """Return the question box while an answer is written, the same with Stop in the place of Ask."""
    if text is None:
        return gr.Textbox(submit_btn=False, stop_btn="Stop")
    return gr.Textbox(value=text, submit_btn=False, stop_btn="Stop")


def heading(conversation: Conversation) -> str:
    """Return a conversation's title as the page's heading."""
    return f"## {plain(conversation.title)}" if conversation.title else NEW_TITLE


def messages_of(turns: list[StoredTurn], product: Product) -> list[Message]:
    """Return questions and answers, two messages a turn, in order.

    Args:
        turns: what was asked and answered.
        product: knows what a model is still to judge, and where addresses may lead.
    """
    return [message for turn in turns for message in (question_message(turn.question), _answer_message(turn, product))]


def turns_of(product: Product, actor: Actor, conversation_id: str) -> list[StoredTurn]:
    """Return the turns of a conversation, none where it is gone."""
    try:
        return product.history.turns(actor, conversation_id)
    except NotFoundError:
        return []


def how_far(product: Product, actor: Actor, conversation_id: str) -> str:
    """Return what changes with every statement of a conversation that was judged, and every question asked again.

    "" where none is to be. To be asked before its messages are drawn, so that what is found meanwhile is drawn later.
    """
    answers = [turn.answer.answer_id for turn in turns_of(product, actor, conversation_id) if turn.answer]
    running = (product.examining.of(answer_id) for answer_id in answers)
    examined = [f"{one.answer.answer_id}:{one.news}:{one.left}" for one in running if one]
    return " ".join([*examined, *(f"{one}:again" for one in answers if product.asking_again.pending(one))])


def thumbs_of(turns: list[StoredTurn]) -> list[str | None]:
    """Return the thumb given to each answer, in order."""
    given = [turn.feedback.liked if turn.feedback else None for turn in turns]
    return [None if liked is None else "Like" if liked else "Dislike" for liked in given]


def question_message(text: str) -> Message:
    """Return a question as a message."""
    return {"role": "user", "content": literal(text)}


def answer_message(text: str) -> Message:
    """Return Markdown of ours as an answer's message."""
    return {"role": "assistant", "content": text}


def _answer_message(turn: StoredTurn, product: Product) -> Message:
    if turn.answer:
        return answer_message(
            answer_markdown(
                turn.answer,
                left=product.examining.left(turn.answer.answer_id),
                again=product.asking_again.pending(turn.answer.answer_id),
                hosts=product.settings.link_hosts,
            )
        )
    note = '<div class="badge unfinished">This answer was interrupted. Ask again.</div>'
    return answer_message(f"{tamed(turn.written)}\n\n{note}" if turn.written else note)
