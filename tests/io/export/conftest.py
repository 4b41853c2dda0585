"""A state to export."""

import pytest

from export_example import example


@pytest.fixture(scope="module")
def texture():
    return example()
