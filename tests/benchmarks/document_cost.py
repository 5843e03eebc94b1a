"""What documents cost, beside `lxml`: ratios of one run, in CPU time.

The document is that of a System Writer: 2.1 MB, about 19,000 file lists on one line. The real one is read where
`VSS_SIM_DATA` (or `../shared/data`) has it; else one of its size is made. Both sides read all of it: `lxml` into plain
tuples of texts, by its quickest calls, ours into the values of the model, words and numbers read and checked. To write,
`lxml` makes its tree of such tuples and serialises it. Memory is the peak of the process, in one of its own, where the
system tells it.

Run `python -m tests.benchmarks.document_cost`; `--write docs/performance.md` puts the figures there. It needs the extra
`bench`.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any, Final

from tests.benchmarks.page import parser_for, put
from vss_sim.documents.writer_metadata import read_writer_metadata, write_writer_metadata
from vss_sim.model.metadata import FileSet, WriterComponent, WriterMetadata

ROUNDS: Final = 15
FILE_LISTS: Final = 18_925
ROOT: Final = Path(__file__).resolve().parents[2]
REAL: Final = (
    Path(os.environ.get("VSS_SIM_DATA") or ROOT.parent / "shared" / "data")
    / "documents"
    / "ws2012-no_sql-WM3-System-Writer.xml"
)
NAMESPACE: Final = "x-schema:#VssWriterMetadataInfo"
_SPACE: Final = f"{{{NAMESPACE}}}"
_FILE: Final = ("path", "filespec", "recursive", "alternatePath", "filespecBackupType")
_COMPONENT: Final = (
    "componentName",
    "logicalPath",
    "caption",
    "restoreMetadata",
    "notifyOnBackupComplete",
    "selectable",
    "selectableForRestore",
    "componentFlags",
)


def made() -> bytes:
    """A document of the size and the repetitions of a System Writer's: a tenth of the folders, most names once."""
    files = tuple(
        FileSet(
            path=f"%windir%\\WinSxS\\amd64_folder-{number // 10:04d}",
            filespec=f"library{number % 11_053:05d}.dll",
        )
        for number in range(FILE_LISTS)
    )
    component = WriterComponent(name="System Files", selectable=False, files=files)
    writer_id = "{e8132975-6f93-4464-a53e-1050253ae220}"
    return write_writer_metadata(
        WriterMetadata(name="System Writer", writer_id=writer_id, components=(component,))
    ).encode()


def document() -> bytes:
    """The document to measure with."""
    return REAL.read_bytes() if REAL.exists() else made()


Tuples = list[tuple[tuple[str | None, ...], list[tuple[str | None, ...]]]]


def read_by_lxml(data: bytes) -> Tuples:
    """Components and file lists as tuples of the texts of their attributes."""
    from lxml import etree

    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    return [
        (
            tuple(group.get(name) for name in _COMPONENT),
            [
                (
                    one.get("path"),
                    one.get("filespec"),
                    one.get("recursive"),
                    one.get("alternatePath"),
                    one.get("filespecBackupType"),
                )
                for one in group
            ],
        )
        for group in root.iter(_SPACE + "FILE_GROUP", _SPACE + "DATABASE")
    ]


def write_by_lxml(tuples: Tuples) -> bytes:
    """The same tuples as a tree, and the tree as a text."""
    from lxml import etree

    root = etree.Element(_SPACE + "WRITER_METADATA", {"version": "1.2"}, {None: NAMESPACE})
    locations = etree.SubElement(root, _SPACE + "BACKUP_LOCATIONS")
    group_name, file_name = _SPACE + "FILE_GROUP", _SPACE + "FILE_LIST"
    for component, files in tuples:
        group = etree.SubElement(locations, group_name, _given(_COMPONENT, component))
        for path, filespec, recursive, alternate, mask in files:
            if recursive is None and alternate is None:
                etree.SubElement(group, file_name, path=path, filespec=filespec, filespecBackupType=mask)
            else:
                values = (path, filespec, recursive, alternate, mask)
                etree.SubElement(group, file_name, _given(_FILE, values))
    text: bytes = etree.tostring(root)
    return text


def _given(names: tuple[str, ...], values: tuple[str | None, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def times(*work: Callable[[], Any]) -> list[float]:
    """The best CPU time of each, taken in turns, so that what else the machine does falls on all of them."""
    best = [float("inf")] * len(work)
    for _ in range(ROUNDS):
        for place, one in enumerate(work):
            begin = process_time()
            one()
            best[place] = min(best[place], process_time() - begin)
    return best


_PEAK: Final = Path("/proc/self/status")
_RESET: Final = Path("/proc/self/clear_refs")


def peak(whose: str) -> int | None:
    """The KiB by which reading the document raises the peak of a new process; None where the system does not tell."""
    if not _RESET.exists():
        return None
    command = [sys.executable, "-m", "tests.benchmarks.document_cost", "--peak", whose]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
    return int(told.stdout)


def _measure_peak(whose: str) -> int:
    """Read a small document first, so that only what the large one takes is counted."""
    data = document()
    small = WriterMetadata(name="W", writer_id="{e8132975-6f93-4464-a53e-1050253ae220}")
    read: Callable[[bytes], object] = read_by_lxml if whose == "lxml" else read_writer_metadata
    read(write_writer_metadata(small).encode())
    _RESET.write_text("5", encoding="ascii")
    before = _resident()
    kept = read(data)
    more = _resident() - before
    del kept
    return more


def _resident() -> int:
    line = next(line for line in _PEAK.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


def lines() -> Iterator[str]:
    """The figures as a table."""
    data = document()
    metadata, tuples = read_writer_metadata(data), read_by_lxml(data)
    ours, theirs = times(lambda: read_writer_metadata(data), lambda: read_by_lxml(data))
    written, built = times(lambda: write_writer_metadata(metadata), lambda: write_by_lxml(tuples))
    count = sum(len(component.files) for component in metadata.components)
    kind = "a real one" if REAL.exists() else "one of that size"
    yield f"The document: {kind}, {len(data) / 1e6:.1f} MB, {count:,} file lists."
    yield ""
    yield "| what | ours | `lxml` | of it | wanted |"
    yield "|---|---:|---:|---:|---:|"
    yield f"| read | {ours * 1e3:.1f} ms | {theirs * 1e3:.1f} ms | **{theirs / ours:.2f}** of the rate | 0.90 |"
    yield f"| written | {written * 1e3:.1f} ms | {built * 1e3:.1f} ms | **{built / written:.1f}** times as fast | 5 |"
    mine, its = peak("ours"), peak("lxml")
    if mine is not None and its is not None:
        yield f"| peak memory of reading | {mine / 1024:.1f} MiB | {its / 1024:.1f} MiB | **{mine / its:.2f}** | 0.33 |"


def main() -> None:
    """Measure, print, and write the figures where that is asked for."""
    parser = parser_for(__doc__ or "")
    parser.add_argument("--peak", choices=("ours", "lxml"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        sys.stdout.write(f"{_measure_peak(options.peak)}\n")
    else:
        put("documents", "\n".join(lines()), options.write)


if __name__ == "__main__":
    main()
