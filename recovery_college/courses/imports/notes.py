"""What an import tells without refusing anything."""

LINES_NAMED = 5


class Notes:
    """Warnings gathered by their sentence: one trouble on a thousand lines is one warning, not a thousand."""

    def __init__(self) -> None:
        self._lines: dict[str, list[int]] = {}

    def add(self, sentence: str, line: int | None = None) -> None:
        """Note a sentence, for a line or for the whole file. Sentences hold references, never names."""
        lines = self._lines.setdefault(sentence, [])
        if line is not None:
            lines.append(line)

    def sentences(self) -> list[str]:
        """Each sentence with the lines it is about: "Lines 2, 3 and 4: ..."."""
        return [f"{_named(lines)}{sentence}" for sentence, lines in self._lines.items()]


def _named(lines: list[int]) -> str:
    if not lines:
        return ""
    if len(lines) == 1:
        return f"Line {lines[0]}: "
    shown = [str(line) for line in lines[:LINES_NAMED]]
    more = len(lines) - len(shown)
    last = f"{more} more" if more else shown.pop()
    return f"Lines {', '.join(shown)} and {last}: "
