"""VSS says no, or did a part only: the exception that the Python interface raises, and the reason that it carries."""

from collections.abc import Mapping
from typing import Any

from vss_sim.engine.answers import NOTHING, Refusal
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import Rule, rules


class Reason:
    """Why a call was refused, or an operation failed or did a part only.

    `hresult` is the answer, `method` the call, `rule` the id of the rule that it rests on, `because` what was missing,
    `instead` the shortest legal calls from there to what the call was for, `mends` what helps where no call does.
    """

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    @property
    def hresult(self) -> HResult:
        """The answer."""
        return self._refusal.answer

    @property
    def method(self) -> str:
        """The call, by its documented name."""
        return self._refusal.method

    @property
    def rule(self) -> str:
        """The id of the rule by which VSS said no."""
        return self._refusal.rule

    @property
    def sentence(self) -> str:
        """The rule in one sentence; empty where no page states one."""
        found: Rule | None = rules().get(self.rule)
        return found.statement if found is not None else ""

    @property
    def because(self) -> str:
        """What was missing before the call, or wrong with it."""
        return self._refusal.because

    @property
    def instead(self) -> tuple[str, ...]:
        """The shortest legal way on; empty where no call mends it."""
        return self._refusal.instead

    @property
    def mends(self) -> str:
        """What mends it where no sequence of calls does, such as more room on a volume; empty where nobody knows."""
        return self._refusal.mends

    def __str__(self) -> str:
        """All of it, in a paragraph."""
        return self._refusal.says

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class VssError(Reason, Exception):
    """A call that VSS refused, or an operation that failed: the one exception for a failing HRESULT.

    As of every `Reason`, `hresult` is the answer, `method` the call, `rule` the id of the rule that it rests on,
    `because` what was missing, `instead` the shortest legal calls from there, `mends` what helps where no call does.
    `out` is what the call handed out although it failed, by the names of its parameters: DeleteSnapshots tells how far
    it came.
    """

    def __init__(self, refusal: Refusal, out: Mapping[str, Any] = NOTHING) -> None:
        Exception.__init__(self, refusal)
        Reason.__init__(self, refusal)
        self.out = out

    def __repr__(self) -> str:
        return f"<VssError: {self.method} answers {self.hresult.name} [{self.rule}]>"
