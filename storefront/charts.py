"""A bar chart as inline SVG that a person can read: axis, labels, values on the bars, and words for who cannot see it."""

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 22, 30
LABELS_MOST = 12  # so many labels stand side by side without touching
VALUES_MOST = 31  # up to so many bars carry their value


def bars(rows: Sequence[tuple[str, int]], *, title: str, desc: str) -> Markup:
    """One bar for each (label, value of 0 or more), the values on a scale of round numbers from zero."""
    step = round_step(max((value for _, value in rows), default=0))
    top = max(step, -(-max((value for _, value in rows), default=0) // step) * step)
    plot = HEIGHT - TOP - BOTTOM
    parts = [Markup('<title id="chart-title">{}</title><desc id="chart-desc">{}</desc>').format(title, desc)]
    parts += [_line(value, HEIGHT - BOTTOM - plot * value / top) for value in range(0, top + 1, step)]
    parts += _columns(rows, plot / top)
    # role="img" with both names: read as one picture, with its sentence; the table under it has the figures.
    frame = Markup(
        '<svg role="img" aria-labelledby="chart-title chart-desc" viewBox="0 0 {} {}" xmlns="http://www.w3.org/2000/svg">{}</svg>'
    )
    return frame.format(WIDTH, HEIGHT, Markup("").join(parts))


def round_step(most: int) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that there are at most five of them."""
    step, factors = 1, (2, 5, 10)
    while most / step > 5:
        power = 10 ** (len(str(step)) - 1)
        step = power * next(factor for factor in factors if power * factor > step)
    return step


def _line(value: int, y: float) -> Markup:
    text = f"{value:,}".replace(",", ".")
    return Markup('<path class="grid" d="M{} {:.1f}H{}"/><text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
        LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4, text
    )


def _columns(rows: Sequence[tuple[str, int]], scale: float) -> list[Markup]:
    if not rows:
        return []
    slot = (WIDTH - LEFT - RIGHT) / len(rows)
    wide = min(slot * 0.72, 46)
    each = -(-len(rows) // LABELS_MOST)
    parts = []
    for place, (label, value) in enumerate(rows):
        middle, high = LEFT + slot * (place + 0.5), value * scale
        if value:
            rect = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:.1f}"/>')
            parts.append(rect.format(middle - wide / 2, HEIGHT - BOTTOM - high, wide, high, min(3, wide / 3)))
        if value and len(rows) <= VALUES_MOST:
            text = Markup('<text class="value" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
            parts.append(text.format(middle, HEIGHT - BOTTOM - high - 5, value if value < 10_000 else f"{value // 1000}k"))
        if place % each == 0:
            text = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
            parts.append(text.format(middle, HEIGHT - BOTTOM + 18, label))
    return parts


# ---- the hours of a week ---------------------------------------------------------------------------------------------------------

CELL, GAP, SIDE, HEAD = 24, 2, 64, 22
SHADES = 5


def heat(week: Sequence[int], days: Sequence[str], *, title: str, desc: str) -> Markup:
    """168 counts, Monday midnight first, as squares of five shades: a row for each of the seven days, a column for each hour."""
    most = max(week, default=0)
    parts = [Markup('<title id="heat-title">{}</title><desc id="heat-desc">{}</desc>').format(title, desc)]
    for hour in range(0, 24, 3):
        parts.append(Markup('<text x="{}" y="14" text-anchor="middle">{:02}</text>').format(SIDE + hour * (CELL + GAP) + CELL / 2, hour))
    for place, day in enumerate(days):
        y = HEAD + place * (CELL + GAP)
        parts.append(Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(SIDE - 8, y + CELL / 2 + 4, day))
        for hour in range(24):
            square = Markup('<rect class="heat{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>')
            parts.append(square.format(_shade(week[place * 24 + hour], most), SIDE + hour * (CELL + GAP), y, CELL, CELL))
    frame = Markup('<svg role="img" aria-labelledby="heat-title heat-desc" viewBox="0 0 {} {}" xmlns="http://www.w3.org/2000/svg">{}</svg>')
    return frame.format(SIDE + 24 * (CELL + GAP), HEAD + 7 * (CELL + GAP), Markup("").join(parts))


def _shade(count: int, most: int) -> int:
    """0 for nothing, then 1 to 5 in equal steps of the largest."""
    return -(-count * SHADES // most) if most else 0
