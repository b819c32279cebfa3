"""Every page and picture made before a guest asks for it."""

from collections.abc import Callable
from typing import Any

import making
import pytest
import sqlalchemy as sa

from storefront import database, warming


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_warming_leaves_every_picture_on_disk_and_counts_nobody(engine: sa.Engine, serve: Callable[..., Any]) -> None:
    served = serve(engine)
    with database.writing(engine) as connection:
        village = making.village(connection)
        photo = making.photo(connection, served.store, village)
        making.product(connection, village, making.maker(connection, village), photo_ids=[photo.id])
    told: list[tuple[int, int]] = []
    warmed = warming.warm(served.url, served.url, progress=lambda done, of: told.append((done, of)))
    assert warmed.failed == ()
    assert warmed.pages >= 8
    assert told[-1][0] < told[-1][1] == warmed.pages + warmed.pictures
    made = {path.name for path in served.store.folder.rglob("*") if path.is_file()}
    assert f"{photo.sha256}-480.avif" in made
    assert any(name.startswith("1-product-1-id-") for name in made)
    with database.reading(engine) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM outcome")).scalar_one() == 0


def test_a_shop_that_is_not_open_is_said_so() -> None:
    with pytest.raises(warming.NotRunning):
        warming.warm("http://127.0.0.1:9", "http://127.0.0.1:9")
