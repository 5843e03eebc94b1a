"""`python -m vss_sim.cli.write_requester`: write the typed modules of the Python interface anew (`make api`)."""

from pathlib import Path
from typing import Final

import vss_sim
from vss_sim.report.requester_source import sources

FOLDER: Final = Path(vss_sim.__file__).parent / "requester"


def main() -> None:
    """Write every module whose text has changed."""
    for name, text in sources().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
