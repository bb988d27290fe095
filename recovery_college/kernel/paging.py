"""A list in pages by number: which page is asked for, where it begins, how many there are."""

from dataclasses import dataclass

from flask import request

from recovery_college.kernel.numbers import number_in

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of so many rows. A page beyond the last is the last; an empty list has one."""

    number: int
    count: int
    size: int = A_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.count // self.size))

    @property
    def skipped(self) -> int:
        """How many rows stand on the pages before."""
        return (self.number - 1) * self.size


def page_of(asked: int, count: int, size: int = A_PAGE) -> Page:
    """The page asked for, or the nearest that there is."""
    last = max(1, -(-count // size))
    return Page(min(max(asked, 1), last), count, size)


def page_asked_for(name: str = "page") -> int:
    """The number in the address; 1 where it is none. A page with two lists has a name for each."""
    return number_in(request.args.get(name), 1, digits=5)
