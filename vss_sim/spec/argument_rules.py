"""What a demand on an argument is: the condition that a value has to meet, and what follows where it does not."""

from enum import Enum
from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force

_INVALID: Final = (HResult.E_INVALIDARG,)


class Condition(Enum):
    """What is asked of one argument."""

    __hash__ = object.__hash__  # a name is hashed in Python

    NOT_NULL = "not NULL"
    NULL_ID = "GUID_NULL"
    ONE_OF = "one of the values"
    NONE_OF = "none of the values"
    ENDS_IN_BACKSLASH = "a name that ends in a backslash"
    KNOWN_CONTEXT = "a documented context, with attributes that go together"
    NOT_EMPTY = "a text, neither NULL nor empty"
    NOT_TRUE = "false"
    NULL = "NULL"
    NOT_NULL_ID = "an id other than GUID_NULL"
    NO_WILDCARD = "a path without wildcards"
    NO_PATTERN = "a path without wildcards and environment variables"
    NO_BACKSLASH = "a file specification without a backslash"
    NOT_REMOTE = "a path on this computer"
    LOCAL_PLACE = "a drive letter followed by a colon, or the path of a folder"
    SHARE_NAME = "the name of a share: up to 80 characters, none of them a sign"
    NAMED_SERVER = "a share of a server that goes by its name, not by an address"
    ALONE = "none of the flags, or that alone"
    NOT_ALL = "not all of the flags together"
    WITHOUT = "none of the flags"
    ZERO = "zero"
    ZEROED = "a structure of zeros"
    RANGES = "offset:length pairs, or the full path of a ranges file"
    OPTIONS = 'pairs of "name"="value", with commas between them, each after its "subcomponent": if it is of one'
    ONE_ALL = 'not more than one "Authoritative"="All" for one thing'
    SAME_RANGES = "ranges equal in number and sizes to those of the parameter named"


class ArgumentRule(Struct, frozen=True):
    """One demand on one parameter of the methods named.

    `also` are further rules that say the same; `when` names another parameter and its values, one of which the call has
    to have for the demand to be made; what is `notable` is only worth knowing, since it depends on what a log does not
    show.
    """

    methods: tuple[str, ...]
    parameter: str
    condition: Condition
    rule: str
    values: tuple[str, ...] = ()
    answers: tuple[HResult, ...] = _INVALID
    otherwise: Force = Force.REFUSED
    also: tuple[str, ...] = ()
    notable: bool = False
    when: tuple[str, tuple[str, ...]] | None = None
