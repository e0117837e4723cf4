"""Packs that cannot be used, each with words of the reason that is given; and how one is installed."""

from pathlib import Path

COPY = "from dataclasses import replace\nfrom parsers.sources.rantburg import SOURCE as OURS\n"

PACKS = {
    "absent": ("import a_module_that_is_not_installed", "ModuleNotFoundError"),
    "unreadable": ("def :", "SyntaxError"),
    "ends": ("import sys\nsys.exit(0)", "SystemExit: 0"),
    "raises": ("class Odd(BaseException):\n    def __str__(self): raise ValueError\nraise Odd", "Odd"),
    "nameless": ("OTHER = 1", "no attribute 'SOURCE'"),
    "text": ("SOURCE = 'https://text.example/'", "it is a str, not a Source"),
    "zoneless": (COPY + "SOURCE = replace(OURS, name='zoneless', zone='Mars/Tharsis')", "Mars/Tharsis"),
    "hostless": (COPY + "SOURCE = replace(OURS, name='hostless', hosts=None)", "TypeError"),
    "unbased": (COPY + "SOURCE = replace(OURS, name='unbased', base_url=7)", "its base_url is 7, not a text"),
    "numbered": (
        COPY + "SOURCE = replace(OURS, name='numbered', hosts=(7,))",
        "its hosts are (7,)",
    ),
    "drawn": (COPY + "SOURCE = replace(OURS, name='drawn', templates=('x',))", "is no Template"),
    "mute": (COPY + "SOURCE = replace(OURS, name='mute', url_of=None)", "cannot be called"),
    "long": ("raise ValueError('x' * 100_000)", "xxx..."),
    "double": (COPY + "SOURCE = OURS", "another source named 'rantburg'"),
}


def write_pack(folder: Path, name: str, code: str, entry: str | None = None) -> None:
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    entry = entry or f"{name} = {name}_pack:SOURCE"
    (info / "entry_points.txt").write_text(f"[thresher.sources]\n{entry}\n")
    (folder / f"{name}_pack.py").write_text(code)
