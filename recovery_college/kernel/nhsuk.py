"""NHS.UK frontend's components, as functions our templates and form fields call.

The published macros lean on undefined values being quietly empty. Ours must not: a misspelt variable in one
of our templates has to fail in a test. So the macros live in an environment of their own.
"""

from collections.abc import Callable
from functools import cache
from typing import cast

from jinja2 import ChainableUndefined, Environment, PackageLoader
from jinja2.runtime import Macro
from markupsafe import Markup

MacroCall = Callable[..., Markup]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def component(name: str) -> MacroCall:
    """Return one component's macro; `name` is its folder, with hyphens or underscores ("error_summary").

    It takes one mapping of parameters, as https://service-manual.nhs.uk documents them, and gives Markup.
    Compiled on first use. Raises jinja2.TemplateNotFound for a component that does not exist.
    """
    folder = name.replace("_", "-")
    module = _environment().get_template(f"nhsuk/components/{folder}/macro.jinja").module
    (macro,) = [value for value in vars(module).values() if isinstance(value, Macro)]
    return cast(MacroCall, macro)


class Nhsuk:
    """`{{ nhsuk.button({...}) }}` or `{{ nhsuk["error-summary"]({...}) }}` in a template."""

    def __getattr__(self, name: str) -> MacroCall:
        if name.startswith("_"):
            raise AttributeError(name)
        return component(name)

    def __getitem__(self, name: str) -> MacroCall:
        return component(name)
