"""Plots as SVG: lines on logarithmic axes and stacked bars, each with a title, a sentence and its numbers as a table.

For page.py. Colours are in page.css, for light and for dark; what a colour says is said by a form and a name too.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass, field

WIDTH, ROW, LETTER = 470, 15, 6.6  # of a plot, a line of text and a letter of it, in units of the plot's own
HUES = 8


@dataclass(frozen=True)
class Line:
    name: str
    points: list[tuple[float, float]]  # x rises
    hue: int
    dashed: bool = False


@dataclass(frozen=True)
class Lines:
    title: str
    says: str
    x: str
    y: str
    lines: list[Line]
    log_y: bool = True


@dataclass(frozen=True)
class Bar:
    name: str
    parts: list[float]  # one for each name of the plot's parts; 0: has none
    end: str  # said at its end


@dataclass(frozen=True)
class Bars:
    title: str
    says: str
    x: str
    bars: list[Bar]
    parts: list[str] = field(default_factory=list)  # none: bars of one part, that of the axis


def number(value: float) -> str:
    """Three digits at least, and all before the point."""
    size = abs(value)
    if size < 1 and value != 0:
        return f"{value:.3g}"
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    return f"{value:,.{digits}f}" if size >= 10000 else f"{value:.{digits}f}"


def round_number(value: float) -> str:
    said = number(value)
    return said.rstrip("0").rstrip(".") if "." in said else said


def tag(name: str, inner: str = "", **attributes: object) -> str:
    """An element. `inner` is markup already, attributes are escaped; class_ is class, text_anchor text-anchor."""
    said = ""
    for key, value in attributes.items():
        shown = f"{value:.1f}" if isinstance(value, float) else html.escape(str(value))
        said += f' {key.rstrip("_").replace("_", "-")}="{shown}"'
    return f"<{name}{said}>{inner}</{name}>"


def text(x: float, y: float, said: str, anchor: str = "start", **attributes: object) -> str:
    return tag("text", html.escape(said), x=float(x), y=float(y), text_anchor=anchor, **attributes)


def rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind)


def mark(x: float, y: float, hue: int) -> str:
    """A point, of another form for each hue."""
    corners = {1: "-4,-4 4,-4 4,4 -4,4", 2: "0,-5 5,0 0,5 -5,0", 3: "-5,4 5,4 0,-5", 4: "-5,-4 5,-4 0,5"}
    corners |= {5: "-4,-2 -2,-4 2,-4 4,-2 4,2 2,4 -2,4 -4,2", 6: "-5,-2 5,-2 5,2 -5,2", 7: "-2,-5 2,-5 2,5 -2,5"}
    form = tag("polygon", points=corners[hue % HUES]) if hue % HUES else tag("circle", r=4)
    return tag("g", form, class_=f"fill hue{hue % HUES}", transform=f"translate({x:.1f} {y:.1f})")


def ticks(low: float, high: float, log: bool) -> list[float]:
    """Round numbers: the first is at most `low`, the last at least `high`."""
    if log:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        fine = [float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5)]
        fine = fine[max(at for at, tick in enumerate(fine) if tick <= low) :]
        fine = fine[: next(at for at, tick in enumerate(fine) if tick >= high) + 1]
        return fine if len(fine) <= 9 else [float(f"1e{decade}") for decade in decades]
    size = 10.0 ** math.floor(math.log10(high - low))
    step = next(part * size for part in (0.2, 0.5, 1, 2) if (high - low) / (part * size) <= 6)
    return [step * at for at in range(math.floor(low / step), math.ceil(high / step - 1e-9) + 1)]


def scale(low: float, high: float, begin: float, end: float, log: bool) -> Callable[[float], float]:
    def measure(value: float) -> float:
        return math.log(value) if log else value

    span = measure(high) - measure(low) or 1.0
    return lambda value: begin + (end - begin) * (measure(value) - measure(low)) / span


def spread(wanted: list[float], top: float, bottom: float) -> list[float]:
    """Places near the wanted ones, a row apart; `wanted` rises."""
    places: list[float] = []
    for place in wanted:
        places.append(max(place, top, places[-1] + ROW if places else top))
    return [min(place, bottom - ROW * (len(places) - 1 - at)) for at, place in enumerate(places)]


def draw_lines(plot: Lines) -> tuple[list[str], float]:
    """The markup, and its height. Names stand at the ends of their lines, moved apart, with a leader."""
    xs = sorted({x for line in plot.lines for x, _ in line.points})
    ys = [y for line in plot.lines for _, y in line.points]
    heights = ticks(min(ys) if plot.log_y else 0, max(ys), plot.log_y)
    left, top, bottom = 12 + LETTER * max(len(round_number(at)) for at in heights), 30.0, 260.0
    right = WIDTH - 28 - LETTER * max(len(line.name) for line in plot.lines)
    across = scale(xs[0], xs[-1], left + 12, right - 12, log=True)
    down = scale(heights[0], heights[-1], bottom, top, plot.log_y)
    made = [text(4, 14, plot.y)]
    for tick in heights:
        made.append(rule(left, down(tick), right, down(tick), "grid"))
        made.append(text(left - 6, down(tick) + 4, round_number(tick), "end"))
    made.append(tag("path", d=f"M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}", class_="axis"))
    ends, lowest = [0.0, 0.0, 0.0], 0  # of the labels so far, one for each row of them
    for x in xs:
        begin, end = (across(x) + side * (LETTER + 1) * len(number(x)) / 2 for side in (-1, 1))
        row = next((row for row, taken in enumerate(ends) if begin >= taken), len(ends) - 1)
        ends[row], lowest = end + 4, max(lowest, row)
        made.append(rule(across(x), bottom, across(x), bottom + 5 + ROW * row, "axis"))
        made.append(text(across(x), bottom + 18 + ROW * row, number(x), "middle"))
    made.append(text((left + right) / 2, bottom + 36 + ROW * lowest, plot.x, "middle"))
    order = sorted(plot.lines, key=lambda line: down(line.points[-1][1]))
    for line, place in zip(order, spread([down(line.points[-1][1]) for line in order], top, bottom)):
        at = [(across(x), down(y)) for x, y in line.points]
        made.append(rule(at[-1][0], at[-1][1], right + 8, place, "leader"))
        kind = f"line hue{line.hue % HUES}" + (" dashed" if line.dashed else "")
        made.append(tag("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at), class_=kind))
        made += [mark(x, y, line.hue) for x, y in at]
        made += [mark(right + 14, place, line.hue), text(right + 23, place + 4, line.name)]
    return made, bottom + 44 + ROW * lowest


def draw_bars(plot: Bars) -> tuple[list[str], float]:
    """The markup, and its height. The name of a bar stands above it; a key of the parts above all."""
    left, right = 4.0, WIDTH - 20 - LETTER * max(len(bar.end) for bar in plot.bars)
    made: list[str] = []
    x, y = left, 14.0
    for hue, name in enumerate(plot.parts):
        if x + 24 + LETTER * len(name) > WIDTH:
            x, y = left, y + ROW + 3
        made += [tag("rect", x=x, y=y - 10, width=11, height=11, class_=f"fill hue{hue}"), text(x + 15, y, name)]
        x += 24 + LETTER * len(name)
    top = y + 8 if plot.parts else 0.0
    bottom = top + 36 * len(plot.bars) + 6
    marks = ticks(0, max(sum(bar.parts) for bar in plot.bars), log=False)
    across = scale(0, marks[-1], left, right, log=False)
    for tick in marks:
        made.append(rule(across(tick), top, across(tick), bottom, "grid"))
        made.append(text(across(tick), bottom + 15, round_number(tick), "start" if tick == 0 else "middle"))
    for row, bar in enumerate(plot.bars):
        y, begin = top + 36 * row, 0.0
        made.append(text(left, y + 14, bar.name, class_="onbar"))
        for hue, part in enumerate(bar.parts):
            if part:
                width = across(begin + part) - across(begin)
                kind = f"fill edge hue{hue}"
                made.append(tag("rect", x=across(begin), y=y + 19, width=width, height=13, class_=kind))
                begin += part
        made.append(text(across(begin) + 6, y + 30, bar.end, class_="onbar"))
    made.append(tag("path", d=f"M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}", class_="axis"))
    made.append(text((left + right) / 2, bottom + 33, plot.x, "middle"))
    return made, bottom + 40


def table(head: list[str], body: list[list[str]], kind: str = "") -> str:
    columns = "".join(tag("th", html.escape(said), scope="col") for said in head)
    rows = ""
    for row in body:
        cells = "".join(tag("td", html.escape(said)) for said in row[1:])
        rows += tag("tr", tag("th", html.escape(row[0]), scope="row") + cells) + "\n"
    inner = (tag("thead", tag("tr", columns)) if head else "") + tag("tbody", rows)
    return tag("div", tag("table", inner), class_=f"wide {kind}".strip(), tabindex=0)


def figure(plot: Lines | Bars, at: int) -> str:
    """The plot, what it says, and its numbers; `at` numbers the figures of a page."""
    if isinstance(plot, Lines):
        drawn, height = draw_lines(plot)
        logarithmic = "both logarithmic" if plot.log_y else "logarithmic across"
        says = f"{plot.says} Across: {plot.x}; up: {plot.y}; {logarithmic}."
        head = [plot.x, *(line.name for line in plot.lines)]
        lines = [dict(line.points) for line in plot.lines]
        xs = sorted({x for line in lines for x in line})
        body = [[number(x), *(number(line[x]) if x in line else "" for line in lines)] for x in xs]
    else:
        drawn, height = draw_bars(plot)
        says = f"{plot.says} Length: {plot.x}."
        head = ["", *(plot.parts or [plot.x]), *(["in all"] if plot.parts else [])]
        body = [
            [bar.name, *(number(part) if part else "" for part in bar.parts), *([bar.end] if plot.parts else [])]
            for bar in plot.bars
        ]
    names = tag("title", html.escape(plot.title), id=f"title{at}") + tag("desc", html.escape(says), id=f"says{at}")
    frame = {"role": "img", "aria_labelledby": f"title{at} says{at}", "viewBox": f"0 0 {WIDTH} {height:.0f}"}
    picture = tag("div", tag("svg", names + "\n" + "\n".join(drawn), **frame), class_="wide", tabindex=0)
    said = tag("figcaption", tag("h3", html.escape(plot.title)) + tag("p", html.escape(says)))
    return tag("figure", said + picture + tag("details", tag("summary", "these numbers") + table(head, body)))
