"""Which field a parser no longer fills as it did, and since which run. Pure.

The runs of one command, source, kind of page and parser (whatever its revision) are a series, newest first.
It is cut into newer and older runs wherever it can be, and the two shares are compared by the two-proportion
z-test with pooled variance (NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.3). The rows of a day are
alike, so that days differ more than chance: z is divided by the root of the dispersion within both sides,
Pearson's chi-squared by its degrees of freedom, if that is above 1 (McCullagh and Nelder, Generalized Linear
Models, 4.5.2). A cut counts if both sides have LEAST_ROWS, the older side LEAST_RUNS, and the newest and the
first of the newer runs are nearer to the newer share than to the older one. So a tiny run alarms nobody, but
those like it that follow are added to it; and a repaired fall is no longer reported. A field has fallen at
the cut where z is largest, if

- z is at least LEAST_Z: some twenty fields are looked at every day for years, at every cut;
- the share fell by LEAST_FALL or more: of very many rows the smallest fall is significant;
- it fell by as much below every older run with LEAST_ROWS.

Of many older runs the few lowest are left out, one in every EVERY but the first: a fault of long ago does not
hide this one, and what is as low once a week is no fall. A new state that has lasted for all the runs that
are looked at is no fall any longer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from ingest.decide.drift.fill_rates import RunRates

LEAST_ROWS = 30
LEAST_Z = 6.0
LEAST_FALL = 0.05
LEAST_RUNS = 3
EVERY = 7
"""A week of daily runs."""

Sample = tuple[int, int]
"""In how many rows a field was filled, and how many there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A field whose share fell; ``runs`` are those since then, newest first."""

    source: str
    kind: str
    parser: str
    revision: int
    command: str
    field: str
    before: float
    now: float
    rows_before: int
    rows_now: int
    runs: tuple[RunRates, ...]

    @property
    def since(self) -> RunRates:
        """The first run in which it was seen."""
        return self.runs[-1]


def falls(history: Iterable[RunRates]) -> tuple[Fall, ...]:
    """Every field that fell, by source, kind, parser and field; the history may have any order."""
    found = (
        fall
        for series in _series(history)
        for name in sorted({name for run in series for name in run.rates.filled})
        if (fall := _fall(series, name)) is not None
    )
    return tuple(sorted(found, key=lambda fall: (fall.source, fall.kind, fall.parser, fall.field)))


def z_of(older: Sample, newer: Sample) -> float:
    """How many standard errors the newer share is below the older one; 0 without samples."""
    if not older[1] or not newer[1]:
        return 0.0
    pooled = (older[0] + newer[0]) / (older[1] + newer[1])
    error = sqrt(pooled * (1 - pooled) * (1 / older[1] + 1 / newer[1]))
    # Both sides full, or both empty: no spread, and no fall.
    return (_share(older) - _share(newer)) / error if error else 0.0


def _series(history: Iterable[RunRates]) -> Iterable[Sequence[RunRates]]:
    found: dict[tuple[str, str, str, str], list[RunRates]] = {}
    # Of one run with two revisions, as a re-parse may have, the newer revision comes first.
    for run in sorted(history, key=lambda run: (run.run_id, run.rates.revision), reverse=True):
        rates = run.rates
        found.setdefault((rates.source, rates.kind, rates.parser, run.command), []).append(run)
    return found.values()


def _fall(series: Sequence[RunRates], name: str) -> Fall | None:
    # A revision that does not know the field had no chance to fill it: that is no fall, but another template.
    filled = [run for run in series if name in run.rates.filled and run.rates.rows(name)]
    samples = [_sample(run, name) for run in filled]
    cut = _cut(samples)
    if cut is None:
        return None
    older, newer = _sum(samples[cut:]), _sum(samples[:cut])
    if not _has_fallen(samples[cut:], samples[:cut]):
        return None
    newest = filled[0].rates
    return Fall(
        source=newest.source,
        kind=newest.kind,
        parser=newest.parser,
        revision=newest.revision,
        command=filled[0].command,
        field=name,
        before=_share(older),
        now=_share(newer),
        rows_before=older[1],
        rows_now=newer[1],
        runs=tuple(filled[:cut]),
    )


def _cut(samples: Sequence[Sample]) -> int | None:
    cuts = [
        (_steady_z(samples[at:], samples[:at]), at)
        # As many older runs have to be left as a fall is measured against.
        for at in range(1, len(samples) - LEAST_RUNS + 1)
        if _counts(_sum(samples[at:]), _sum(samples[:at]), (samples[0], samples[at - 1]))
    ]
    return max(cuts)[1] if cuts else None


def _counts(older: Sample, newer: Sample, ends: Iterable[Sample]) -> bool:
    if min(older[1], newer[1]) < LEAST_ROWS:
        return False
    middle = (_share(older) + _share(newer)) / 2
    return all(_share(end) <= middle for end in ends)


def _has_fallen(older: Sequence[Sample], newer: Sequence[Sample]) -> bool:
    # The lowest older run, not their mean: a share that was as low before has not fallen.
    usual = min((_share(sample) for sample in _steady(older) if sample[1] >= LEAST_ROWS), default=1.0)
    fallen = min(usual, _share(_sum(older))) - _share(_sum(newer))
    return fallen >= LEAST_FALL and _steady_z(older, newer) >= LEAST_Z


def _steady_z(older: Sequence[Sample], newer: Sequence[Sample]) -> float:
    return z_of(_sum(older), _sum(newer)) / sqrt(max(1.0, dispersion(_steady(older), newer)))


def _steady(samples: Sequence[Sample]) -> Sequence[Sample]:
    """The runs by their share, the few lowest left out."""
    return sorted(samples, key=_share)[max(0, len(samples) // EVERY - 1) :]


def dispersion(*sides: Sequence[Sample]) -> float:
    """How much more than by chance the shares of each side's runs differ: 1 is chance, 0 is not known."""
    freedom = sum(len(samples) - 1 for samples in sides)
    return sum(map(_squares, sides)) / freedom if freedom else 0.0


def _squares(samples: Sequence[Sample]) -> float:
    share = _share(_sum(samples))
    # No variance: runs that are all full or all empty do not differ.
    if not 0 < share < 1:
        return 0.0
    return sum((filled - rows * share) ** 2 / (rows * share * (1 - share)) for filled, rows in samples)


def _sample(run: RunRates, name: str) -> Sample:
    return run.rates.filled[name], run.rates.rows(name)


def _sum(samples: Sequence[Sample]) -> Sample:
    return sum(filled for filled, _ in samples), sum(rows for _, rows in samples)


def _share(sample: Sample) -> float:
    return sample[0] / sample[1]
