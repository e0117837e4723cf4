"""Pages out of files that others made: any tool's WARC or ARC, packed or plain, damaged or crafted.

    path --containers--> Source --salvage--> RawRecord --its address is wanted--> ExternalPage
                                             revisits --(once all files are read)--> ExternalPage

Damage is named by file and offset, and reading continues at the next record. A record whose address is not
wanted is counted and not parsed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ingest.archive.archive_file import ArchiveFile
from ingest.archive.external.addresses import is_web, read_address
from ingest.archive.external.containers import parts_of
from ingest.archive.external.dates import read_date
from ingest.archive.external.external_page import ExternalPage, RecordCounts
from ingest.archive.external.revisits import Repeated, Revisits
from ingest.archive.external.salvage import Damage, salvage
from ingest.archive.warc.http_message import LARGEST_HEAD, Answer, Unreadable, read_answer
from ingest.archive.warc.records import ASKED
from ingest.archive.warc.walk import RawRecord
from ingest.errors import ArchiveDamaged

NOT_MODIFIED = 304
TLS = re.compile(r"tls/\d\.\d")
OURS = re.compile(r"^software:\s*thresher/", re.MULTILINE | re.IGNORECASE)
PART_OF = re.compile(r"^isPartOf:[ \t]*(\S+)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
PAGES = frozenset({"response", "revisit", "resource"})
KINDS = PAGES | {"request", "warcinfo", "metadata", "conversion", "continuation"}

OTHERS = "other addresses"

OnDamage = Callable[[ArchiveDamaged], None]
"""Called for each place that cannot be read."""
OnFileDamage = Callable[[ArchiveFile, ArchiveDamaged], None]
FindOriginal = Callable[[Repeated], Answer | None]
"""The response that a revisit repeats, if it is held."""
Wanted = Callable[[str, str | None], bool]
"""Whether a page of this address is wanted; with the source that a file of our own names, or None."""


def read_pages(
    path: ArchiveFile,
    *,
    start: int = 0,
    damaged: OnDamage | None = None,
    find_original: FindOriginal | None = None,
) -> Iterator[ExternalPage]:
    """Every answer in a file from ``start``, where a record must begin: responses first, then revisits.

    ``damaged`` is called for what cannot be read, and reading continues behind it; ``find_original`` finds
    responses that revisits repeat and the file does not hold.

    Raises:
        ArchiveDamaged: something cannot be read, and no ``damaged`` was given.
    """
    on_damage = damaged if damaged is not None else _raise
    reader = ExternalReader(find_original=find_original)
    yield from reader.pages(path, start=start, damaged=on_damage)
    yield from reader.revisits({path: start}, damaged=lambda _, error: on_damage(error))


def read_page(path: ArchiveFile, start: int, *, find_original: FindOriginal) -> ExternalPage:
    """The one answer whose record begins at ``start``; ArchiveDamaged if none does, or it repeats none."""
    reader = ExternalReader(find_original=find_original)
    for _, _, record in records_of(path, start, _raise, RecordCounts()):
        if record.offset != start or record.kind not in PAGES:
            break
        page = reader.page(path, record)
        return page if page is not None else next(reader.revisits((), damaged=lambda _, error: _raise(error)))
    raise ArchiveDamaged("no whole answer begins here", path.name, start)


class ExternalReader:
    """Reads files one after the other, and their revisits when all are read."""

    def __init__(self, *, wanted: Wanted | None = None, find_original: FindOriginal | None = None) -> None:
        self._wanted = wanted or _everything
        self._find_original = find_original
        self._revisits: Revisits[ExternalPage] = Revisits()

    def pages(
        self, path: ArchiveFile, *, start: int = 0, damaged: OnDamage, seen: RecordCounts | None = None
    ) -> Iterator[ExternalPage]:
        """The wanted responses of a file, in its order; its revisits are kept for later."""
        seen = seen if seen is not None else RecordCounts()
        ours: str | None = None
        for file, packed, record in records_of(path, start, damaged, seen):
            seen.kinds[record.kind if record.kind in KINDS else "unknown"] += 1
            if record.kind == "warcinfo":
                ours = source_named_by(record)
            if record.kind not in PAGES:
                seen.passed_over[record.kind if record.kind in KINDS else "unknown"] += 1
                continue
            try:
                page = self._page(path, file, record, ours, seen)
            except Unreadable as exc:
                damaged(ArchiveDamaged(str(exc), file, record.offset))
                continue
            if page is not None:
                yield replace(page, alone=page.alone and not packed)

    def revisits(
        self, paths: Iterable[ArchiveFile] | dict[ArchiveFile, int], *, damaged: OnFileDamage
    ) -> Iterator[ExternalPage]:
        """The revisits of all files that were read; ``paths`` are the files their originals can be in."""
        starts = paths if isinstance(paths, dict) else dict.fromkeys(paths, 0)
        for path, start in starts.items():
            if self._revisits:
                yield from self._repeats_of(path, start)
        missing: dict[ArchiveFile, list[ExternalPage]] = {}
        for waiting in self._revisits.left():
            held = self._find_original(waiting.repeated) if self._find_original else None
            if held is not None:
                yield _repeating(waiting.page, waiting.record, held, whole=held.whole)
            else:
                missing.setdefault(waiting.page.path, []).append(waiting.page)
        for path, pages in missing.items():
            first = pages[0]
            damaged(path, ArchiveDamaged(_unmet(len(pages)), first.file, first.offset))

    def _repeats_of(self, path: ArchiveFile, start: int) -> Iterator[ExternalPage]:
        for _, _, record in records_of(path, start, _pass_over, RecordCounts()):
            if record.kind != "response" or record.block is None:
                continue
            waiting = tuple(self._revisits.of(record))
            if not waiting:
                continue
            try:
                first = read_answer(record.block)
            except Unreadable:
                for revisit in waiting:
                    self._revisits.add(revisit.page, revisit.record)
                continue
            for revisit in waiting:
                yield _repeating(revisit.page, revisit.record, first, whole=first.whole and not record.cut)

    def page(self, path: ArchiveFile, record: RawRecord) -> ExternalPage | None:
        """The page of one record; None for a revisit, which is kept for later. Raises ArchiveDamaged."""
        try:
            page = self._page(path, path.name, record, None, RecordCounts())
        except Unreadable as exc:
            raise ArchiveDamaged(str(exc), path.name, record.offset) from exc
        if page is None and not self._revisits:
            raise ArchiveDamaged("it is no answer of a web server", path.name, record.offset)
        return page

    def _page(
        self, path: ArchiveFile, file: str, record: RawRecord, ours: str | None, seen: RecordCounts
    ) -> ExternalPage | None:
        url = read_address(record.header("WARC-Target-URI") or "")
        if not is_web(url) or not _is_http(record):
            seen.passed_over["no HTTP"] += 1
            return None
        if not self._wanted(url, ours):
            seen.passed_over[OTHERS] += 1
            return None
        if record.block is None:
            raise Unreadable("the record is larger than a record may be")
        page = _described(path, file, record, url, ours)
        if record.kind == "revisit":
            self._revisits.add(page, replace(record, block=record.block[:LARGEST_HEAD]))
            return None
        answer = _resource(record) if record.kind == "resource" else read_answer(record.block)
        return replace(page, answer=answer, whole=page.whole and answer.whole and not record.cut)


def records_of(
    path: ArchiveFile, start: int, damaged: OnDamage, seen: RecordCounts
) -> Iterator[tuple[str, bool, RawRecord]]:
    """Every record with the name of the file it is in, and whether that is packed."""
    part_name = ""

    def on_damage(damage: Damage) -> None:
        seen.lost_bytes += damage.lost
        lost = f" ({damage.lost} bytes are passed over)" if damage.lost else ""
        damaged(ArchiveDamaged(damage.reason + lost, part_name, damage.offset))

    try:
        for part in parts_of(path, start):
            if isinstance(part, ArchiveDamaged):
                damaged(part)
                continue
            part_name = part.name
            for record in salvage(part.source, damaged=on_damage):
                yield part.name, part.packed, record
    except ArchiveDamaged as error:
        damaged(error)


def first_fault(path: ArchiveFile) -> str | None:
    """Why there is no whole record in a file; None if there is one."""
    faults: list[ArchiveDamaged] = []
    for _, _, record in records_of(path, 0, faults.append, RecordCounts()):
        if not record.cut:
            return None
    return str(faults[0]) if faults else "no WARC record is in it"


def _raise(error: ArchiveDamaged) -> None:
    raise error


def _pass_over(_: ArchiveDamaged) -> None:
    """Ignore the damage: it was named when the file was first read."""


def _everything(_url: str, _source: str | None) -> bool:
    return True


def _unmet(count: int) -> str:
    unheld = "that neither the files nor the archive hold"
    several = f"{count} revisits of responses {unheld}, the first of them here"
    return several if count > 1 else f"a revisit of a response {unheld}"


def _is_http(record: RawRecord) -> bool:
    if record.kind == "resource":
        return True
    # A revisit's block may be empty, and have no type.
    return (_type(record) or "application/http").lower().startswith("application/http")


def _type(record: RawRecord) -> str | None:
    """The record's Content-Type, which some tools write in angle brackets: ``<application/http>``."""
    kind = record.header("Content-Type")
    return kind.replace("<", "").replace(">", "").strip() if kind is not None else None


def source_named_by(info: RawRecord) -> str | None:
    """The source that a file of our own holds pages of, also those that were fetched from a mirror."""
    text = (info.block or b"").decode("utf-8", "replace")
    found = PART_OF.search(text) if OURS.search(text) else None
    return found[1] if found is not None else None


def _described(path: ArchiveFile, file: str, record: RawRecord, url: str, ours: str | None) -> ExternalPage:
    captured_at = read_date(record.header("WARC-Date") or "")
    if captured_at is None:
        raise Unreadable("its WARC-Date cannot be read")
    return ExternalPage(
        path=path,
        file=file,
        offset=record.offset,
        end=record.end,
        record_id=record.header("WARC-Record-ID") or "",
        revisit=record.kind == "revisit",
        url=url,
        captured_at=captured_at,
        ip=record.header("WARC-IP-Address"),
        tls=_tls(record),
        cipher=record.header("WARC-Cipher-Suite"),
        answer=NOTHING,
        whole=record.kind == "revisit" or record.header("WARC-Truncated") is None,
        alone=record.alone,
        source=ours,
        asked=record.header(ASKED),
    )


def _tls(record: RawRecord) -> str | None:
    protocols = (value.lower() for key, value in record.headers if key.lower() == "warc-protocol")
    return next((value.removeprefix("tls/") for value in protocols if TLS.fullmatch(value)), None)


NOTHING = Answer(http_version="", status=0, reason="", headers=(), wire_body=b"", body=b"", whole=False)


def _resource(record: RawRecord) -> Answer:
    """A body that was stored without its HTTP head, as the response that it was."""
    block = record.block or b""
    kind = _type(record)
    if kind is not None and kind.lower().startswith("application/http"):
        return read_answer(block)
    return Answer(
        http_version="",
        status=200,
        reason="OK",
        headers=((b"Content-Type", kind.encode("latin-1", "replace")),) if kind else (),
        wire_body=block,
        body=block,
        whole=not record.cut,
    )


def _repeating(page: ExternalPage, record: RawRecord, first: Answer, *, whole: bool) -> ExternalPage:
    return replace(page, answer=_repeated(record.block or b"", first), whole=page.whole and whole)


def _repeated(block: bytes, first: Answer) -> Answer:
    try:
        own = read_answer(block)
    except Unreadable:  # an empty block, as it should be for a 304
        return first
    if own.status == NOT_MODIFIED:
        return first
    return replace(first, status=own.status, reason=own.reason, http_version=own.http_version)
