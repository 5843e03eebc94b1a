"""The command of a folder that was lifted out: `python -m conformance` beside it, or `python path/to/conformance`."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    if not __package__:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    package = __package__ or Path(__file__).resolve().parent.name
    sys.exit(import_module(f"{package}.command").main(prog=f"python -m {package}"))
