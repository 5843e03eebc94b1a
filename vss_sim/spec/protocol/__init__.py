"""The protocol table: for every method of a backup components object, what it needs, what it does, by which rule.

`METHODS` is the whole table. The runtime, the checker, the generated cases, the documentation and the tests read it and
nothing else; no other module compares phases. The rows stand by area: `backup`, `completion`, `restore`,
`information`, `snapshots`, `lifetime`; the other objects (`IVssAsync`, enumerators, metadata) in `objects`.
"""

from typing import Final

from vss_sim.spec.protocol import backup, completion, information, lifetime, restore, snapshots
from vss_sim.spec.table import Method

_ROWS: Final = [
    method for area in (backup, completion, restore, information, snapshots, lifetime) for method in area.METHODS
]

METHODS: Final[dict[str, Method]] = {method.name: method for method in _ROWS}
"""Method name → its row; names are unique over `IVssBackupComponents` to `Ex4` and `IUnknown`."""

if len(METHODS) != len(_ROWS):
    raise ValueError("a method has two rows")
