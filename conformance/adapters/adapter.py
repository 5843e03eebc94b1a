"""An adapter to start from: the loop that speaks the wire, before a small implementation of VSS.

    python -m conformance -- python3 conformance/adapters/adapter.py

Keep `answer` and the loop, and replace the classes by calls of what you test: a method for each call, with the
documented parameters. It gives the answer, or the answer and what is handed out. What is not there is skipped.
"""

import inspect
import json
import sys
import uuid
from typing import Any

OK, BAD_STATE = "S_OK", "VSS_E_BAD_STATE"


class Skip(Exception):
    """The implementation cannot do this: why."""


class Async:
    """An operation that is over at once."""

    def Wait(self, dwMilliseconds: Any = None) -> Any:
        return OK

    def QueryStatus(self, pReserved: Any = None) -> Any:
        return OK, {"pHrResult": "VSS_S_ASYNC_FINISHED"}


class BackupComponents:
    """A backup of one volume, without writers."""

    def __init__(self) -> None:
        self.phase, self.context = "new", None

    def InitializeForBackup(self, bstrXML: Any = None) -> Any:
        return self.step("new", "backup", {})

    def SetContext(self, lContext: Any) -> Any:
        if self.phase != "backup" or self.context is not None:
            return BAD_STATE
        self.context = lContext
        return OK

    def StartSnapshotSet(self) -> Any:
        return self.step("backup", "begun", {"pSnapshotSetId": f"{{{uuid.uuid4()}}}"})

    def AddToSnapshotSet(self, pwszVolumeName: Any, ProviderId: Any = None) -> Any:
        if pwszVolumeName != "C:\\":
            raise Skip("there is one volume here")
        return self.step("begun", "filled", {"pidSnapshot": f"{{{uuid.uuid4()}}}"})

    def DoSnapshotSet(self) -> Any:
        return self.step("filled", "created", {"ppAsync": Async()})

    def step(self, before: str, after: str, out: Any) -> Any:
        if self.phase != before:
            return BAD_STATE
        self.phase = after
        return OK, out


def answer(message: Any, objects: dict[str, Any]) -> Any:
    if "start" in message:
        objects.clear()  # a new world begins; message["start"]["world"] describes it
        if "writers" in message["start"]["world"]["machines"][0]:
            raise Skip("there are no writers here")
        return {"implementation": "adapter.py", "version": "1"}
    name, given = message.get("call", "what happens").rpartition("::")[2], message.get("in", {})
    if name == "Release":
        return {"returns": 0}
    made = {"CreateVssBackupComponents": lambda: (OK, {"ppBackup": BackupComponents()})}
    method = getattr(objects[message["on"]], name, None) if "on" in message else made.get(name)
    if method is None:
        raise Skip(f"{name} is not there")
    try:
        inspect.signature(method).bind(**given)
    except TypeError as why:
        raise Skip(f"{name}: {why}") from None
    done = method(**given)
    returns, out = done if isinstance(done, tuple) else (done, {})
    for key, value in out.items():
        if not isinstance(value, str):
            out[key] = f"object{len(objects)}"  # an object is handed out by a name of our own
            objects[out[key]] = value
    return {"returns": returns, "out": out}


known: dict[str, Any] = {}
for line in sys.stdin:
    asked = json.loads(line)
    try:
        reply = answer(asked, known)
    except Skip as reason:
        reply = {"skipped": str(reason)}
    print(json.dumps({"id": asked["id"], **reply}), flush=True)
