"""What the README promises is there: every file it links, every command it names, every target of make."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from storefront import cli

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "assets").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_linked_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (page.parent / link).exists()] == []
    assert inside or page.name != "README.md" or page.parent != ROOT


def test_every_command_of_the_readme_is_there_and_every_command_is_in_the_readme() -> None:
    named = set(re.findall(r"`gapura ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named == set(get_command(cli.app).commands)  # type: ignore[attr-defined]


def test_every_target_of_make_that_the_readme_names_is_there() -> None:
    named = set(
        re.findall(r"make ([a-z]+)\b", " ".join(re.findall(r"`[^`]*`|^ {4}.*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)))
    )
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert {"demo", "test"} <= named <= targets
