"""Copy the built parts of nhsuk-frontend we serve, without what is not ours to serve.

    python tools/vendor_nhsuk.py path/to/nhsuk-frontend-10.6.1/package

The published style sheet fetches Frutiger from assets.nhs.uk. That font is licensed to NHS bodies, and our
content security policy allows no other host, so the two @font-face rules go and the family becomes Arial.
Icon addresses become relative, and the pointers to source maps (not shipped) go. The images that carry the
NHS mark (favicons, touch icons, the sharing image) are left out.
"""

import re
import shutil
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor" / "nhsuk-frontend"
MARKED = {"nhsuk-icon-mask.svg", "nhsuk-icon-180.png", "nhsuk-icon-192.png", "nhsuk-icon-512.png"}


def style_sheet(published: str) -> str:
    """Return the published CSS without Frutiger, with icon addresses relative to the file."""
    css = re.sub(r"@font-face\{[^}]*Frutiger[^}]*\}", "", published)
    css = css.replace("Frutiger W01,arial,sans-serif", "arial,Liberation Sans,sans-serif")
    css = css.replace("url(/assets/images/", "url(images/")
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    if "Frutiger" in css or "assets.nhs.uk" in css or "url(/" in css:
        raise SystemExit("The published style sheet has changed shape: read it again before shipping it.")
    return css


def main(package: Path) -> None:
    """Rebuild static/vendor/nhsuk-frontend from an unpacked npm package."""
    built = package / "dist" / "nhsuk"
    (version_css,) = built.glob("nhsuk-frontend-[0-9]*.min.css")
    (version_js,) = built.glob("nhsuk-frontend-[0-9]*.min.js")
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "images").mkdir(parents=True)
    (TARGET / version_css.name).write_text(style_sheet(version_css.read_text("utf-8")), "utf-8")
    script = re.sub(r"//# sourceMappingURL=.*", "", version_js.read_text("utf-8"))
    (TARGET / version_js.name).write_text(script, "utf-8")
    for icon in sorted((built / "assets" / "images").glob("nhsuk-icon-*")):
        if icon.name not in MARKED:
            shutil.copyfile(icon, TARGET / "images" / icon.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
