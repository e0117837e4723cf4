"""Plots as SVG, made here by pygal: no script, no style and no address in them; the style sheet colours them.

numbers --pygal--> SVG --stripped--> Plot, which has the same numbers for a table
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ingest.jobs.export.pygal_door import pygal_and_style

WIDTH, HEIGHT = 720, 200
MOST_LABELS = 8
"""Words that fit below the bars side by side."""
LETTERS = 12
DROPPED = frozenset({"style", "script", "desc", "title"})
"""pygal's colours, its tooltips and what these are made of."""
# style="..." would be refused by the page's policy, and is left out.
KEPT_ATTRIBUTES = frozenset({"class", "d", "height", "rx", "ry", "transform", "viewBox", "width", "x", "y"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing and the numbers that it is made of: a row a bar, with one number for each of ``names``."""

    title: str
    what: str
    """What a bar is of, such as *day*."""
    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    svg: Markup


def bars(title: str, what: str, series: Mapping[str, Sequence[float]], labels: Sequence[str]) -> Plot:
    """Bars for each label, side by side where there are several series."""
    pygal, style = pygal_and_style()
    chart = pygal.Bar(
        js=[],
        css=[],
        no_prefix=True,
        disable_xml_declaration=True,
        show_legend=False,
        width=WIDTH,
        height=HEIGHT,
        margin=2,
        spacing=4,
        max_scale=5,
        include_x_axis=True,
        show_minor_x_labels=False,
        x_labels_major_every=max(1, -(-len(labels) // MOST_LABELS)),
        truncate_label=-1,
        style=style(label_font_size=LETTERS, major_label_font_size=LETTERS, no_data_font_size=LETTERS),
        formatter=lambda value: f"{value:,.10g}",
        no_data_text="nothing yet",
    )
    chart.x_labels = list(labels)
    for name, numbers in series.items():
        chart.add(name, list(numbers))
    chart.add_xml_filter(_stripped)
    return Plot(
        title=title,
        what=what,
        names=tuple(series),
        rows=tuple(zip(labels, zip(*series.values(), strict=True), strict=True)),
        # pygal writes it with an XML library, which escapes every label.
        svg=Markup(chart.render()),  # noqa: S704
    )


def _stripped(root: Any) -> Any:
    """The drawing without everything that a page would refuse, or need not have."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _name(child) in DROPPED or _name(child) is None or "tooltip" in child.get("class", "").split():
                parent.remove(child)
        for attribute in set(parent.attrib) - KEPT_ATTRIBUTES:
            del parent.attrib[attribute]
    root.set("aria-hidden", "true")
    return root


def _name(element: Any) -> str | None:
    """The name of an element without its namespace; None for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else None
