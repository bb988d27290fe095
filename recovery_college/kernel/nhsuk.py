"""NHS.UK frontend's components, as functions our templates and form fields call.

The published macros lean on undefined values being quietly empty. Ours must not: a misspelt variable in one
of our templates has to fail in a test. So the macros live in an environment of their own.
"""

import marshal
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from jinja2 import ChainableUndefined, Environment, PackageLoader
from jinja2.runtime import Macro
from markupsafe import Markup


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a package's templates do not change while we run: no need to look on every use
    )


_KEPT = 1_000_000
"""Characters that one component remembers before it forgets all and begins anew."""


class Component:
    """One component's macro, which remembers what it drew of plain words.

    A macro gives the same for the same parameters and costs a third of a millisecond: the skip link, the back
    link and most buttons are the same on every page. Only plain text, numbers, lists and mappings are
    remembered: anything with ready-made HTML in it, such as a form's token, is drawn each time.
    """

    def __init__(self, macro: Macro) -> None:
        self._macro = macro
        self._drawn: dict[bytes, Markup] = {}
        self._kept = 0

    def __call__(self, params: Mapping[str, object], **more: object) -> Markup:
        """Draw the component; `caller`, which `{% call %}` gives, is passed on."""
        key = None if more else _key_of(params)
        if key is None:
            return cast(Markup, self._macro(params, **more))
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = cast(Markup, self._macro(params))
            self._keep(key, drawn)
        return drawn

    def _keep(self, key: bytes, drawn: Markup) -> None:
        size = len(key) + len(drawn)
        if self._kept + size > _KEPT:
            self._drawn.clear()
            self._kept = 0
        if size < _KEPT // 10:
            self._drawn[key] = drawn
            self._kept += size


def _key_of(params: Mapping[str, object]) -> bytes | None:
    """These parameters as bytes, or None when they are not only plain values (`marshal` takes exact types only)."""
    try:
        return marshal.dumps(cast(Any, params), 2)
    except ValueError:
        return None


@cache
def component(name: str) -> Component:
    """Return one component; `name` is its folder, with hyphens or underscores ("error_summary").

    It takes one mapping of parameters, as https://service-manual.nhs.uk documents them, and gives Markup.
    Compiled on first use. Raises jinja2.TemplateNotFound for a component that does not exist.
    """
    folder = name.replace("_", "-")
    module = _environment().get_template(f"nhsuk/components/{folder}/macro.jinja").module
    (macro,) = [value for value in vars(module).values() if isinstance(value, Macro)]
    return Component(macro)


def compile_components() -> None:
    """Compile every component, so that nobody's first page waits for it."""
    environment = _environment()
    for name in environment.list_templates(extensions=["jinja"]):
        if name.startswith("nhsuk/components/"):
            environment.get_template(name)


class Nhsuk:
    """`{{ nhsuk.button({...}) }}` or `{{ nhsuk["error-summary"]({...}) }}` in a template."""

    def __getattr__(self, name: str) -> Component:
        if name.startswith("_"):
            raise AttributeError(name)
        return component(name)

    def __getitem__(self, name: str) -> Component:
        return component(name)
