"""Looking into a file somebody hands us: what it is is told from its content, never from its name.

Only kinds of this list are taken. Pictures are drawn anew, so that where and when they were taken, and whatever
else hides in them, stays behind. Archives (docx, odt, pptx) are unpacked within a limit, because a few kilobytes
may unpack without end. A file that is two kinds at once is refused. Nothing here opens a file to show it: what is
kept is only ever sent back as an attachment.
"""

import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_BYTES = 50 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_UNPACKED = 300 * 1024 * 1024
MOST_PARTS = 5_000
LONGEST_NAME = 120
KINDS = "PDF, Word, OpenDocument, PowerPoint, text, JPEG, PNG, MP3, M4A, MP4 or MOV"
TAIL = 70_000  # where the directory of a zip ends, seen from the end of a file
STEP = 1024 * 1024


class UploadRefused(ValueError):
    """The file cannot be taken; the sentence names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it may be kept: its cleaned name, what it is, and its content."""

    name: str
    media: str
    ending: str
    content: bytes


MEDIA = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".txt": "text/plain; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
}
ENDINGS = tuple(MEDIA)
SAME = {".jpeg": ".jpg", ".jpe": ".jpg", ".text": ".txt", ".m4v": ".mp4"}
# What the first bytes of other things look like, to say what they are.
FOREIGN = (
    (b"MZ", "is a program"),
    (b"\x7fELF", "is a program"),
    (b"GIF8", "is a GIF picture"),
    (b"\xd0\xcf\x11\xe0", "is of an older Office kind or has a password"),
    (b"{\\rtf", "is of the kind RTF"),
    (b"Rar!", "is an archive"),
    (b"7z\xbc\xaf", "is an archive"),
)


def checked_upload(name: str, content: bytes) -> Upload:
    """Give the file as it may be kept. Raise UploadRefused with a sentence for the person who chose it."""
    shown, said = cleaned_name(name)
    if not content:
        raise UploadRefused(f"“{shown}” is empty. Choose a file with something in it")
    if len(content) > MOST_BYTES:
        raise UploadRefused(f"“{shown}” is bigger than 50 MB. Make it smaller, or hand in a link to it")
    if said not in MEDIA:
        raise UploadRefused(f"“{shown}” ends in {said or 'nothing we know'}. {_help(content)}")
    found = _kind_of(content)
    if found is None:
        raise UploadRefused(f"“{shown}” {_foreign(content)}. {_help(content)}")
    if found != said and {found, said} != {".mp4", ".m4a"}:
        raise UploadRefused(
            f"“{shown}” is not what its name says: inside it is a {found[1:].upper()} file. "
            "Save it again in the program you made it with, and choose that file"
        )
    clean = _CLEANERS[found](shown, content)
    stem = shown[: -len(shown.rpartition(".")[2]) - 1]
    return Upload(f"{stem}{said}", MEDIA[said], said, clean)


def cleaned_name(name: str) -> tuple[str, str]:
    """The name without folders and control characters, short enough to show, and its ending as we write it."""
    bare = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    bare = "".join(letter for letter in bare if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    bare = re.sub(r"[\"<>:|?*%]+", "_", bare).strip().rstrip(" .")
    stem, dot, last = bare.rpartition(".")
    ending = f".{last.lower()}" if dot else ""
    if not dot:
        stem = bare
    stem = stem.strip(" .")[: LONGEST_NAME - len(ending)] or "file"
    return f"{stem}{ending[:20]}", SAME.get(ending, ending[:20])


def _help(content: bytes) -> str:
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        return "It is an iPhone photo of the kind HEIC: send it to yourself as a JPEG and choose that"
    return f"Choose a {KINDS} file"


def _foreign(content: bytes) -> str:
    return next(
        (words for first, words in FOREIGN if content.startswith(first)), "is of a kind we cannot take"
    )


def _kind_of(content: bytes) -> str | None:
    """The ending that fits what is inside, or None."""
    if content.startswith(b"%PDF-"):
        return ".pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content)
    if content[4:8] == b"ftyp":
        return _kind_of_film(content[8:12])
    if content.startswith(b"ID3") or (content[0] == 0xFF and len(content) > 3 and content[1] & 0xE0 == 0xE0):
        return ".mp3" if _is_mp3(content) else None
    return ".txt" if _is_text(content) else None


def _kind_of_film(brand: bytes) -> str | None:
    if brand in (b"M4A ", b"M4B "):
        return ".m4a"
    if brand == b"qt  ":
        return ".mov"
    known = (
        b"isom",
        b"iso2",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"MSNV",
        b"M4V ",
        b"dash",
    )
    return ".mp4" if brand in known or brand[:3] == b"3gp" else None


def _kind_of_archive(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "word/document.xml" in names and "[Content_Types].xml" in names:
                return ".docx"
            if "ppt/presentation.xml" in names and "[Content_Types].xml" in names:
                return ".pptx"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                said = archive.read("mimetype")
                return ".odt" if said == b"application/vnd.oasis.opendocument.text" else None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError, NotImplementedError):
        return None
    return None


def _is_mp3(content: bytes) -> bool:
    """Whether a frame of MPEG audio follows the tag, if there is one."""
    start = 0
    if content.startswith(b"ID3") and len(content) > 10:
        size = content[6:10]
        start = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
    frame = content[start : start + 4].lstrip(b"\0") if start else content[:4]
    if len(frame) < 4:
        frame = content[start:].lstrip(b"\0")[:4]
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return False
    return frame[1] & 0x06 != 0 and frame[2] & 0xF0 != 0xF0 and frame[2] & 0x0C != 0x0C


def _is_text(content: bytes) -> bool:
    try:
        text = _decoded(content)
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text)


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _clean_text(shown: str, content: bytes) -> bytes:
    return _decoded(content).encode()


def _clean_pdf(shown: str, content: bytes) -> bytes:
    if b"%%EOF" not in content[-2048:]:
        raise UploadRefused(f"“{shown}” is cut off or damaged. Save it as a PDF again and choose that")
    _refuse_second_file(shown, content)
    return content


def _refuse_second_file(shown: str, content: bytes) -> None:
    """Refuse a file with the directory of an archive at its end: read from behind it would be another file."""
    if b"PK\x05\x06" in content[-TAIL:]:
        raise UploadRefused(f"“{shown}” holds a second file inside it. Save it again and choose that")


def _clean_sound(shown: str, content: bytes) -> bytes:
    _refuse_second_file(shown, content)
    return content


def _clean_film(shown: str, content: bytes) -> bytes:
    """Walk over the boxes a film is made of: they must end exactly where the file does."""
    at, boxes = 0, 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        elif size == 0:
            size = len(content) - at
        boxes += 1
        if size < 8 or boxes > 100_000:
            raise UploadRefused(f"“{shown}” is damaged. Save or record it again")
        at += size
    if at != len(content):
        raise UploadRefused(f"“{shown}” is cut off: its end is missing. Choose it again")
    _refuse_second_file(shown, content)
    return content


def _clean_archive(shown: str, content: bytes) -> bytes:
    """Unpack every part within a limit, whatever the directory says of their sizes, and keep nothing of it."""
    damaged = UploadRefused(f"“{shown}” cannot be opened: it is damaged or has a password. Save it again")
    too_big = UploadRefused(
        f"“{shown}” is far bigger inside than a document can be. Save it again, or as a PDF"
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_PARTS:
                raise too_big
            if not members or min(member.header_offset for member in members) != 0:
                raise UploadRefused(f"“{shown}” holds a second file inside it. Save it again and choose that")
            unpacked = 0
            for member in members:
                name = member.filename.replace("\\", "/")
                if name.startswith("/") or ".." in name.split("/"):
                    raise damaged
                if name.lower().endswith("vbaproject.bin"):
                    raise UploadRefused(f"“{shown}” has macros in it. Save it without macros, or as a PDF")
                with archive.open(member) as part:
                    while piece := part.read(STEP):
                        unpacked += len(piece)
                        if unpacked > MOST_UNPACKED:
                            raise too_big
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, UploadRefused):
            raise
        raise damaged from error
    return content


def _clean_picture(shown: str, content: bytes) -> bytes:
    """Draw the picture anew, the right way up, without anything that was written beside it."""
    too_big = UploadRefused(f"“{shown}” has too many pixels. Make the picture smaller and choose it again")
    damaged = UploadRefused(f"“{shown}” is a damaged picture. Take or save it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        if picture.width * picture.height > MOST_PIXELS:
            raise too_big
        kind = picture.format
        # One setting for the whole process, which WeasyPrint turns on: then half a picture would pass for whole.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        upright = ImageOps.exif_transpose(picture)
        upright.load()
        bare = Image.new(upright.mode, upright.size)
        bare.paste(upright)
        if upright.mode == "P" and (palette := upright.getpalette("RGBA")):
            bare.putpalette(palette, "RGBA")
        out = io.BytesIO()
        if kind == "JPEG":
            (bare if bare.mode in ("L", "RGB") else bare.convert("RGB")).save(out, "JPEG", quality=88)
        else:
            (bare.convert("RGBA") if bare.mode == "P" else bare).save(out, "PNG")
        return out.getvalue()
    except Image.DecompressionBombError as error:
        raise too_big from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, zlib.error) as error:
        if isinstance(error, UploadRefused):
            raise
        raise damaged from error


_CLEANERS: dict[str, Callable[[str, bytes], bytes]] = {
    ".pdf": _clean_pdf,
    ".docx": _clean_archive,
    ".pptx": _clean_archive,
    ".odt": _clean_archive,
    ".txt": _clean_text,
    ".jpg": _clean_picture,
    ".png": _clean_picture,
    ".mp3": _clean_sound,
    ".m4a": _clean_film,
    ".mp4": _clean_film,
    ".mov": _clean_film,
}
