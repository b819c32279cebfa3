"""A bar chart as inline SVG that a person can read: axis, labels, values on the bars, and words for who cannot see it."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 22, 30
LABELS_MOST = 12  # so many labels stand side by side without touching
VALUES_MOST = 31  # up to so many bars carry their value


def bars(rows: Sequence[tuple[str, int]], *, title: str, desc: str) -> Markup:
    """One bar for each (label, value of 0 or more), the values on a scale of round numbers from zero."""
    most = max((value for _, value in rows), default=0)
    step = round_step(most)
    top = max(step, -(-most // step) * step)
    plot = HEIGHT - TOP - BOTTOM
    parts = [_line(value, HEIGHT - BOTTOM - plot * value / top) for value in range(0, top + 1, step)]
    return _picture("chart", WIDTH, HEIGHT, [*parts, *_columns(rows, plot / top)], title, desc)


def _picture(name: str, width: int, height: int, parts: Sequence[str], title: str, desc: str) -> Markup:
    """The whole SVG. The parts are markup of ours, every text in them escaped: plain strings, for each Markup costs ten times as much."""
    # role="img" with both names: read as one picture, with its sentence; the table under it has the figures.
    words = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(desc)}</desc>'
    frame = f'<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
    return Markup(f"{frame}{words}{''.join(parts)}</svg>")  # noqa: S704 - see above


def round_step(most: int) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that there are at most five of them."""
    step, factors = 1, (2, 5, 10)
    while most / step > 5:
        power = 10 ** (len(str(step)) - 1)
        step = power * next(factor for factor in factors if power * factor > step)
    return step


def _line(value: int, y: float) -> str:
    text = f"{value:,}".replace(",", ".")
    return f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/><text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'


def _columns(rows: Sequence[tuple[str, int]], scale: float) -> Iterator[str]:
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(rows))
    wide = min(slot * 0.72, 46)
    each = -(-len(rows) // LABELS_MOST)
    for place, (label, value) in enumerate(rows):
        middle, high = LEFT + slot * (place + 0.5), value * scale
        y = HEIGHT - BOTTOM - high
        if value:
            box = f'x="{middle - wide / 2:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="{min(3, wide / 3):.1f}"'
            yield f'<rect class="bar" {box}/>'
        if value and len(rows) <= VALUES_MOST:
            text = value if value < 10_000 else f"{value // 1000}k"
            yield f'<text class="value" x="{middle:.1f}" y="{y - 5:.1f}" text-anchor="middle">{text}</text>'
        if place % each == 0:
            yield f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(label)}</text>'


# ---- the hours of a week ---------------------------------------------------------------------------------------------------------

CELL, GAP, SIDE, HEAD = 24, 2, 64, 22
SHADES = 5


def heat(week: Sequence[int], days: Sequence[str], *, title: str, desc: str) -> Markup:
    """168 counts, Monday midnight first, as squares of five shades: a row for each of the seven days, a column for each hour."""
    most, each = max(week, default=0), CELL + GAP
    parts = [f'<text x="{SIDE + hour * each + CELL / 2}" y="14" text-anchor="middle">{hour:02}</text>' for hour in range(0, 24, 3)]
    for place, day in enumerate(days):
        y = HEAD + place * each
        parts.append(f'<text x="{SIDE - 8}" y="{y + CELL / 2 + 4}" text-anchor="end">{escape(day)}</text>')
        for hour, count in enumerate(week[place * 24 : place * 24 + 24]):
            box = f'x="{SIDE + hour * each}" y="{y}" width="{CELL}" height="{CELL}"'
            parts.append(f'<rect class="heat{_shade(count, most)}" {box} rx="4"/>')
    return _picture("heat", SIDE + 24 * each, HEAD + 7 * each, parts, title, desc)


def _shade(count: int, most: int) -> int:
    """0 for nothing, then 1 to 5 in equal steps of the largest."""
    return -(-count * SHADES // most) if most else 0
