"""Why a writer that heard PreRestore does not hear how the restore ended, each with its rule."""

from enum import Enum


class Unheard(Enum):
    """What keeps PostRestore from a writer."""

    __hash__ = object.__hash__  # a name is hashed in Python

    because: str
    rule: str

    def __init__(self, because: str, rule: str) -> None:
        self.because = because
        self.rule = rule

    STARTED_ANEW = (
        "its service was stopped and started meanwhile, so its process is another one",
        "srs-hosted-writer-no-postrestore",
    )
    NOT_RUNNING = "it does not run any more", "wr-status-not-responding"
    SPARED = (
        "it asked for it only where the restore of its files fails, and it did not",
        "wre-if-replace-fails",
    )
