"""What mends a failure that no sequence of calls mends: what the requester, or who runs the machine, can do about it.

The sentences follow what the page of the method, or its rule in `failures.tsv`, says of the answer; where no page says
anything, there is none.
"""

from functools import cache
from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.tables import read_table

_ANY_METHOD: Final = "*"


@cache
def _rows() -> dict[tuple[str, str], str]:
    return {(row["method"], row["hresult"]): row["remedy"] for row in read_table("remedies.tsv")}


def remedy(full_name: str, code: HResult, rule: str = "") -> str:
    """What mends the failure of a call with `code`, as a clause; empty where nobody knows.

    The row for the rule that was broken counts, then those for the method, by its full name or its name alone, for its
    interface, and for the answer.
    """
    signature = signatures().get(full_name)
    family = signature.family if signature is not None else ""
    rows = _rows()
    for of in (rule, full_name, full_name.rpartition("::")[2], family, _ANY_METHOD):
        found = rows.get((of, code.name))
        if found is not None:
            return found
    return ""
