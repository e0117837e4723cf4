"""A package index in a folder: the wheels that a test made or fetched, in the layout that pip reads."""

import base64
import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

NEWER = "99.0"
"""A release that does not exist, and that every resolver would prefer."""

NOT_FOR_USE = 'raise SystemExit("a release was chosen that no lock names")\n'


def canonical(name: str) -> str:
    """A project's name as an index spells it: `Foo.Bar_baz` is `foo-bar-baz`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    files: Mapping[str, str] | None = None,
    metadata: Sequence[str] = (),
) -> Path:
    """Write a wheel of pure Python; `metadata` are more header lines, such as `Requires-Dist: x`."""
    stem = f"{canonical(name).replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    head = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *metadata, ""]
    contents = {
        **(files or {f"{canonical(name).replace('-', '_')}.py": ""}),
        f"{info}/METADATA": "\n".join(head),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_record_digest(text)},{len(text)}\n" for path, text in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)
    return wheel


def _record_digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def locked_line(wheel: Path) -> str:
    """The line of a lock that names this wheel and nothing else."""
    name, version, *_ = wheel.name.split("-")
    return f"{canonical(name)}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


class Index:
    """An index of files that pip is pointed to; what it is given is moved into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def add(self, file: Path) -> None:
        """Offer this wheel or source archive beside what is offered of its project so far."""
        project = self.folder / canonical(file.name.split("-")[0])
        if file.name.endswith(".tar.gz"):
            project = self.folder / canonical(file.name.rpartition("-")[0])
        project.mkdir(exist_ok=True)
        file.rename(project / file.name)
        links = "".join(f'<a href="{found.name}">{found.name}</a>\n' for found in project.glob("*-*"))
        (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")

    def offer_newer(self) -> None:
        """Offer a newer release of every project; one that ends whatever imports it."""
        for project in [path.name for path in self.folder.iterdir()]:
            module = project.replace("-", "_")
            self.add(write_wheel(self.folder, project, NEWER, files={f"{module}.py": NOT_FOR_USE}))
