"""The measures, in the order of the table: each is a function of the options that yields rows."""

from collections.abc import Callable, Iterator

from tests.bench.measures import fleet, live, parse, requests, startup
from tests.bench.options import Options
from tests.bench.rows import Row

MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {
    "parse": parse.measure,
    "linear": parse.measure_growth,
    "startup": startup.measure,
    "live": live.measure,
    "requests": requests.measure,
    "fleet": fleet.measure,
}
