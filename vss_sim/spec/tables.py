"""How the tab-separated tables beside this file are read: one header line, one record a line, no quoting."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


def read_table(*parts: str) -> Iterator[dict[str, str]]:
    """The records of the table at `parts` below `vss_sim/spec`, each as column → cell."""
    header, *lines = _HERE.joinpath(*parts).read_text(encoding="utf-8").splitlines()
    columns = header.split("\t")
    for line in lines:
        yield dict(zip(columns, line.split("\t"), strict=True))


def tables_in(folder: str) -> list[str]:
    """The names of the tables in `folder`, sorted."""
    return sorted(path.name for path in _HERE.joinpath(folder).glob("*.tsv"))
