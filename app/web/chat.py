"""The chat page: what lies where, and which handler answers which event. Knows how nothing is done."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.product import Product
from app.web import asking, conversations, elsewhere, feedback, following, judged
from app.web.callers import door, on
from app.web.running import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    """The list at the left."""

    new: gr.Button
    catch_up: gr.Button
    """Pressed by the page itself when somebody comes back to its tab."""
    search: gr.Textbox
    chosen: gr.Radio


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The title above a conversation and what can be done with the whole of it."""

    title: gr.Markdown
    rename: gr.Button
    delete: gr.Button
    renaming: gr.Group
    new_title: gr.Textbox
    save_title: gr.Button
    leave_title: gr.Button
    deleting: gr.Group
    really_delete: gr.Button
    keep: gr.Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Questions, answers and what they rest on."""

    messages: gr.Chatbot
    status: gr.Markdown
    question: gr.Textbox
    collections: gr.Dropdown
    sources: gr.Markdown
    examined: gr.State
    """How far a model is with the statements of the conversation's answers."""
    look: gr.Timer
    """Runs as long as it is not done."""
    unseen: gr.State
    """The conversation whose answer went on while its page was left, when this one was opened; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The form behind the thumbs."""

    form: gr.Group
    heading: gr.Markdown
    answer_id: gr.State
    reasons: gr.CheckboxGroup
    comment: gr.Textbox
    correction: gr.Textbox
    unsent: gr.State
    send: gr.Button
    close: gr.Button


def build(blocks: gr.Blocks, product: Product, running: Running) -> None:
    """Lay out the chat page in the open Blocks and wire it."""
    with gr.Row(elem_id="chat", equal_height=False):
        with gr.Column(elem_id="conversations", min_width=0):
            listed = lay_out_conversations()
        with gr.Column(elem_id="conversation", min_width=0):
            head = lay_out_head()
            opinion, exchange = lay_out_exchange()
        with gr.Column(elem_id="sources", min_width=0):
            gr.Markdown("## Sources", elem_id="sources-title")
            exchange.sources.render()  # type: ignore[no-untyped-call]
    page = Page(
        blocks=blocks,
        listed=listed,
        head=head,
        exchange=exchange,
        opinion=opinion,
        product=product,
        running=running,
    )
    for wire in (wire_asking, wire_examined, wire_conversations, wire_head, wire_feedback):
        wire(page)


def lay_out_conversations() -> Conversations:
    """Place the list of conversations."""
    return Conversations(
        new=gr.Button("New conversation", elem_id="new", size="md"),
        catch_up=gr.Button(visible="hidden", elem_id="catch-up"),
        search=gr.Textbox(
            label="Search your conversations",
            placeholder="Words in a question or an answer",
            elem_id="history-search",
            max_length=200,
        ),
        chosen=gr.Radio([], label="Conversations", elem_id="conversation-list"),
    )


def lay_out_head() -> Head:
    """Place the title, and the two questions that are asked back before something changes."""
    with gr.Row(elem_id="conversation-head"):
        title = gr.Markdown("", elem_id="conversation-title")
        rename = gr.Button(
            "Rename", size="sm", visible=False, min_width=0, elem_id="rename-button", elem_classes="quiet"
        )
        delete = gr.Button(
            "Delete", size="sm", visible=False, min_width=0, elem_id="delete-button", elem_classes="quiet"
        )
    with gr.Group(visible=False, elem_id="rename", elem_classes="ask-back") as renaming:
        new_title = gr.Textbox(label="Title of this conversation", max_length=80)
        with gr.Row():
            save_title = gr.Button("Save title", variant="primary", size="sm")
            leave_title = gr.Button("Cancel", size="sm")
    with gr.Group(visible=False, elem_id="delete", elem_classes="ask-back") as deleting:
        gr.Markdown("Delete this conversation with all its questions and answers? This cannot be undone.")
        with gr.Row():
            really_delete = gr.Button("Delete conversation", variant="stop", size="sm")
            keep = gr.Button("Keep it", size="sm")
    return Head(
        title=title,
        rename=rename,
        delete=delete,
        renaming=renaming,
        new_title=new_title,
        save_title=save_title,
        leave_title=leave_title,
        deleting=deleting,
        really_delete=really_delete,
        keep=keep,
    )


def lay_out_exchange() -> tuple[Opinion, Exchange]:
    """Place the messages, the form behind the thumbs, the progress line and the question box."""
    messages = gr.Chatbot(
        label="Questions and answers",
        show_label=False,
        elem_id="messages",
        height=None,
        layout="panel",
        buttons=["copy"],
        group_consecutive_messages=False,
        feedback_options=("Like", "Dislike"),
        latex_delimiters=[],
    )
    opinion = lay_out_opinion()
    status = gr.Markdown("", elem_id="status")
    with gr.Group(elem_id="ask"):
        question = gr.Textbox(
            label="Your question",
            placeholder="Ask your documents …",
            elem_id="question",
            lines=1,
            max_lines=8,
            submit_btn="Ask",
            autofocus=True,
        )
        collections = gr.Dropdown([], multiselect=True, label="Look in", elem_id="collections")
    gr.Markdown("Answers come from your documents and may be wrong. Open the sources.", elem_id="reminder")
    sources = gr.Markdown(conversations.NO_SOURCES, elem_id="source-list", render=False)
    return opinion, Exchange(
        messages=messages,
        status=status,
        question=question,
        collections=collections,
        sources=sources,
        examined=gr.State(""),
        look=gr.Timer(judged.LOOK_SECONDS, active=False),
        unseen=gr.State(""),
    )


def lay_out_opinion() -> Opinion:
    """Place the form behind the thumbs, closed."""
    with gr.Group(visible=False, elem_id="feedback", elem_classes="ask-back") as form:
        heading = gr.Markdown("")
        reasons = gr.CheckboxGroup(feedback.REASONS, label="What is wrong with it?")
        comment = gr.Textbox(label="Comment (optional)", lines=2, max_length=2000)
        correction = gr.Textbox(label="What should it have said? (optional)", lines=2, max_length=4000)
        with gr.Row():
            send = gr.Button("Send", variant="primary", size="sm")
            close = gr.Button("Close", size="sm")
    return Opinion(
        form=form,
        heading=heading,
        answer_id=gr.State(""),
        reasons=reasons,
        comment=comment,
        correction=correction,
        unsent=gr.State(feedback.Unsent()),
        send=send,
        close=close,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything on the page, and what is behind it."""

    blocks: gr.Blocks
    listed: Conversations
    head: Head
    exchange: Exchange
    opinion: Opinion
    product: Product
    running: Running

    @property
    def shown(self) -> list[gr.components.Component]:
        """What changes when another conversation is opened, in the order of `conversations.NAMES`."""
        head, exchange = self.head, self.exchange
        title = [self.listed.chosen, head.title, head.rename, head.delete]
        beside = [exchange.sources, exchange.collections, exchange.examined, exchange.look]
        forms: list[Any] = [head.renaming, head.deleting, self.opinion.form]
        return [*title, exchange.messages, *beside, exchange.question, exchange.status, *forms]


def wire_asking(page: Page) -> None:
    """Ask, ask an example, ask again, stop."""
    listed, exchange, outputs = page.listed, page.exchange, page.shown
    where = [listed.chosen, exchange.collections]
    parts = (page.product, page.running)
    asked = [exchange.question, *where]
    # An answer that goes on in a conversation that was left must not keep the next question from being asked.
    on(exchange.question.submit, door(asking.ask, *parts), asked, outputs, beside_itself=True)
    on(exchange.messages.example_select, door(asking.ask_example, *parts), where, outputs, beside_itself=True)
    on(exchange.messages.retry, door(asking.ask_again, *parts), where, outputs, beside_itself=True)
    on(exchange.question.stop, door(asking.stop, page.running))


def wire_examined(page: Page) -> None:
    """Look how far the model is, and draw the marks anew when it has judged a statement."""
    exchange, parts = page.exchange, (page.product, page.running)
    on(exchange.look.tick, door(judged.look, *parts), None, [exchange.examined, exchange.look])
    drawn = [exchange.messages, exchange.look]
    # What was judged while it draws must be drawn, too.
    on(exchange.examined.change, door(judged.redraw, *parts), None, drawn, once_more=True)


def wire_conversations(page: Page) -> None:
    """Show the list, open a conversation, begin a new one."""
    listed, exchange = page.listed, page.exchange
    parts = (page.product, page.running)
    on(page.blocks.load, door(following.arrive, *parts), None, [*page.shown, exchange.unseen])
    on(exchange.unseen.change, door(following.reopen, *parts), exchange.unseen, page.shown)
    on(listed.new.click, door(conversations.begin, *parts), None, page.shown)
    on(listed.catch_up.click, door(elsewhere.catch_up, *parts), None, page.shown)
    on(listed.search.submit, door(conversations.search, *parts), [listed.search, listed.chosen], listed.chosen)
    # A conversation that is followed must not keep the next one from being opened.
    on(listed.chosen.input, door(following.reopen, *parts), listed.chosen, page.shown, beside_itself=True)
    where = [listed.chosen, exchange.collections]
    on(exchange.collections.input, door(conversations.choose_collections, page.product), where)


def wire_head(page: Page) -> None:
    """Rename and delete, each after asking back."""
    listed, head, product = page.listed, page.head, page.product
    questions = [head.renaming, head.deleting]
    asked = [*questions, head.new_title]
    on(head.rename.click, door(conversations.ask_title, product), listed.chosen, asked)
    on(head.delete.click, door(conversations.ask_delete), None, questions)
    on(head.leave_title.click, door(conversations.close_questions), None, questions)
    on(head.keep.click, door(conversations.close_questions), None, questions)
    saved = [listed.chosen, head.title, *questions]
    for save in (head.save_title.click, head.new_title.submit):
        on(save, door(conversations.rename, product, page.running), [listed.chosen, head.new_title], saved)
    delete = door(conversations.delete, product, page.running)
    on(head.really_delete.click, delete, listed.chosen, page.shown)


def wire_feedback(page: Page) -> None:
    """Keep a thumb at once, then what else the person says."""
    opinion = page.opinion
    fields = [opinion.reasons, opinion.comment, opinion.correction]
    about = [opinion.answer_id, *fields]
    given = [page.listed.chosen, opinion.unsent, *fields]
    opened = [opinion.form, opinion.heading, opinion.answer_id, opinion.unsent, *fields]
    on(page.exchange.messages.like, door(feedback.thumb, page.product), given, opened)
    on(opinion.send.click, door(feedback.send, page.product), about, opinion.form)
    on(opinion.close.click, door(feedback.close), None, opinion.form)
