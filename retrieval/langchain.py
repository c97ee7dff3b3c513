"""The retriever as LangChain's BaseRetriever, for programs that build on LangChain. Inside Inhouse it is not used."""

from collections.abc import Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.retriever import Retriever


class LangChainRetriever(BaseRetriever):
    """Passages of some collections as LangChain documents; offsets, page and scores are in their metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    retriever: Retriever
    collection_ids: Sequence[str]
    k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        return [
            Document(
                id=passage.chunk_id,
                page_content=passage.text,
                metadata={
                    "document": passage.document,
                    "title": passage.title,
                    "page": passage.page,
                    "start": passage.start,
                    "end": passage.end,
                    "score": passage.score,
                },
            )
            for passage in self.retriever.search(query, collection_ids=self.collection_ids, k=self.k)
        ]
