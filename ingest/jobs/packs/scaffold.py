"""A source of one's own as a distribution to begin with: a pack, its entry point, a fixture and tests.

What is written stands in ``templates/source``; ``NAME`` in a path and ``$name`` in a text become the name.
"""

import re
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from ingest.errors import ConfigurationError
from parsers.registry import sources

TEMPLATES = Path(__file__).parent / "templates" / "source"
SUFFIX = ".tmpl"
# It is a Python package and a table of a settings file as well.
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
BASE_URL = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?")


def new_source(name: str, *, base_url: str, output: Path) -> Path:
    """Write the distribution ``thresher-NAME`` below ``output``; its folder.

    Raises:
        ConfigurationError: the name or the address is not one, the name is taken, or the folder is there.
    """
    base_url = f"{base_url.rstrip('/')}/"
    _check(name, base_url)
    words = {"name": name, "base_url": base_url, "host": urlsplit(base_url).hostname or ""}
    folder = output / f"thresher-{name}"
    try:
        folder.mkdir(parents=True)
        for template in sorted(TEMPLATES.rglob(f"*{SUFFIX}")):
            _write(template, folder, words)
    except FileExistsError as exc:
        raise ConfigurationError(f"{folder} is there already") from exc
    except OSError as exc:
        raise ConfigurationError(f"{folder} cannot be written: {exc.strerror}") from exc
    return folder


def _check(name: str, base_url: str) -> None:
    if not NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no source's name: use a-z, 0-9 and '_', a letter first")
    if not BASE_URL.fullmatch(base_url):
        raise ConfigurationError(f"{base_url!r} is no site's root: write it as https://quay.example/forum/")
    if name in {source.name for source in sources()}:
        raise ConfigurationError(f"there is a source named {name} already")


def _write(template: Path, folder: Path, words: dict[str, str]) -> None:
    path = template.relative_to(TEMPLATES).as_posix().removesuffix(SUFFIX).replace("NAME", words["name"])
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    text = Template(template.read_text("utf-8")).substitute(words)
    (folder / path).write_text(text, "utf-8")
