"""hours of a village: its rhythm is read from one row an hour, not from those of each of its links"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roll_village_hour",
        sa.Column("village_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("village_id", "hour", name=op.f("pk_roll_village_hour")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO roll_village_hour (village_id, hour, people)"
        " SELECT link.village_id, roll_hour.hour, sum(roll_hour.clicks) FROM roll_hour JOIN link ON link.id = roll_hour.link_id"
        " WHERE roll_hour.kind = 0 GROUP BY link.village_id, roll_hour.hour"  # people
    )
