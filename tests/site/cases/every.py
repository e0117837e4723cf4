"""Every fixture of the source, in the order of the modules."""

from tests.site.cases import blocks, bodies, broken, demo, demo_blog, encodings, other_pages, threads
from tests.site.cases.fixture import Fixture

SOURCE = "rantburg"


def every_fixture() -> tuple[Fixture, ...]:
    """All cases and the demonstration's day."""
    modules = (blocks, bodies, threads, encodings, other_pages, broken, demo)
    return tuple(fixture for module in modules for fixture in module.cases())


def every_file() -> dict[str, bytes]:
    """The files of all fixtures, by their path below the folder of fixtures."""
    files = {
        f"{SOURCE}/{fixture.name}/{name}": content
        for fixture in every_fixture()
        for name, content in fixture.files().items()
    }
    return {**files, "demo/harbour.jsonl": demo_blog.answers()}
