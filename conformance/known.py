"""The file of known failures: a case a line, a colon, and why it is known to fail; `#` begins a remark.

A case that is listed and fails does not fail the run; one that is listed and passes does, so that the list stays true.
"""

from pathlib import Path

from .case import Case


class KnownError(Exception):
    """The file cannot be used: the file, the line, what was expected."""


def read_known(path: Path, cases: list[Case]) -> dict[str, str]:
    """Case → reason.

    Raises:
        KnownError: the file cannot be read, a line has no reason or names no case.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise KnownError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise KnownError(f"{path}: cannot be read: {error}") from None
    there = {case.id for case in cases}
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip() if line.lstrip().startswith("#") else line.strip()
        if not said:
            continue
        name, colon, reason = (part.strip() for part in said.partition(":"))
        if not colon or not reason:
            raise KnownError(f"{path}:{number}: expected a case, a colon and a reason, such as area/name: why it fails")
        if name not in there:
            raise KnownError(f"{path}:{number}: there is no case {name!r}")
        if name in found:
            raise KnownError(f"{path}:{number}: {name!r} is listed twice")
        found[name] = reason
    return found
