"""Backing up a product while it runs."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from app.commands.items import Item, note, progress, result
from app.errors import AppError
from app.product import Product

WITHOUT_KEYS = (
    "People's keys are not in it: on another machine it opens documents, but no conversation, without the copy that "
    "`inhouse backup FILE --keys KEYS` writes. Keep one copy, the newest, apart from the backups."
)


def back_up(product: Product, *, stop: threading.Event, path: str, keys: str | None, passphrase: str) -> Iterator[Item]:
    """Write a backup and, where that is asked for, a copy of people's keys; stopped, it leaves no file."""
    if keys is not None:
        product.backups.check_keys(Path(keys), beside=Path(path))
    with contextlib.closing(product.backups.write(Path(path), passphrase=passphrase)) as steps:
        while True:
            try:
                step = next(steps)
            except StopIteration as ended:
                counted = ended.value
                break
            yield progress(step.text, step.done, step.total)
            if stop.is_set():
                return
    if keys is None:
        yield note(WITHOUT_KEYS)
    else:
        try:
            product.backups.write_keys(Path(keys))
        except AppError:
            yield note(f"{path} holds everything, and was read back. The copy of people's keys was not written:")
            raise
    size = Path(path).stat().st_size
    sentence = f"{path} holds everything ({size / 10**6:.1f} MB), and was read back."
    yield result({"path": path, "bytes": size, "keys": keys, **counted, "sentence": sentence})
