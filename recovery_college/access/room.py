"""A Room is a Blueprint whose routes cannot be added without naming a permission."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint

from recovery_college.access.rules import Permission

View = TypeVar("View", bound=Callable[..., Any])


class Room(Blueprint):
    """One room's pages. `needs` maps each endpoint to what it asks; the gate reads it on every request."""

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name)
        self.needs: dict[str, tuple[Permission, Permission | None]] = {}
        self.largest: dict[str, int] = {}

    def page(
        self,
        rule: str,
        *,
        permission: Permission,
        see: Permission | None = None,
        methods: tuple[str, ...] = ("GET",),
        endpoint: str | None = None,
        largest: int | None = None,
    ) -> Callable[[View], View]:
        """Add a route. Who lacks `permission` but holds `see` is told 403; who holds neither, 404.

        `largest`: how many bytes a file may have where files come in; elsewhere forms are small.

        The endpoint is the view's own name, so `cohort_show` is also its template and half its URL.
        """

        def add(view: View) -> View:
            name = endpoint or view.__name__
            self.needs[f"{self.name}.{name}"] = (permission, see)
            if largest is not None:
                self.largest[f"{self.name}.{name}"] = largest
            Blueprint.add_url_rule(self, rule, name, view, methods=list(methods))
            return view

        return add

    def route(self, rule: str, **options: Any) -> Any:
        """Refused: a route without a permission would be a door without a lock."""
        raise TypeError("use Room.page(..., permission=...)")

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        """Refused, for the same reason."""
        raise TypeError("use Room.page(..., permission=...)")
