"""What is said of models nobody fetched here must follow from their published sizes."""

import pytest

from app.install.__main__ import TEST_WEIGHTS
from models.catalogue import CATALOGUE
from models.gguf import read_header
from models.recommended import OF_CATALOGUE, RECOMMENDED, Recommended
from models.shape import shape_of
from models.weights import find
from tests.models.conftest import weights

LLAMA_3B_BYTES = 2_019_377_696
"""The size of a real file of the kind Q4_K_M."""


@pytest.mark.parametrize("model", RECOMMENDED, ids=lambda model: model.name)
def test_its_layers_add_up_to_the_parameters_its_maker_gives(model: Recommended) -> None:
    assert model.architecture.parameters / 1e9 == pytest.approx(model.billions, rel=0.02)


def test_a_file_is_about_as_large_as_a_real_one() -> None:
    model = next(model for model in RECOMMENDED if model.name == "llama-3.2-3b-instruct")
    assert model.architecture.file_bytes == pytest.approx(LLAMA_3B_BYTES, rel=0.02)


def test_there_are_a_dozen_from_half_a_billion_to_fourteen_in_order() -> None:
    sizes = [model.architecture.parameters for model in RECOMMENDED]
    assert len(sizes) == 12
    assert sizes == sorted(sizes)
    assert (sizes[0] < 6e8, sizes[-1] > 14e9) == (True, True)


def test_none_of_them_passes_for_one_that_can_be_fetched() -> None:
    assert not {model.name for model in RECOMMENDED} & set(CATALOGUE)
    assert set(OF_CATALOGUE) <= set(CATALOGUE)


@pytest.mark.weights
@pytest.mark.parametrize("name", [name for name in OF_CATALOGUE if name in TEST_WEIGHTS])
def test_the_sizes_of_the_catalogue_are_those_of_the_files(name: str) -> None:
    header = read_header(find(name, directory=weights()))
    real, known = shape_of(header), OF_CATALOGUE[name].shape()
    assert len(real.layers) == len(known.layers)
    assert (real.remembered, real.width, real.inner_width) == (known.remembered, known.width, known.inner_width)
    assert (real.vocabulary, real.trained_context) == (known.vocabulary, known.trained_context)
    assert sum(known.layers) == pytest.approx(sum(real.layers), rel=0.03)
