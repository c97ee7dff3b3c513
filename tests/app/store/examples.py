"""Values with every field filled, for the tests of what is kept."""

from app.answers import Answer, Citation, Claim, Timings
from retrieval.documents import Passage

PASSAGE = Passage(
    rank=1,
    score=2.5,
    dense=0.61,
    collection_id="c1",
    document_id="d1",
    document="travel/trips.md",
    title="Business trips",
    page=3,
    chunk_id="k1",
    start=120,
    end=160,
    headings=("Travel", "Allowances"),
    text="The zanzibar allowance is 41.50 € a day.",
)


def an_answer(answer_id: str = "answer-1", *, text: str = "The zanzibar allowance is 41.50 € a day.") -> Answer:
    citation = Citation(
        n=1,
        collection_id="c1",
        document_id="d1",
        document="travel/trips.md",
        title="Business trips",
        page=3,
        start=120,
        end=160,
        quote=PASSAGE.text,
    )
    claim = Claim(text=text, start=0, end=len(text), verdict="supported", score=0.93, citations=(1,))
    return Answer(
        answer_id=answer_id,
        question="What is the zanzibar allowance?",
        query="zanzibar allowance",
        text=text,
        citations=(citation,),
        claims=(claim,),
        nearest=(PASSAGE,),
        flags=("two documents disagree",),
        model="starter",
        prompt_version="1",
        timings=Timings(retrieve_ms=12.5, first_token_ms=800.0, total_ms=2400.0, tokens=12),
    )
