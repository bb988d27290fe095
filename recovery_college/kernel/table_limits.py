"""How much of a table we take, and how we say that something is wrong with it."""

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 32_767  # what a cell of Excel holds
MOST_CELLS = 4_000_000  # in the block from A1 to the farthest cell: 200,000 rows of 20 columns
MOST_TEXT = 60_000_000  # characters in all cells of a sheet together
MOST_UNPACKED = 300 * 1024 * 1024


class TableProblem(ValueError):
    """The file is not a table we can take; the sentence says what is wrong and what to do."""
