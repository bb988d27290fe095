"""What is taken, and what is refused with a sentence: empty, two kinds at once, bombs, wrong names, huge pictures."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from recovery_college.kernel import uploads
from recovery_college.kernel.uploads import ENDINGS, UploadRefused, checked_upload, cleaned_name

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PLACE = b"52.2053N 0.1218E"


def picture(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture that tells where it was taken."""
    out = io.BytesIO()
    image = Image.new(mode, size, 1 if mode == "P" else None or 0)
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif[0x0112] = 6  # lies on its side
    image.save(out, kind, **({} if kind == "PNG" and mode == "P" else {"exif": exif}))
    return out.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **more})


def film(brand: bytes = b"isom") -> bytes:
    head = struct.pack(">I4s4sI", 20, b"ftyp", brand, 0) + brand
    return head + struct.pack(">I4s", 16, b"mdat") + b"x" * 8


MP3 = b"\xff\xfb\x90\x00" + b"\0" * 400
ODT = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})
PPTX = archive({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"})
TAKEN = {
    "a.pdf": PDF,
    "b.docx": docx(),
    "c.odt": ODT,
    "d.pptx": PPTX,
    "e.txt": "Grüße, naïve café".encode(),
    "f.jpg": picture(),
    "g.png": picture("PNG"),
    "h.mp3": MP3,
    "i.m4a": film(b"M4A "),
    "j.mp4": film(),
    "k.mov": film(b"qt  "),
}


@pytest.mark.parametrize("name", TAKEN)
def test_each_kind_of_the_list_is_taken(name: str) -> None:
    found = checked_upload(name, TAKEN[name])
    assert (found.name, found.ending) == (name, name[1:])
    assert found.content


def test_every_kind_of_the_list_is_tried() -> None:
    assert {name[1:] for name in TAKEN} == set(ENDINGS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_loses_where_it_was_taken_and_stands_upright(kind: str) -> None:
    before = picture(kind)
    assert PLACE in before
    after = checked_upload(f"a.{'jpg' if kind == 'JPEG' else 'png'}", before)
    assert PLACE not in after.content
    drawn = Image.open(io.BytesIO(after.content))
    assert drawn.size == (30, 40)
    assert len(drawn.getexif()) == 0


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "LA"])
def test_pictures_of_every_mode_are_drawn_anew(mode: str) -> None:
    assert checked_upload("a.png", picture("PNG", mode)).content[:4] == b"\x89PNG"


def huge(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is that large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb() -> bytes:
    return docx(**{"word/media/bomb.xml": b"\0" * (uploads.MOST_UNPACKED + STEP)})


STEP = uploads.STEP
REFUSED = [
    ("a.pdf", b"", "is empty"),
    ("a.pdf", b"%PDF-1.7 no end", "cut off or damaged"),
    ("a.pdf.exe", b"MZ\x90\x00" + b"\0" * 50, "ends in .exe"),
    ("a.pdf.exe", PDF, "ends in .exe"),
    ("a.pdf", b"MZ\x90\x00" + b"\0" * 50, "is a program"),
    ("a.pdf", picture(), "not what its name says"),
    ("a.jpg", PDF, "not what its name says"),
    ("a.jpg", b"\xff\xd8\xff\xe0 and then words", "damaged picture"),
    ("a.png", huge(50_000, 50_000), "too many pixels"),
    ("a.png", huge(10_000, 9_000), "too many pixels"),
    ("a.png", huge(900, 900), "damaged picture"),
    ("a.docx", b"PK\x03\x04" + b"\0" * 100, "kind we cannot take"),
    ("a.docx", archive({"evil.js": b"x"}), "kind we cannot take"),
    ("a.docx", docx(**{"../../x": b"x"}), "damaged or has a password"),
    ("a.docx", docx(**{"word/vbaProject.bin": b"x"}), "macros"),
    ("a.pdf", PDF[:-1] + docx() + b"%%EOF", "second file"),
    ("a.mp4", film()[:-4], "cut off"),
    ("a.mp4", film() + docx(), "cut off|damaged|second file"),
    ("a.txt", b"\x00\x01\x02", "kind we cannot take"),
    ("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 20, "iPhone photo"),
    ("a.jpg", b"\0\0\0\x18ftypheic" + b"\0" * 20, "iPhone photo"),
    ("a.html", b"<html><script>alert(1)</script>", "ends in .html"),
    ("a.svg", b"<svg onload='x'/>", "ends in .svg"),
    ("", PDF, "nothing we know"),
    ("a", PDF, "nothing we know"),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=range(len(REFUSED)))
def test_each_refusal_says_why(name: str, content: bytes, words: str) -> None:
    with pytest.raises(UploadRefused, match=words):
        checked_upload(name, content)


def test_a_zip_bomb_is_stopped_while_it_unpacks() -> None:
    made = bomb()
    assert len(made) < 2 * STEP
    with pytest.raises(UploadRefused, match="far bigger inside"):
        checked_upload("a.docx", made)


def test_a_file_of_more_than_fifty_megabytes_is_refused() -> None:
    with pytest.raises(UploadRefused, match="bigger than 50 MB"):
        checked_upload("a.pdf", b"%PDF-" + bytes(uploads.MOST_BYTES))


def test_a_second_file_before_the_first_is_refused() -> None:
    """Read from the front it would be a page, from behind a document."""
    with pytest.raises(UploadRefused):
        checked_upload("a.docx", b"<html><script>x</script></html>" + docx())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\Users\\me\\my work.PDF", "my work.pdf"),
        ("..\\..\\evil.docx", "evil.docx"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ('we"ird<>name.txt', "we_ird_name.txt"),
        ("line\r\nbreak.pdf", "linebreak.pdf"),
        (".pdf", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("photo.JPEG", "photo.jpeg"),
        ("…", "…"),
    ],
)
def test_a_name_is_only_ever_a_name(name: str, shown: str) -> None:
    assert cleaned_name(name)[0] == shown


@given(st.text())
def test_no_name_leaves_the_folder_or_breaks_a_header(name: str) -> None:
    shown, ending = cleaned_name(name)
    assert shown
    assert len(shown) <= uploads.LONGEST_NAME + 20
    assert not set('/\\\r\n\0"<>') & set(shown)
    assert not shown.startswith(".")
    assert ending == ending.lower()


@given(st.binary(max_size=300), st.sampled_from(ENDINGS))
def test_whatever_is_inside_is_taken_or_refused_in_words(content: bytes, ending: str) -> None:
    said = ""
    try:
        found = checked_upload(f"a{ending}", content).ending
    except UploadRefused as refusal:
        found, said = "", str(refusal)
    assert found in ENDINGS or said.startswith("“")
