"""Threads for everybody who waits at a door, and for those who do not.

asyncio has a handful of threads by itself and Starlette forty; whoever waits for the model or for an upload keeps one
all the while, and then nobody else is answered, not even at the sign-in. Knows numbers, no door.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio.to_thread

SPARE = 40
"""For what is answered at once."""


def enough_for(waiting: int) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """Return the lifespan of an application with enough threads while so many questions wait or are answered.

    Whoever waits for an answer may wait for a double-check or an upload on another page.
    """

    @asynccontextmanager
    async def lifespan(_application: object) -> AsyncIterator[None]:
        threads = SPARE + 2 * waiting
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="door"))
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        yield

    return lifespan
