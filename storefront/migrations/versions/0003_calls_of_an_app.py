"""calls of an app"""

import sqlalchemy as sa
from alembic import op

from campaigns.tables import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("usage", sa.Integer(), nullable=True),
        sa.Column("usage_at", UtcTime, nullable=True),
        sa.Column("rests_until", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app")),
    )
    op.create_table(
        "spending",
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("slot", UtcTime, nullable=False),
        sa.Column("village_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("app", "slot", "village_id", name=op.f("pk_spending")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("app", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("rests_until", UtcTime, nullable=True))
        batch_op.create_index(batch_op.f("ix_account_app"), ["app"], unique=False)
