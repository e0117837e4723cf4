"""Stdout and stderr that outlast what is behind them: a reader that left, a full disk, a closed descriptor.

None of this stops the work, and the exit code still says how the work ended. The guard stands at the
bottom, below the buffers, so that nothing that prints can go past it.
"""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD = (0, 1, 2)


# "thresher show 12 | head" closes the pipe: that ends the printing, and not the work.
class LastingFile(FileIO):
    """A file whose writes never fail: after the first that cannot be done, the rest goes nowhere."""

    failure: OSError | None = None
    """What went wrong; a reader that has read enough is no failure."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, or go on in silence; the number of bytes that are done with."""
        try:
            # None: whoever shares the descriptor made it non-blocking, and it is full just now.
            while (written := super().write(data)) is None:
                select.select((), (self,), ())
        except OSError as error:
            self._give_up(error)
            return memoryview(data).nbytes
        return written

    def _give_up(self, error: OSError) -> None:
        if not isinstance(error, BrokenPipeError):
            self.failure = self.failure or error
        # The descriptor itself: what a library writes past us goes nowhere as well.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Stdout and stderr whose writes never fail, in whatever encoding, and a stdin that can be read."""
    _fill_descriptors()
    before = sys.stdin, sys.stdout, sys.stderr
    out, err = (LastingFile(number, "wb", closefd=False) for number in STANDARD[1:])
    sys.stdin = sys.stdin or TextIOWrapper(FileIO(0, closefd=False))
    # Whoever called with a stream of their own keeps it.
    sys.stdout = _text(out, sys.stdout) if sys.stdout is sys.__stdout__ else sys.stdout
    sys.stderr = _text(err, sys.stderr) if sys.stderr is sys.__stderr__ else sys.stderr
    try:
        yield
    finally:
        sys.stdout.flush()
        if out.failure is not None:
            sys.stderr.write(f"thresher: not everything could be printed: {out.failure.strerror}\n")
        sys.stderr.flush()
        sys.stdin, sys.stdout, sys.stderr = before


def _fill_descriptors() -> None:
    # Else the first file that is opened, which may be the database, becomes what is printed to.
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            # The lowest that is free; a process of ours needs it as well.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _text(file: LastingFile, before: TextIO | None) -> TextIO:
    """The file as text: in the encoding that Python chose, with escapes for the letters it lacks."""
    return TextIOWrapper(
        BufferedWriter(file),
        encoding=before.encoding if before is not None else "utf-8",
        errors="backslashreplace",
        line_buffering=file.fileno() == STANDARD[2] or file.isatty(),
        write_through=bool(os.environ.get("PYTHONUNBUFFERED")),
    )
