"""The command `vss-sim`. The version is answered before anything is imported that takes time."""

import sys

from vss_sim import __version__


def main(arguments: list[str] | None = None) -> int:
    """Run the command with `arguments` (default: those of the process) and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words in (["--version"], ["-V"]):
        print(f"vss-sim {__version__}")  # noqa: T201 - the edge is where printing happens
        return 0
    from vss_sim.cli.commands import run  # noqa: PLC0415 - keeps --version fast

    return run(words)
