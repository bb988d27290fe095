"""The faults happen in the world of the house tests."""

from tests.conftest import BACKEND
from tests.house.conftest import one_world as one_world
from tests.house.conftest import world as world

# Faults of one kind of database belong to the run on that kind (`make test` runs both).
collect_ignore = (
    ["test_postgresql.py"] if BACKEND == "sqlite" else ["test_power_cut.py", "test_two_servers.py"]
)
