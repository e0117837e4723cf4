"""Numbers as a drawing: SVG by pygal, PNG of it by resvg, to which this is the only door.

The SVG has no script and names no other file: it looks the same wherever it is opened.
"""

from typing import Any

from ingest.errors import ConfigurationError
from ingest.jobs.export.chart_numbers import Chart, Numbers
from ingest.jobs.export.pygal_door import pygal_and_style

TITLES: dict[Chart, str] = {
    "comments": "Comments held, by the {period} of their article",
    "articles": "Articles held, by {period}",
    "coverage": "Days by what is held of them, by {period}",
}
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#000000")
"""Okabe and Ito's: they differ for the colour-blind too."""
STATES = ("#009e73", "#56b4e9", "#e69f00", "#d55e00", "#bbbbbb")
"""Complete, unproven, short, failed, not reached."""
MOST_LABELS = 12
SIZE = (960, 480)
# With a letter and without: the two pictures differ only if there is a font.
ONE_LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<text y="9" font-family="sans-serif">{}</text></svg>'
)
FAMILIES = ("Arial", "DejaVu Sans", "Liberation Sans", "Noto Sans", "Helvetica")
"""What sans-serif may be on a machine: resvg knows the first alone."""


def svg(numbers: Numbers) -> bytes:
    """Bars, one upon the other; ConfigurationError if pygal is not installed."""
    pygal, style = pygal_and_style()
    chart = pygal.StackedBar(
        title=TITLES[numbers.chart].format(period=numbers.period),
        style=style(
            background="#ffffff",
            plot_background="#ffffff",
            colors=STATES if numbers.chart == "coverage" else COLOURS,
            font_family="sans-serif",
            transition="0s",
            opacity="1",
            guide_stroke_color="#dddddd",
            major_guide_stroke_color="#dddddd",
            no_data_font_size=24,
        ),
        js=[],
        width=SIZE[0],
        height=SIZE[1],
        explicit_size=True,
        legend_at_bottom=True,
        include_x_axis=True,
        max_scale=8,
        x_label_rotation=30,
        show_minor_x_labels=False,
        x_labels_major_every=max(1, -(-len(numbers.rows) // MOST_LABELS)),
        truncate_legend=-1,
        formatter="{:,.0f}".format,
        no_data_text="nothing is held",
    )
    chart.x_labels = [label for label, _ in numbers.rows]
    for place, name in enumerate(numbers.series):
        chart.add(name, [values[place] for _, values in numbers.rows])
    chart.uuid = numbers.chart  # otherwise a new one each time
    chart.add_xml_filter(_without_scripts)
    drawn: bytes = chart.render()
    return drawn


def png(drawing: bytes) -> bytes:
    """The same as pixels; ConfigurationError if resvg, or every font of the machine, is missing."""
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415 - only a PNG needs it
    except ImportError as exc:
        raise ConfigurationError("resvg-py is not installed: pip install 'thresher[console]'") from exc
    # Without a font the drawing would come out without a word, and nothing would say so.
    letter, nothing = ONE_LETTER.format("x"), bytes(svg_to_bytes(svg_string=ONE_LETTER.format("")))
    for family in FAMILIES:
        if bytes(svg_to_bytes(svg_string=letter, sans_serif_family=family)) != nothing:
            return bytes(svg_to_bytes(svg_string=drawing.decode(), zoom=2, sans_serif_family=family))
    raise ConfigurationError("no font is installed: apt-get install fonts-dejavu-core")


def _without_scripts(root: Any) -> Any:
    """Without pygal's settings, which are a script, and its comments, which name its home page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return root
