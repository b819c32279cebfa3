"""the index of the search: FTS5 in SQLite, full text in PostgreSQL; the shop fills it when it next runs"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FTS = {"search_entry": "fts_entry", "search_word": "fts_word"}


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("village_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("village_id", "kind", "thing_id", name=op.f("uq_search_entry_village_id")),
    )
    op.create_table(
        "search_word",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("village_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
        sa.UniqueConstraint("village_id", "word", name=op.f("uq_search_word_village_id")),
    )
    op.create_table(
        "search_village",
        sa.Column("village_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("village_id", name=op.f("pk_search_village")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # A cast takes what stands between spaces as it is; to_tsvector would cut words up by the host's locale. A function of its own, said
        # to be dear, keeps the planner from casting each row of a village instead of asking the index.
        body = "BEGIN RETURN CAST(texts AS tsvector); END"
        how = "RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000"
        op.execute(f"CREATE FUNCTION search_terms(texts text) {how} AS '{body}'")
    for table, fts in FTS.items():
        _let_it_be_searched(table, fts)


def _let_it_be_searched(table: str, fts: str) -> None:
    """The words are folded and parted by us, so neither database's own idea of a word is used."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX {fts} ON {table} USING gin (search_terms(texts))")
        return
    split = "tokenize=\"ascii tokenchars '_'\""
    op.execute(f"CREATE VIRTUAL TABLE {fts} USING fts5(texts, content='{table}', content_rowid='id', {split})")
    added = f"INSERT INTO {fts} (rowid, texts) VALUES (new.id, new.texts);"  # noqa: S608 - our own names
    gone = f"INSERT INTO {fts} ({fts}, rowid, texts) VALUES ('delete', old.id, old.texts);"  # noqa: S608
    op.execute(f"CREATE TRIGGER {fts}_added AFTER INSERT ON {table} BEGIN {added} END")
    op.execute(f"CREATE TRIGGER {fts}_gone AFTER DELETE ON {table} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {fts}_changed AFTER UPDATE ON {table} BEGIN {gone} {added} END")
