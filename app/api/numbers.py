"""Numbers that callers send: how large one may be before it means nothing here. Knows no route and no meaning."""

from typing import Annotated

from pydantic import Field

LARGEST = 2**53 - 1
"""Programs that read JSON as JavaScript does take a larger whole number for another one; SQLite keeps none of 2**63."""

Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
"""A whole number that any program and any store keeps as it is; what it counts may narrow it further."""
Moment = Annotated[float, Field(allow_inf_nan=False)]
"""Seconds since 1970."""
