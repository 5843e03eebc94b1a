"""Programs made by chance: mostly calls that the table allows where the program stands, some with odd arguments.

A program is a list of numbers, so that whoever draws them - hypothesis - can shorten it to what matters. A number means
the same call wherever that is allowed, so that what stands before it can be left out.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.ruling import rule_on
from vss_sim.generate.made import Made, Program
from vss_sim.generate.places import HARDWARE, KEPT, arguments, world
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import Phase

AREA: Final = "fuzz"
LARGEST: Final = (1 << 24) - 1
"""A step is a number up to this."""
_CALLS: Final = tuple(
    (name, choice)
    for name, method in METHODS.items()
    if method.interface.startswith("IVssBackupComponents")
    for choice in method.ways
)
_ASYNC: Final = ("Wait", "QueryStatus", "Cancel")
_KINDS: Final = 8
_OF_OPERATIONS: Final = 2
"""So many steps of eight are about an operation, and one about any call; the others are what the table allows."""
_MOSTLY_PLAIN: Final = 6
"""One call in so many has an odd argument."""
_ODD: Final[dict[str, tuple[Any, ...]]] = {
    "VSS_ID": ("GUID_NULL", KEPT.set_id, HARDWARE.provider_id, "{77777777-0000-4000-8000-000000000001}"),
    "LPCWSTR": (None, "", "Nothing", "C:"),
    "VSS_PWSZ": (None, "", "D:\\", "C:"),
    "UINT": (1, 7),
    "LONG": (0, 0x41),
    "bool": (False, True),
    "VSS_COMPONENT_TYPE": ("VSS_CT_UNDEFINED", "VSS_CT_DATABASE"),
    "VSS_OBJECT_TYPE": ("VSS_OBJECT_SNAPSHOT_SET", "VSS_OBJECT_PROVIDER", "VSS_OBJECT_UNKNOWN"),
    "VSS_BACKUP_TYPE": ("VSS_BT_UNDEFINED", "VSS_BT_COPY"),
}
_MIXING: Final = 2654435761
_MODULUS: Final = 1 << 32
"""Each number has an order of all calls of its own: by the rest of a product."""
_ANY_RULE: Final = "seq-init-before-anything"


def program(numbers: Sequence[int]) -> Made:
    """The case of a program."""
    run = Program(world())
    for number in numbers:
        if run.state & Phase.RELEASED.bit:
            break
        with suppress(NotSimulated, BadCall):
            _step(run, number)
    lines = run.lines()
    header = {
        "id": f"{AREA}/found",
        "about": f"A program of {len(lines)} calls, made by chance.",
        "verdict": "conforms",
        "rules": list(dict.fromkeys((*run.refused, *_rules(lines)))) or [_ANY_RULE],
    }
    return run.made(header, lines)


def _step(run: Program, number: int) -> None:
    """One call: `number` says which, and with what."""
    number, kind = divmod(number, _KINDS)
    if kind < _OF_OPERATIONS and run.operations:
        number, method = divmod(number, len(_ASYNC))
        names = list(run.operations)
        run.of_operation(_ASYNC[method], names[-1 - number % len(names)])
        return
    number, plain = divmod(number, _MOSTLY_PLAIN)
    name, choice = _chosen(run, number, any_call=kind == _KINDS - 1)
    run.call(name, choice, None if plain else _odd(name, number))


def _chosen(run: Program, number: int, *, any_call: bool) -> tuple[str, str | None]:
    """The call that the number puts first, of all or of those that are allowed here."""
    menu = [place for place in range(len(_CALLS)) if any_call or rule_on(_CALLS[place][0], run.state).plain]
    return _CALLS[max(menu or range(len(_CALLS)), key=lambda place: (number + 1) * (place + 1) * _MIXING % _MODULUS)]


def _odd(name: str, number: int) -> dict[str, Any] | None:
    signature = signatures()[METHODS[name].full_name]
    given = arguments(signature)
    known = [one for one in signature.parameters if one.type in _ODD and one.name in given]
    if not known or not number:
        return None
    number, place = divmod(number, len(known))
    values = _ODD[known[place].type]
    return {known[place].name: values[number % len(values)]}


def _rules(lines: list[dict[str, Any]]) -> list[str]:
    """The rules of the methods that were called, as far as the table names them."""
    found: dict[str, None] = {}
    for line in lines:
        method = METHODS.get(str(line.get("call", "")).rpartition("::")[2])
        if method is not None:
            found.update(dict.fromkeys(need.rules[0] for need in method.needs))
    return list(found)
