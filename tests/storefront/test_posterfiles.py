"""`gapura poster`: the pictures of a product, or of all, as files; a name that is not there is answered with the likeliest ones."""

from pathlib import Path

import making
import pytest
from PIL import Image
from typer.testing import CliRunner

from promo import posters
from storefront import cli, database, settings
from storefront.media import Store


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The data folder of a village with two products on show."""
    chosen = settings.load(tmp_path / "data")
    engine = database.open_engine(chosen.database_url)
    database.migrate(engine)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        maker_id = making.maker(connection, village_id)
        photo = making.photo(connection, Store(chosen.media), village_id, width=900, height=700)
        for name in ("Keripik apel", "Teh krisan"):
            making.product(connection, village_id, maker_id, name=name, photo_ids=[photo.id])
        making.product(connection, village_id, maker_id, name="Tanpa foto")
    engine.dispose()
    return tmp_path


def run(house: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["poster", *words, "--data", str(house / "data"), "--out", str(house / "out")])
    return done.exit_code, " ".join((done.output + (done.stderr if done.stderr_bytes else "")).split())


def drawn(house: Path) -> dict[str, tuple[int, int]]:
    return {path.name: Image.open(path).size for path in sorted((house / "out").glob("*.jpg"))}


@pytest.mark.parametrize("wanted", ["keripik-apel", "1", "KERIPIK APEL"])
def test_a_product_is_drawn_in_a_look_and_every_format(house: Path, wanted: str) -> None:
    code, told = run(house, wanted, "--template", "bingkai")
    assert code == 0
    assert drawn(house) == {f"keripik-apel-bingkai-{name}.jpg": size for name, size in posters.FORMATS.items()}
    assert "4 " in told


def test_all_on_show_are_drawn_with_a_bar(house: Path) -> None:
    code, told = run(house, "--all", "--format", "square")
    assert code == 0
    assert list(drawn(house)) == ["keripik-apel-foto-penuh-square.jpg", "teh-krisan-foto-penuh-square.jpg"]
    assert "2/2" in told


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        (["keripik-apl"], ["keripik-apl", "keripik-apel"]),
        (["keripik-apel", "--template", "foto"], ["“foto”", "foto-penuh"]),
        (["keripik-apel", "--template", "slide-sampul"], ["“slide-sampul”"]),
        (["keripik-apel", "--format", "bulat"], ["“bulat”", "square"]),
        (["keripik-apel", "--village", "lain"], ["“lain”", "wonorejo"]),
        ([], ["gapura poster --all"]),
        (["keripik-apel", "--all"], ["gapura poster --all"]),
    ],
)
def test_what_is_not_there_is_told_with_what_is(house: Path, words: list[str], sentences: list[str]) -> None:
    code, told = run(house, *words)
    assert code == 1
    assert all(one in told for one in sentences)
    assert drawn(house) == {}


def test_a_folder_that_cannot_be_written_is_told(house: Path) -> None:
    (house / "out").write_text("a file, no folder")
    code, told = run(house, "keripik-apel", "--format", "square", "--template", "belah")
    assert code == 1
    assert "Tidak bisa menulis" in told or "Cannot write" in told
