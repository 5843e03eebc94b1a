"""VSS says no: the one exception that the Python interface raises for a failing HRESULT."""

from collections.abc import Mapping
from typing import Any

from vss_sim.engine.answers import NOTHING, Refusal
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import Rule, rules


class VssError(Exception):
    """A call that VSS refused, or an operation that failed.

    `hresult` is the answer, `method` the call, `rule` the id of the rule that it rests on, `because` what was missing,
    `instead` the shortest legal calls from there to what the call was for, `mends` what helps where no call does. `out`
    is what the call handed out although it failed, by the names of its parameters: DeleteSnapshots tells how far it
    came.
    """

    def __init__(self, refusal: Refusal, out: Mapping[str, Any] = NOTHING) -> None:
        super().__init__(refusal)
        self._refusal = refusal
        self.out = out

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
