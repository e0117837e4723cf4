"""Write the fixtures anew from the model: ``python tests/site/write_fixtures.py fixtures``.

Folders that the model knows nothing of, such as those of real captures, are left as they are.
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def main(folder: str) -> None:
    """Write every fixture below the folder and say how many there are."""
    sys.path.insert(0, str(PROJECT))
    from tests.site.cases.every import every_file, every_fixture

    files = every_file()
    for path, content in files.items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    print(f"{len(every_fixture())} fixtures")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/site/write_fixtures.py FOLDER")
    main(sys.argv[1])
