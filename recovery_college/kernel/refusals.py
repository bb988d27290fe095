"""A deed that is refused, with the words for whoever asked for it."""


class DeedRefused(Exception):
    """What was asked is not done; the sentence says why. `field` is the form's box it is said at, or ""."""

    field = ""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        if field is not None:
            self.field = field
