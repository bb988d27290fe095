"""The faults happen in the world of the house tests."""

from tests.house.conftest import one_world as one_world
from tests.house.conftest import world as world
