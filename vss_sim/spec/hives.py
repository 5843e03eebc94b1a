r"""Files of the registry: what a restore cannot bring back by a delayed move (rule rar-not-registry).

They lie in `%SystemRoot%\System32\config`, and are in use as long as Windows runs.
"""

from typing import Final

_FOLDER: Final = "\\windows\\system32\\config\\"
HIVES: Final = frozenset({"sam", "security", "software", "system", "default", "components", "bcd-template"})
"""Their names, as they are compared."""


def is_hive(path: str) -> bool:
    """Whether a path is that of a file of the registry, on whichever drive Windows is."""
    folder, slash, name = path.casefold().rpartition("\\")
    return name in HIVES and (folder + slash).endswith(_FOLDER)
