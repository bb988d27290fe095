"""The drawing of the rooms shows the imports of the code, and only those."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts.draw_rooms import draw, imports_between, rows

LAYERS = [["app", "demo"], ["courses"], ["people"], ["kernel"]]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Three rooms and a factory; `people` stands, but is imported by nothing."""
    folder = tmp_path / "recovery_college"
    texts = {
        "app.py": "from recovery_college import courses\nimport recovery_college.kernel.db\n",
        "courses/views.py": "def f():\n    from recovery_college.kernel import db\n",
        "courses/models.py": "from recovery_college.kernel.db import Base\nfrom . import rules\n",
        "courses/rules.py": "import enum\n",
        "people/rules.py": "import enum\n",
        "kernel/db.py": "import sqlalchemy\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_it_counts_the_files_that_import_another_room(package: Path) -> None:
    assert imports_between(package) == {
        ("app", "courses"): 1,
        ("app", "kernel"): 1,
        ("courses", "kernel"): 2,
    }


def test_it_draws_each_room_and_each_import_once(package: Path) -> None:
    root = ElementTree.fromstring(draw(package, LAYERS))
    space = "{http://www.w3.org/2000/svg}"
    rooms = [text.text for text in root.iter(f"{space}text") if text.get("class") == "room"]
    assert rooms == ["app", "courses", "people", "kernel"]
    assert len(list(root.iter(f"{space}circle"))) == 3
    description = root.find(f"{space}desc")
    assert description is not None
    assert (
        description.text == "app imports courses in 1; app imports kernel in 1; courses imports kernel in 2."
    )


def test_it_refuses_to_draw_an_import_that_runs_upwards(package: Path) -> None:
    (package / "kernel" / "db.py").write_text("import recovery_college.people.rules\n", encoding="utf-8")
    with pytest.raises(ValueError, match="upwards"):
        draw(package, LAYERS)


def test_it_takes_its_order_from_the_contract() -> None:
    names = [name for row in rows() for name in row]
    assert names.index("careers") < names.index("assessment") < names.index("kernel")
