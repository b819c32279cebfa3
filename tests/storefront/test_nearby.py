"""How far it is from one attraction to the next."""

import making
import pytest
import sqlalchemy as sa

from storefront import attractions, database, nearby

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_nearest_come_first_and_what_is_far_or_nowhere_is_left_out(engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
        here = making.attraction(connection, village, name="Gapura", latitude=-7.8, longitude=112.5)
        for name, latitude in (("Bukit", -7.82), ("Pasar", -7.801), ("Pantai", -8.4), ("Di mana", None)):
            making.attraction(connection, village, name=name, latitude=latitude, longitude=None if latitude is None else 112.5)
        near = nearby.of(here, attractions.listed(connection, village))
    assert [(one.attraction.name["id"], one.metres, one.minutes) for one in near] == [("Pasar", 150, 2), ("Bukit", 2900, 41)]
