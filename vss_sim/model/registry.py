"""What VSS reads of a machine's registry: who may call it, how many shadow copies there are, what they leave out."""

import re
from typing import Annotated, Final

import msgspec

from vss_sim.model.names import VERBATIM
from vss_sim.model.values import Described, own, wrong

MOST_COPIES: Final = 512
_WILD_FOLDER: Final = re.compile(r".*[*?].*\\")
CopiesAllowed = Annotated[int, msgspec.Meta(ge=1, le=MOST_COPIES)]


class Registry(Described, frozen=True, kw_only=True):
    """The part of the registry that VSS reads, and whether paths may be longer than MAX_PATH.

    `files_not_to_snapshot` has the paths of each application, `user_profiles` the folders of ProfileList.
    """

    vss_access_control: dict[str, int] = msgspec.field(default_factory=dict)
    long_paths_enabled: bool = False
    max_shadow_copies: CopiesAllowed = 64
    files_not_to_snapshot: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    user_profiles: tuple[str, ...] = ()
    disable_user_profile_expansion: bool = False

    def __post_init__(self) -> None:
        own(self, "vss_access_control", "files_not_to_snapshot")
        for path in (path for paths in self.files_not_to_snapshot.values() for path in paths):
            if _WILD_FOLDER.match(path.removeprefix(VERBATIM)):
                raise wrong(self, "files_not_to_snapshot", f"{path!r}: wildcards are simulated in the last name only")
        if not 1 <= self.max_shadow_copies <= MOST_COPIES:
            raise wrong(self, "max_shadow_copies", f"it is a number from 1 to {MOST_COPIES}")
