"""What llama.cpp stores twice where one table is embeddings and output, by kind of weights and processor."""

from dataclasses import replace

import pytest

from models.packing import Q4_K, Q8_0, is_packed
from tests.models.test_plan import SHAPE, plan_on

AVX512 = "CPU : AVX2 = 1 | AVX512 = 1 | AVX512_VNNI = 1 | REPACK = 1 | "
AMX = f"{AVX512}AMX_INT8 = 1 | "
ARM = "CPU : NEON = 1 | DOTPROD = 1 | REPACK = 1 | "
TABLE = SHAPE.embeddings


@pytest.mark.parametrize(
    ("kind", "features", "packed"),
    [
        (Q8_0, AVX512, False),
        (Q4_K, AVX512, True),
        (Q8_0, AMX, True),
        (Q8_0, ARM, True),
        (Q8_0, "CPU : AMX_INT8 = 0 | AVX2 = 1 | ", False),
        (Q8_0, "", True),
    ],
)
def test_a_table_is_packed_where_the_processor_has_units_for_its_kind(
    kind: int, features: str, *, packed: bool
) -> None:
    assert is_packed(kind, features) is packed


def test_a_table_that_is_input_and_output_is_counted_once_where_nothing_packs_it() -> None:
    shared = replace(SHAPE, output=TABLE, shared_kind=Q8_0)
    assert plan_on(AMX, shared).host_bytes - plan_on(AVX512, shared).host_bytes == TABLE


def test_two_tables_are_both_counted_everywhere() -> None:
    assert plan_on(AVX512, SHAPE).host_bytes == plan_on(AMX, SHAPE).host_bytes


def test_an_output_on_a_card_is_a_copy() -> None:
    shared = replace(SHAPE, output=TABLE, shared_kind=Q8_0)
    alone, beside = plan_on(AVX512, shared, 4), plan_on(AMX, shared, 4)
    assert alone.gpu_layers > 0
    assert alone == beside
