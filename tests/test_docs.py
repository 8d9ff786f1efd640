"""What the documents say is what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from app.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(table_heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is."""
    _, _, rest = README.partition(f"| {table_heading} |")
    lines = rest.splitlines()[2:]
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def shown(value: object) -> str:
    if value in (None, ()):
        return "–"
    return f"`{','.join(value) if isinstance(value, tuple) else value}`"


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    """And nothing is there that isn't a setting."""
    expected = {f"`{name.upper()}`": shown(field.default) for name, field in Settings.model_fields.items()}
    assert {row[0]: row[1] for row in rows("Setting")} == expected


def test_every_setting_is_in_the_example_file() -> None:
    """Commented out, with its default."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    found = dict(line[1:].split("=", 1) for line in lines if re.match(r"#[A-Z_]+=", line))
    expected = {
        name.upper(): shown(field.default).strip("`–") for name, field in Settings.model_fields.items()
    }
    assert found == expected


def test_every_dependency_has_its_reason() -> None:
    """In the README, by the name under which it is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {re.split(r"[<>=!\[ ]", entry)[0] for entry in project["project"]["dependencies"]}
    table = rows("Dependency")
    assert {row[0] for row in table} == names
    assert all(len(row) == 3 and row[1] and row[2] for row in table)
    for entry in project["dependency-groups"]["dev"]:
        assert re.split(r"[<>=!\[ ]", entry)[0] in README


def test_links_inside_the_repository_lead_somewhere() -> None:
    """From the README and from the documents."""
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"
