"""The tables of the shop: villages, makers, products, attractions, photos, staff and orders."""

import sqlalchemy as sa

import campaigns.tables
from campaigns.tables import UtcTime, number_id

metadata = sa.MetaData(naming_convention=campaigns.tables.metadata.naming_convention)

# Columns of type JSON called name, story, unit ... hold words by language: {"id": "Keripik apel", "en": "Apple crisps"}.

village = sa.Table(
    "village",
    metadata,
    number_id(),
    sa.Column("code10", sa.Text, unique=True),  # Kemendagri's code without dots; names are not unique
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("regency", sa.Text, nullable=False),
    sa.Column("province", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),  # Asia/Jakarta | Asia/Makassar | Asia/Jayapura
    sa.Column("story", sa.JSON, nullable=False),
    sa.Column("brand", sa.JSON, nullable=False),  # colours by role, tagline by language, hashtags
    sa.Column("whatsapp", sa.Text),
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("photo_id", sa.BigInteger),
    sa.Column("is_demo", sa.Boolean, nullable=False),
    sa.Column("needs_approval", sa.Boolean, nullable=False, default=False),  # posts wait for the village head
    sa.Column("payments", sa.JSON, nullable=False, default=lambda: {}),  # as maker.payments, for all makers who have none of that kind
    sa.Column("revision", sa.BigInteger, nullable=False),  # counts up with every change a tourist could see
    sa.Column("made_at", UtcTime, nullable=False),
)

photo = sa.Table(
    "photo",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),  # of the master JPEG in the media folder
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("focus_x", sa.Float, nullable=False),  # 0..1 from the left
    sa.Column("focus_y", sa.Float, nullable=False),  # 0..1 from the top
    sa.Column("colour", sa.Text, nullable=False),  # mean colour, #rrggbb, shown while loading
    sa.Column("alt", sa.JSON, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.UniqueConstraint("village_id", "sha256"),
)

maker = sa.Table(
    "maker",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # person | group | bumdes
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("story", sa.JSON, nullable=False),
    sa.Column("place", sa.JSON, nullable=False),  # where the stall is, in words
    sa.Column("whatsapp", sa.Text, nullable=False),  # E.164 digits without +
    sa.Column("photo_id", sa.BigInteger, sa.ForeignKey("photo.id")),
    sa.Column("consent_at", UtcTime),  # name, story and face are public only after this
    sa.Column("payments", sa.JSON, nullable=False),  # {file in storefront/payments: what she typed in for it}
    sa.Column("key_round", sa.Integer, nullable=False),  # counts up to revoke all links that let her in without a login
    sa.Column("hours", sa.JSON, nullable=False, default=lambda: {}),  # as attraction.hours: when goods can be collected from her
    sa.Column("made_at", UtcTime, nullable=False),
    sa.UniqueConstraint("village_id", "slug"),
)

attraction = sa.Table(
    "attraction",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("story", sa.JSON, nullable=False),
    sa.Column("safety", sa.JSON, nullable=False),
    sa.Column("hours", sa.JSON, nullable=False),  # {"mon": ["07:00", "17:00"], ...}; a day left out is closed
    sa.Column("last_entry", sa.Text),  # "16:00"
    sa.Column("ticket_idr", sa.BigInteger, nullable=False),  # 0 = free
    sa.Column("facilities", sa.JSON, nullable=False),  # keys of assets/languages: ["toilet", "prayer_room"]
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("photo_id", sa.BigInteger, sa.ForeignKey("photo.id")),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.UniqueConstraint("village_id", "slug"),
)

product = sa.Table(
    "product",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("maker_id", sa.BigInteger, sa.ForeignKey("maker.id"), nullable=False, index=True),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # key of a category in assets/languages
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("story", sa.JSON, nullable=False),
    sa.Column("unit", sa.JSON, nullable=False),  # "bungkus 250 g"
    sa.Column("price_idr", sa.BigInteger, nullable=False),
    sa.Column("stock", sa.BigInteger),  # pieces left; empty = not counted
    sa.Column("stock_state", sa.Text, nullable=False),  # ready | to_order | sold_out
    sa.Column("marks", sa.JSON, nullable=False),  # {"pirt": "...", "halal": "..."}: never without a number
    sa.Column("state", sa.Text, nullable=False),  # draft | live | hidden
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("has_options", sa.Boolean, nullable=False, default=False),
    sa.Column("option_of", sa.BigInteger, sa.ForeignKey("product.id"), index=True),  # an option is a product of its own under another
    sa.UniqueConstraint("village_id", "slug"),
    sa.CheckConstraint("price_idr > 0", name="price_is_positive"),
    sa.CheckConstraint("stock >= 0", name="stock_is_not_negative"),
)

product_photo = sa.Table(
    "product_photo",
    metadata,
    sa.Column("product_id", sa.BigInteger, sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("photo_id", sa.BigInteger, sa.ForeignKey("photo.id"), nullable=False),
)

staff = sa.Table(
    "staff",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False, index=True),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),  # operator | head | contributor
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),  # argon2id
    sa.Column("state", sa.Text, nullable=False),  # open | closed
    sa.Column("made_at", UtcTime, nullable=False),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("id_hash", sa.Text, primary_key=True),  # SHA-256 of the cookie's 256 random bits
    sa.Column("staff_id", sa.BigInteger, sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("ends_at", UtcTime, nullable=False),
)

report_share = sa.Table(
    "report_share",  # an address for reading the report without a login; unguessable, and closed by a tap
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False, index=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),  # 128 random bits
    sa.Column("title", sa.Text, nullable=False),  # for whom it was made
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("closed_at", UtcTime),
)

order = sa.Table(
    "order",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),  # what people say: "K7Q2X"
    sa.Column("token", sa.Text, nullable=False, unique=True),  # what opens the order page: 128 random bits
    sa.Column("form_key", sa.Text, nullable=False, unique=True),  # made with the form: a double tap gives one order
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("whatsapp", sa.Text, nullable=False),
    sa.Column("delivery", sa.Text, nullable=False),  # pickup | village | send
    sa.Column("area", sa.Text),  # where the village's courier goes, as it was called then
    sa.Column("fee_idr", sa.BigInteger, nullable=False, default=0),  # of the village's courier, for the whole order
    sa.Column("address", sa.Text),
    sa.Column("pickup_at", UtcTime),
    sa.Column("note", sa.Text),
    sa.Column("payment", sa.Text, nullable=False),  # the name of a file in storefront/payments
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("total_idr", sa.BigInteger, nullable=False),
    sa.Column("link_id", sa.BigInteger, nullable=False),  # the link it came from; 0 = nobody knows
    sa.Column("click_key", sa.BigInteger),
    sa.Column("placed_at", UtcTime, nullable=False),
    sa.UniqueConstraint("village_id", "code"),
    sa.Index("ix_order_village_id_placed_at", "village_id", "placed_at"),
)

order_part = sa.Table(
    "order_part",  # what one maker has to do of an order
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("order_id", sa.BigInteger, sa.ForeignKey("order.id"), nullable=False, index=True),
    sa.Column("maker_id", sa.BigInteger, sa.ForeignKey("maker.id"), nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),  # intent > confirmed > ready > done / cancelled / expired
    sa.Column("total_idr", sa.BigInteger, nullable=False),
    sa.Column("whatsapp_at", UtcTime),  # when the buyer was handed to WhatsApp
    sa.Column("courier", sa.Text),  # who brings a parcel that is sent home
    sa.Column("fee_idr", sa.BigInteger),  # what that costs; empty until the maker or the office has typed it
    sa.Column("fee_agreed_at", UtcTime),  # when the buyer agreed to the new sum
    sa.Column("paid_at", UtcTime),  # by the tap of the maker or of staff, or a gateway's verified notice
    sa.Column("changed_at", UtcTime, nullable=False),
)

order_line = sa.Table(
    "order_line",  # names and prices are copied: what was agreed does not change with the product
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("order_id", sa.BigInteger, sa.ForeignKey("order.id"), nullable=False, index=True),
    sa.Column("part_id", sa.BigInteger, sa.ForeignKey("order_part.id"), nullable=False, index=True),
    sa.Column("product_id", sa.BigInteger, sa.ForeignKey("product.id"), nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("unit", sa.JSON, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("price_idr", sa.BigInteger, nullable=False),
)

order_event = sa.Table(
    "order_event",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("order_id", sa.BigInteger, sa.ForeignKey("order.id"), nullable=False, index=True),
    sa.Column("part_id", sa.BigInteger),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),  # "buyer", or the login of staff
)

area = sa.Table(
    "area",  # where the village's own courier goes, and for how much
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("fee_idr", sa.BigInteger, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.UniqueConstraint("village_id", "name"),
)

charge = sa.Table(
    "charge",  # what a gateway was asked to collect for one part of an order
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("part_id", sa.BigInteger, sa.ForeignKey("order_part.id"), nullable=False, index=True),
    sa.Column("method", sa.Text, nullable=False),  # the name of a file in storefront/payments
    sa.Column("reference", sa.Text, nullable=False, unique=True),  # what the gateway calls it: ours, never used twice
    sa.Column("amount_idr", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # asked > open > paid | late | twice | wrong | over | refunded
    sa.Column("code", sa.Text),  # the text of the QR code to show
    sa.Column("ends_at", UtcTime),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
)

notice = sa.Table(
    "notice",  # what a gateway told about a charge, word for word; only notices whose signature was right
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("charge_id", sa.BigInteger, sa.ForeignKey("charge.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),  # the gateway's own number of the payment and its state: one notice is kept once
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("charge_id", "name"),
)

proof = sa.Table(
    "proof",  # a picture by which a buyer shows that she has transferred; it lies apart from what the shop shows
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False),
    sa.Column("part_id", sa.BigInteger, sa.ForeignKey("order_part.id"), nullable=False, index=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.UniqueConstraint("part_id", "sha256"),
)

draft = sa.Table(
    "draft",  # a post that somebody is still writing: the fields of the form as they were typed
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, sa.ForeignKey("village.id"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),  # of what it is about, for the list
    sa.Column("form", sa.JSON, nullable=False),  # {field: [what was typed]}
    sa.Column("due_at", UtcTime),  # when it is meant to go out, where that can be read in the form
    sa.Column("pack", sa.Text),  # the month it was proposed for: "2026-12"
    sa.Column("link_id", sa.BigInteger),  # made when its files were taken home: the link that stands in them
    sa.Column("made_by", sa.Text),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
)

# ---- the index of the search: made out of the rows above, see searchentries.py ---------------------------------------------------

search_entry = sa.Table(
    "search_entry",  # the words by which one thing on show is found
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),  # 0: this is the entry of a village itself
    sa.Column("kind", sa.Text, nullable=False),  # product | maker | attraction | village
    sa.Column("thing_id", sa.BigInteger, nullable=False),
    sa.Column("texts", sa.Text, nullable=False),  # lines of folded words, what each weighs by its place; FTS5 and tsvector read this
    sa.UniqueConstraint("village_id", "kind", "thing_id"),
)

search_word = sa.Table(
    "search_word",  # each word of a name once, with its trigrams: by these a misspelt word is found
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("word", sa.Text, nullable=False),
    sa.Column("texts", sa.Text, nullable=False),
    sa.UniqueConstraint("village_id", "word"),
)

search_village = sa.Table(
    "search_village",  # a village whose things all have their entries, and the way these are written
    metadata,
    sa.Column("village_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("way", sa.Text, nullable=False),
)
