"""A request whose words are read even where its files find no room: what was typed can then be given back."""

from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Request

IN_MEMORY = 500 * 1024
"""Bytes of a file that are kept in memory; more of it goes to the machine's folder for temporary files."""


class _Spool(SpooledTemporaryFile[bytes]):
    """A file that is coming in. Trouble with the disk is kept, and the rest of the file let go."""

    trouble: OSError | None = None

    def write(self, content: Any) -> int:
        """Take it, or lose it after trouble."""
        if self.trouble is None:
            try:
                return super().write(content)
            except OSError as trouble:
                self.trouble = trouble
        return len(content)

    def seek(self, *where: int) -> int:
        """Go there; this too may have to write what was held back."""
        if self.trouble is None:
            try:
                return super().seek(*where)
            except OSError as trouble:
                self.trouble = trouble
        return 0

    def close(self) -> None:
        """Close it, without the same trouble once more."""
        try:
            super().close()
        except OSError:
            if self.trouble is None:
                raise


class PatientRequest(Request):
    """Reads the form to its end before it says that there is no room for a file of it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._spools: list[_Spool] = []

    def _get_file_stream(self, *about: Any, **more: Any) -> IO[bytes]:
        spool = _Spool(max_size=IN_MEMORY, mode="rb+")
        self._spools.append(spool)
        return cast(IO[bytes], spool)

    def _load_form_data(self) -> None:
        """Raise the trouble with the first look at the form; who looks again, as an error page does, sees the words."""
        is_first = "form" not in self.__dict__
        super()._load_form_data()
        for spool in self._spools:
            if is_first and spool.trouble is not None:
                raise spool.trouble
