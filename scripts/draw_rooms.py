"""Draw docs/architecture.svg from what the code really imports: `make drawing`.

Each room is a box on a staircase, in the order of the import contract; a line runs from a room to each lower
room whose code it imports. Nothing is drawn by hand, so the drawing cannot flatter.
"""

import ast
import sys
import tomllib
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "recovery_college"
# In units of the drawing; TRUNK is how far right of a box's edge its line starts.
LEFT, TOP, STEP_RIGHT, STEP_DOWN, BOX_WIDTH, BOX_HEIGHT, TRUNK = 24, 24, 62, 54, 112, 38, 20
STYLE = """<style>
rect { fill: #fff; stroke: #005eb8; stroke-width: 2 }
path { fill: none; stroke: #768692; stroke-width: 1.5 }
circle { fill: #005eb8 }
text { font-family: Arial, 'Liberation Sans', sans-serif; text-anchor: middle; fill: #212b32 }
.ground { fill: #f0f4f5; stroke: none }
.room { font-size: 14px; font-weight: bold }
.count { font-size: 11px }
.number { font-size: 11px; font-weight: bold; fill: #fff }
.note { font-size: 14px; text-anchor: end }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9"
  markerUnits="userSpaceOnUse">
  <path d="M0 0 L8 4 L0 8 z" style="fill: #768692; stroke: none"/></marker></defs>"""


def rows() -> list[list[str]]:
    """The rooms of each layer, highest first, as pyproject.toml's contract names them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "rooms")
    return [[name.strip(" ()") for name in layer.replace("|", ":").split(":")] for layer in layers]


def room_of(module: str) -> str:
    """The room a dotted module name lies in; empty for anything that is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


def imports_between(package: Path) -> Counter[tuple[str, str]]:
    """How many files of one room import another: {(importer, imported): files}."""
    files: Counter[tuple[str, str]] = Counter()
    for file in sorted(package.rglob("*.py")):
        importer = room_of(".".join((PACKAGE, *file.relative_to(package).with_suffix("").parts)))
        targets = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            if isinstance(node, ast.Import):
                targets |= {room_of(alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                targets.add(room_of(node.module))
        files.update((importer, target) for target in targets - {"", importer})
    return files


def box(name: str, step: int, files: int) -> str:
    """A room on its step: its name, and how many files it holds."""
    x, y = LEFT + step * STEP_RIGHT, TOP + step * STEP_DOWN
    count = f"{files} file" + ("" if files == 1 else "s")
    return (
        f'<g transform="translate({x} {y})"><rect width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4"/>'
        f'<text x="{BOX_WIDTH / 2:g}" y="16" class="room">{escape(name)}</text>'
        f'<text x="{BOX_WIDTH / 2:g}" y="30" class="count">{count}</text></g>'
    )


def lines(steps: dict[str, int], edges: dict[tuple[str, str], int]) -> list[str]:
    """A line down from each importing room, one across into each imported room, and a number where they meet.

    Rooms stand on a staircase, so neither line can cross a box.
    """
    drawn, numbers = [], []
    for upper, step in steps.items():
        met = [steps[lower] for importer, lower in edges if importer == upper]
        if met:
            x = LEFT + step * STEP_RIGHT + TRUNK
            y = TOP + step * STEP_DOWN + BOX_HEIGHT
            drawn.append(f'<path d="M{x} {y}V{TOP + max(met) * STEP_DOWN + BOX_HEIGHT // 2}"/>')
    for lower, step in steps.items():
        met = [steps[upper] for upper, imported in edges if imported == lower]
        if met:
            x, y = LEFT + min(met) * STEP_RIGHT + TRUNK, TOP + step * STEP_DOWN + BOX_HEIGHT // 2
            drawn.append(f'<path d="M{x} {y}H{LEFT + step * STEP_RIGHT - 3}" marker-end="url(#head)"/>')
    for (upper, lower), files in edges.items():
        x = LEFT + steps[upper] * STEP_RIGHT + TRUNK
        y = TOP + steps[lower] * STEP_DOWN + BOX_HEIGHT // 2
        numbers.append(
            f'<circle cx="{x}" cy="{y}" r="9"/><text x="{x}" y="{y + 4}" class="number">{files}</text>'
        )
    return drawn + numbers


def size_of(room: Path) -> int:
    """The Python files of a room that hold more than nothing."""
    files = room.rglob("*.py") if room.is_dir() else [room.with_suffix(".py")]
    return sum(1 for file in files if file.is_file() and file.stat().st_size)


def draw(package: Path, layers: list[list[str]]) -> str:
    """The drawing as SVG. A room that has no file yet is left out.

    Raises ValueError where an import runs upwards: lint refuses it, and a drawing must not hide it.
    """
    names = [name for layer in layers for name in layer if size_of(package / name)]
    steps = {name: step for step, name in enumerate(names)}
    edges = {
        pair: files for pair, files in sorted(imports_between(package).items()) if set(pair) <= set(steps)
    }
    top_layer = set(layers[0])
    upwards = [pair for pair in edges if steps[pair[0]] > steps[pair[1]] and not set(pair) <= top_layer]
    if upwards:
        raise ValueError(f"These imports run upwards: {upwards}")
    edges = {pair: files for pair, files in edges.items() if steps[pair[0]] < steps[pair[1]]}
    width = LEFT * 2 + STEP_RIGHT * (len(names) - 1) + BOX_WIDTH
    height = TOP + STEP_DOWN * (len(names) - 1) + BOX_HEIGHT + LEFT
    said = "; ".join(f"{upper} imports {lower} in {files}" for (upper, lower), files in edges.items())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
            ' aria-labelledby="title description">',
            '<title id="title">The rooms of the code and which room imports which</title>',
            f'<desc id="description">{escape(said)}.</desc>',
            STYLE,
            f'<rect width="{width}" height="{height}" class="ground"/>',
            f'<text x="{width - LEFT}" y="36" class="note">Follow a line down from a room and right into'
            " another: the first imports the second.</text>",
            f'<text x="{width - LEFT}" y="56" class="note">The number says in how many files.'
            " No line runs upwards: lint would refuse it.</text>",
            *lines(steps, edges),
            *(box(name, step, size_of(package / name)) for name, step in steps.items()),
            "</svg>\n",
        ]
    )


def main() -> None:
    """Write the drawing, and say where it is."""
    target = ROOT / "docs" / "architecture.svg"
    target.write_text(draw(ROOT / PACKAGE, rows()), encoding="utf-8")
    sys.stdout.write(f"drawn: {target.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
