"""`python -m vss_sim.cli.write_suite`: write the tables of the conformance suite anew (part of `make docs`)."""

from pathlib import Path
from typing import Final

import vss_sim
from vss_sim.report.suite_tables import protocol_table, rules_table
from vss_sim.wire.suite_schemas import case_schema, messages_schema

FOLDER: Final = Path(vss_sim.__file__).parents[1] / "conformance"


def texts() -> dict[str, str]:
    """Name in the folder → what the file holds."""
    return {
        "rules.json": rules_table(),
        "protocol.json": protocol_table(),
        "schemas/case.schema.json": case_schema(),
        "schemas/messages.schema.json": messages_schema(),
    }


def main() -> None:
    """Write all."""
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
