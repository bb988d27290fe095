"""Every setting is in .env.example and docs/operations.md, and neither names one that does not exist."""

import re

from recovery_college.kernel.settings import Settings
from tests.house.source import ROOT

EXAMPLE = ROOT / ".env.example"
OPERATIONS = ROOT / "docs" / "operations.md"
KNOWN = {f"RC_{name.upper()}" for name in Settings.model_fields}


def example_values(text: str) -> dict[str, str]:
    """The settings of an environment file, as a shell would read them."""
    pairs = (line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value.strip('"') for name, value in pairs}


def table_names(text: str) -> set[str]:
    """The settings that have a row of their own in a Markdown table."""
    return set(re.findall(r"^\| `(RC_[A-Z_]+)`", text, re.MULTILINE))


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(example_values(EXAMPLE.read_text(encoding="utf-8"))) == KNOWN


def test_the_operations_table_names_every_setting_and_no_other() -> None:
    assert table_names(OPERATIONS.read_text(encoding="utf-8")) == KNOWN


def test_the_example_starts_a_service_with_the_defaults() -> None:
    values = example_values(EXAMPLE.read_text(encoding="utf-8"))
    given = {name.removeprefix("RC_").lower(): value for name, value in values.items()}
    assert Settings.model_validate(given) == Settings.model_construct()


def test_a_setting_left_out_or_made_up_is_seen() -> None:
    assert set(example_values('# RC_A=1\nRC_ORG_NAME="A B"\nRC_MADE_UP=1\n')) - KNOWN == {"RC_MADE_UP"}
    assert table_names("| `RC_ORG_NAME` | x |\nsee `RC_BRAND`\n") == {"RC_ORG_NAME"}
