"""The page of figures: what a benchmark measures stands between two comments of its name, and words stand around it.

The words are written on the page, by hand, and nowhere else.
"""

import argparse
import sys
from pathlib import Path


def parser_for(description: str) -> argparse.ArgumentParser:
    """What every benchmark takes."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--write", type=Path, help="the page on which the figures are put, in place of those there")
    return parser


def put(name: str, figures: str, page: Path | None) -> None:
    """Print figures, and put them into their section of the page, if there is one.

    Raises:
        ValueError: the page has no such section.
    """
    sys.stdout.write(f"{figures}\n")
    if page is None:
        return
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    head, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} has no section {begin.strip()} to {end}")
    page.write_text(f"{head}{begin}{figures}\n{end}{tail}", encoding="utf-8", newline="\n")
