"""References: QueryInterface, AddRef, Release, and what VSS thinks of an object that is given up half-way."""

from typing import Final

from vss_sim.spec.protocol.common import ALIVE, RELEASED, UNPREPARED
from vss_sim.spec.state import Context, Phase, Status, all_but
from vss_sim.spec.table import Effect, Force, Method, need

RELEASE: Final = Method(
    "IUnknown",
    "Release",
    needs=(
        ALIVE,
        need(
            "seq-abort-after-startset",
            "abort-required-window",
            "obs-release-without-abort",
            met=all_but(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING),
            otherwise=Force.TOLERATED,
        ),
        need(
            "seq-abort-after-prepare",
            met=(
                UNPREPARED,
                all_but(Phase.BACKUP, Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING),
            ),
            otherwise=Force.TOLERATED,
        ),
        need(
            "seq-abort-after-do-failure",
            met=(all_but(Phase.CREATION_FAILED), Context.NO_WRITERS.bit),
            otherwise=Force.TOLERATED,
        ),
        need(
            "seq-complete-required",
            "obs-no-backup-complete",
            met=(all_but(Phase.CREATED), all_but(Context.DEFAULT, Context.WRITERS)),
            otherwise=Force.TOLERATED,
        ),
        need(
            "seq-release-after-writers",
            met=all_but(Phase.COMPLETING, Phase.PRE_RESTORING, Phase.POST_RESTORING),
            otherwise=Force.TOLERATED,
        ),
        need("seq-r-postrestore", met=all_but(Phase.PRE_RESTORED), otherwise=Force.TOLERATED),
        need("gather-status-free-after", "seq-status-free", met=all_but(Status.GATHERED), otherwise=Force.NOTED),
    ),
    effects=(Effect(RELEASED),),
    successes=(),
    notes=("seq-release-raises-shutdown", "seq-release-deletes-autorelease", "object-release-after-operation"),
)

PROCESS_ENDS: Final = Effect(RELEASED)
"""The end of its process, or a reboot, gives an object up."""

SERVICE_STOPS: Final = Effect(all_but(Phase.NEW, Phase.RELEASED), when=all_but(Phase.NEW, Phase.RELEASED))
"""What became of an operation that was under way when the service VSS stopped is not known."""

METHODS: Final = (
    # AddRef and Release answer how many references there are, which is no HRESULT: they have no answers here.
    Method(
        "IUnknown",
        "QueryInterface",
        needs=(ALIVE,),
        notes=("obs-query-interface-any-time", "object-ex-by-query-interface"),
    ),
    Method("IUnknown", "AddRef", needs=(ALIVE,), successes=()),
    RELEASE,
)
