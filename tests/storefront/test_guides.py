"""The guides to begin with: every page they name opens, the desk calls it what they call it, and every command is there."""

import re
from html import unescape
from pathlib import Path

import pytest
from desk_hands import Hands
from typer.main import get_command

from storefront import cli, forgetting, languages

GUIDES = Path(__file__).parent.parent.parent / "docs" / "guides"
FILES = {"id": "mulai.id.md", "en": "start.en.md"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", FILES)
def test_every_page_a_guide_names_opens_and_is_called_so(hands: Hands, language: str) -> None:
    text = (GUIDES / FILES[language]).read_text(encoding="utf-8")
    hands.as_member(login="budi", language=language)
    pages = re.findall(r"\*\*([^*]+)\*\*\s+\(`(/desk/[a-z/]+)`\)", text)
    assert len(pages) == 16
    words = set(languages.words(language).values())
    answers = [hands.get(path) for path in ("/desk/unggahan", *(path for _, path in pages))]
    assert [answer.status_code for answer in answers] == [200] * 17
    said = unescape("\n".join(answer.text for answer in answers))
    called = [name for name, _ in pages if name in words]
    assert len(called) >= 12
    assert [name for name in called if f">{name}<" not in said] == []


@pytest.mark.parametrize("language", FILES)
def test_every_command_of_a_guide_is_there_and_its_promise_is_kept(language: str) -> None:
    text = (GUIDES / FILES[language]).read_text(encoding="utf-8")
    assert set(re.findall(r"bin/gapura ([a-z]+)", text)) <= set(get_command(cli.app).commands)  # type: ignore[attr-defined]
    assert f"{forgetting.KEPT.days} {'hari' if language == 'id' else 'days'}" in text
