"""Settings: one table, from the environment or a file, and what is empty falls into the data folder."""

from pathlib import Path

import pytest

from storefront import settings


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in settings.table():
        monkeypatch.delenv(row.name, raising=False)


def test_what_is_not_said_stands_in_the_data_folder(tmp_path: Path) -> None:
    chosen = settings.load(tmp_path)
    assert chosen.database_url == f"sqlite:///{tmp_path}/gapura.db"
    assert chosen.media == tmp_path / "media"


def test_the_file_in_the_data_folder_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gapura.env").write_text("GAPURA_PUBLIC_URL=https://desa.example.id/\nGAPURA_PORT=8123\n", encoding="utf-8")
    monkeypatch.setenv("GAPURA_PORT", "9000")
    chosen = settings.load(tmp_path)
    assert chosen.public_url == "https://desa.example.id"
    assert chosen.port == 9000


def test_the_secret_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPURA_SECRET", "s" * 40)
    assert "s" * 40 not in repr(settings.load(tmp_path))


def test_every_setting_has_a_sentence_of_help() -> None:
    assert [row.name for row in settings.table() if len(row.help) < 20] == []


def test_the_readme_prints_the_table_of_settings() -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    missing = [
        row.name for row in settings.table() if f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.help} |" not in readme
    ]
    assert missing == []
