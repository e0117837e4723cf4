"""``make man``: a man page for each command, into a folder."""

import sys
from importlib.metadata import version
from pathlib import Path

from click_man.core import write_man_pages

from deploy.commands import program


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_man_pages("thresher", program, version=version("thresher"), target_dir=str(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
