"""What holds of every restore, whatever the method, target, mapping and obstacle: on drawn worlds.

Either the whole component set has its backed-up bytes at the places that the table names, or every byte on disk is as
before, without a stray file; what is staged arrives at the restart or is reported; a service that ran runs again; the
checker has nothing against the requester.
"""

from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.restoring import FILES, Machine, assert_all_or_nothing, component, services_of, world, writer
from vss_sim.engine.restoring.requests import Request, Strategy
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.restoring import PARAMETERS

MANY: Final = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
OTHER: Final = "{5affb034-969f-4919-8875-88f830d0ef90}"
PLACES: Final = (
    *FILES,
    "C:\\data\\sub\\f4",
    "C:\\alt\\f1",
    "C:\\alt\\f2",
    "C:\\alt\\sub\\f4",
    "D:\\else\\f3",
    "C:\\logs\\f5",
)
METHODS: Final = tuple(method.value.removeprefix("VSS_RME_") for method in RestoreMethod)
TARGETS: Final = (None, None, None, "ORIGINAL", "ALTERNATE", "DIRECTED", "ORIGINAL_LOCATION", "UNDEFINED")

MAPPINGS: Final[tuple[dict[str, Any], ...]] = (
    {"path": "C:\\data", "filespec": "*", "recursive": True, "destination": "C:\\alt"},
    {"path": "C:\\data", "filespec": "*", "destination": "C:\\alt"},
    {"path": "C:\\data", "filespec": "f3", "destination": "D:\\else"},
    {"path": "C:\\logs", "filespec": "*", "recursive": True, "destination": "D:\\kept"},
    {"path": "C:\\data\\sub", "filespec": "*", "destination": "Z:\\nowhere"},
)
mappings = st.lists(st.sampled_from(MAPPINGS), max_size=2, unique_by=lambda one: (one["filespec"], "recursive" in one))
file_sets = st.sampled_from(
    (
        [{"path": "C:\\data", "filespec": "*"}],
        [{"path": "C:\\data", "filespec": "*", "recursive": True}],
        [{"path": "C:\\data", "filespec": "f1"}, {"path": "C:\\data", "filespec": "f3"}],
        [{"path": "C:\\data\\sub", "filespec": "*"}, {"path": "C:\\data", "filespec": "f2"}],
    )
)
ranges = st.sampled_from(("0:5", "3:4", "0:5, 7:2", "0:0x4", "100:5"))
directed = st.builds(
    lambda name, source, to, there: {
        "sourcePath": "C:\\data",
        "sourceFilename": name,
        "sourceRanges": source,
        "destinationPath": to,
        "destinationFilename": "made",
        "destinationRanges": there,
    },
    st.sampled_from(("f1", "f3")),
    ranges,
    st.sampled_from(("C:\\data", "C:\\made", "Z:\\nowhere")),
    ranges,
)


@st.composite
def writers(draw: st.DrawFn, number: int, *, alone: bool) -> dict[str, Any]:
    """A writer with one or two components, a target that it sets in PreRestore, mappings, partial files."""
    method = draw(st.sampled_from(METHODS))
    logs = component("Logs", files=[{"path": "C:\\logs", "filespec": "*", "recursive": True}])
    parts = [logs] if number else [component(files=draw(file_sets)), *([logs] if alone and draw(st.booleans()) else ())]
    how = {"writerRestore": f"VSS_WRE_{draw(st.sampled_from(('ALWAYS', 'ALWAYS', 'NEVER', 'IF_REPLACE_FAILS')))}"}
    if "STOP" in method:
        how["service"] = draw(st.sampled_from(("Db", "Stubborn", "Unknown")))
    reply: dict[str, Any] = {"on": "PreRestore"}
    target = draw(st.sampled_from(TARGETS))
    if target is not None:
        reply["setRestoreTarget"] = f"VSS_RT_{target}"
    if target == "DIRECTED":
        reply["addDirectedTargets"] = draw(st.lists(directed, max_size=2))
    if draw(st.integers(0, 9)) == 0:
        reply["fails"] = "VSS_E_WRITERERROR_NONRETRYABLE"
    replies = [reply]
    if not number and draw(st.integers(0, 4)) == 0:
        name = "f2" if any(one["filespec"] == "f2" for one in parts[0]["files"]) else "f1"
        partial = {"path": "C:\\data", "filename": name, "ranges": "2:6"}
        replies.append({"on": "PostSnapshot", "component": "Database", "addPartialFiles": [partial]})
    return writer(
        method,
        how=how,
        name=f"Writer {number}",
        writerId=(WRITER_IDS[number]),
        components=parts,
        alternateLocationMappings=draw(mappings),
        replies=replies,
        hostedIn=draw(st.sampled_from((None, None, "Db"))),
    )


WRITER_IDS: Final = ("{5affb034-969f-4919-8875-88f830d0ef89}", OTHER)
happenings = st.sampled_from(("lock", "delete", "put", "change", "read only", "full", "drop rights"))
changes = st.lists(st.tuples(happenings, st.sampled_from(PLACES)), max_size=5)
requests = st.builds(
    lambda strategy, readings: Request(strategy=strategy, readings=dict(readings)),
    st.sampled_from(Strategy),
    st.lists(
        st.sampled_from(
            [
                (parameter.name, name)
                for parameter in PARAMETERS.values()
                if parameter.open
                for name, _ in parameter.readings
            ]
        ),
        max_size=2,
    ),
)


def _apply(machine: Machine, what: str, path: str) -> None:
    """Something happens to a file, as far as it can."""
    if what == "lock":
        if path.upper() in machine.on_disk():
            machine.lock(path)
    elif what == "full":
        machine.simulation.happens("volume full", volume="C:\\")
    elif what == "drop rights":
        machine.simulation.happens("account changes", account="operator", groups=("Backup Operators",))
    else:
        machine.touch(what, path)


@MANY
@given(st.data())
def test_the_whole_set_or_nothing(data: st.DataObject) -> None:
    """The law of every restore, on a drawn machine."""
    count = data.draw(st.integers(1, 2))
    described = [data.draw(writers(number, alone=count == 1)) for number in range(count)]
    services = [
        {"name": "Db", "state": data.draw(st.sampled_from(("running", "stopped"))), "opens": ["C:\\data\\f2"]},
        {"name": "Stubborn", "stoppable": False},
    ]
    more = {"C:\\data\\sub\\f4": {"content": "deep"}, "C:\\logs\\f5": {"content": "log"}}
    machine = Machine(world(*described, files=more, services=services))
    for what, path in data.draw(changes):
        _apply(machine, what, path)
    before = services_of(machine)
    request = data.draw(requests)
    machine.restore(request)
    after = services_of(machine)
    others = {name for name, taken in request.readings.items() if taken != PARAMETERS[name].stance}
    lenient = set(request.readings.values()) & {"only after success", "start"}
    assert after == before or lenient
    assert machine.complaints() == [] or others
    assert not machine.simulation.unreleased()
    assert not machine.simulation.world.machines[0].disks.handles
    assert_all_or_nothing(machine)


@settings(MANY, max_examples=40)
@given(st.data())
def test_a_backup_that_is_restored_gives_the_bytes_back(data: st.DataObject) -> None:
    """Backup, any change, restore in place: every file has its bytes again."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=data.draw(file_sets))])))
    for what, path in data.draw(changes):
        if what in ("delete", "put", "change"):
            _apply(machine, what, path)
    machine.restore(Request(strategy=data.draw(st.sampled_from(Strategy))))
    after = machine.on_disk()
    assert machine.restored.everything
    for saved in machine.saved.files:
        assert after[saved.path.upper()] == saved.read(0, saved.size)
