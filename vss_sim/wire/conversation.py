"""One conversation: a line in, a line out. It holds a simulation at most, and nothing of what was said before.

Every line that is not blank gets one reply, and nothing that a client sends ends more than its own message.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from vss_sim import __version__
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Step
from vss_sim.engine.failed_operations import why_not_whole
from vss_sim.engine.inputs import BadCall, no_machine
from vss_sim.model.computer import Description
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.rules import rules
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import FORMAT_VERSION
from vss_sim.trace.writer import fitting
from vss_sim.wire.messages import Call, Happens, MessageError, Start, Stop, read_message
from vss_sim.wire.room import ROOM, Room

IMPLEMENTATION: Final = "vss-sim"
TAKES: Final = ("files", "writers")
"""What it takes besides the calls of a requester: file and service calls, what writers and their programs call."""
_ASKS: Final = "IVssAsync::QueryStatus"
_MAKES_ROOM: Final = ("::Release", "CloseHandle", "FindClose", "DeleteFile")
"""How calls end that give something up."""
_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_ERROR: Final = 1000
_encode = msgspec.json.Encoder().encode


class Transcript(Protocol):
    """Where a conversation is written down: each simulation is a trace of its own."""

    def begin(self) -> None:
        """A new trace; its lines follow."""

    def write(self, line: bytes) -> None:
        """One line, without its end."""


class Setting(Struct, frozen=True):
    """What a simulation begins with where the client does not say; `world` is the description as a header has it."""

    description: Description | None = None
    profile: Profile = Profile.WINDOWS
    world: Mapping[str, Any] | str | None = None


class NoRoomError(Exception):
    """The world of a conversation takes more memory than one may have."""


class Conversation:
    """The server's side of one conversation.

    `ended` is set by the message `stop`; whoever carries the bytes then hangs up.
    """

    __slots__ = ("_run", "_setting", "_transcript", "ended")

    def __init__(self, setting: Setting | None = None, transcript: Transcript | None = None) -> None:
        self._setting = setting or Setting()
        self._transcript = transcript
        self._run: _Run | None = None
        self.ended = False

    def receive(self, line: bytes) -> bytes:
        """The reply to a line, with its end; empty for a blank line."""
        text = line.removeprefix(_BOM)
        if not text or text.isspace():
            return b""
        try:
            message = read_message(text)
        except MessageError as error:
            return _encode({"id": error.id, "error": error.says}) + b"\n"
        return self._reply(message, len(text)) + b"\n"

    def _reply(self, message: Start | Call | Happens | Stop, size: int) -> bytes:
        try:
            return _encode({"id": message.id, **self._answer(message, size)})
        except NotSimulated as reason:
            return _encode({"id": message.id, "skipped": str(reason)})
        except (BadCall, WorldError, NoRoomError) as error:
            says = str(error)
        except RecursionError:
            says = "the message is nested too deeply; expected some levels"
        except Exception as fault:  # noqa: BLE001 - a fault of ours costs one message, and is told
            says = f"a fault of {IMPLEMENTATION} {__version__}, please report it: {type(fault).__name__}: {fault}"
        return _encode({"id": message.id, "error": says[:_LONGEST_ERROR]})

    def _answer(self, message: Start | Call | Happens | Stop, size: int) -> dict[str, Any]:
        match message:
            case Start():
                self._run = _Run(self._setting_of(message), self._transcript)
                return {"implementation": IMPLEMENTATION, "version": __version__, "takes": list(TAKES)}
            case Stop():
                self.ended = True
                return {}
            case Call():
                return self._running().call(message, size)
            case Happens():
                return self._running().happens(message, size)

    def _setting_of(self, message: Start) -> Setting:
        profile = message.start.profile or self._setting.profile
        world = message.start.world
        if world is None:
            return Setting(self._setting.description, profile, self._setting.world)
        return Setting(read_world(world), profile, world)

    def _running(self) -> "_Run":
        if self._run is None:
            self._run = _Run(self._setting, self._transcript)
        return self._run


class _Run:
    """A simulation from its start on, with its transcript."""

    __slots__ = ("_recorded", "_room", "_setting", "_simulation", "_transcript")

    def __init__(self, setting: Setting, transcript: Transcript | None) -> None:
        self._setting = setting
        self._simulation = Simulation(setting.description, setting.profile)
        self._room = Room(self._simulation.world)
        self._transcript = transcript
        self._recorded = False
        if self._room.full:
            raise NoRoomError(f"the world is too large; expected one that takes less than {ROOM} bytes of memory")

    def call(self, message: Call, size: int) -> dict[str, Any]:
        """Make a call; the reply is the right half of its line, with the events before it and why VSS said no."""
        self._expect_room(message)
        done = self._simulation.call(
            message.call, message.on, message.in_ or {}, machine=self._machine(message), process=str(message.process)
        )
        self._room.grown(self._simulation.world, size, done.out)
        lines = self._written(message)
        place = _last_of(lines)
        events, line, happened = lines[:place], lines[place], lines[place + 1 :]
        reply: dict[str, Any] = {"returns": line.get("returns", int(done.answer))}
        if "out" in line:
            reply["out"] = line["out"]
        reply.update(self._explained(message, done))
        reply.update({"events": events} if events else {})
        return reply | ({"happened": happened} if happened else {})

    def happens(self, message: Happens, size: int) -> dict[str, Any]:
        """Something happens; the reply has the events that followed."""
        if "process" in message.more:
            message.more["process"] = str(message.more["process"])
        self._simulation.happens(message.happens, message.machine, **message.more)
        self._room.grown(self._simulation.world, size, {})
        _, *events = self._written(message)
        return {"events": events} if events else {}

    def _expect_room(self, message: Call) -> None:
        """A world that is full takes no more calls but those that make room."""
        if self._room.full and not message.call.endswith(_MAKES_ROOM):
            raise NoRoomError(f"the world of this conversation has come to {ROOM} bytes; release objects or start anew")

    def _machine(self, message: Call) -> str | None:
        """The machine that the call is made on, which for an object is its own."""
        world = self._simulation.world
        names = [machine.name for machine in world.description.machines]
        if message.machine is not None and message.machine not in names:
            raise no_machine(message.machine, names)
        obj = world.objects.get(message.on or "")
        if obj is None or len(names) == 1:
            return message.machine
        own = names[obj.machine]
        if message.machine not in (None, own):
            raise BadCall(f"{message.on!r} is an object on {own!r}, not on {message.machine!r}")
        return own

    def _written(self, message: Call | Happens) -> list[dict[str, Any]]:
        """What just came to be, as lines of a trace; they are written down, and forgotten here."""
        lines = self._simulation.record.take(self._simulation.world.description)
        if self._transcript is not None:
            self._begin(self._transcript)
            place = _last_of(lines) if isinstance(message, Call) else 0
            for index, line in enumerate(lines):
                self._transcript.write(fitting({**line, **message.remarks()} if index == place else line))
        return lines

    def _explained(self, message: Call, done: Step) -> dict[str, Any]:
        """Why VSS said no, or an operation that is asked about failed or did a part; what VSS let pass."""
        explained: dict[str, Any] = {}
        refusal = done.refusal
        if refusal is None and message.call == _ASKS:
            refusal = why_not_whole(self._simulation.world, str(message.on))
        if refusal is not None:
            told = {"because": refusal.because, "instead": list(refusal.instead)}
            mends = {"mends": refusal.mends} if refusal.mends else {}
            key = "refusal" if refusal.answer.failed else "partly"
            explained[key] = {**_rule(refusal.rule), **told, **mends}
        if done.passed:
            explained["passed"] = [_rule(need.rules[0]) for need in done.passed]
        return explained

    def _begin(self, transcript: Transcript) -> None:
        if self._recorded:
            return
        self._recorded = True
        header = {"vss-trace": FORMAT_VERSION, "source": f"{IMPLEMENTATION} {__version__} serve"}
        header["profile"] = self._setting.profile.value
        transcript.begin()
        transcript.write(fitting({**header, "world": self._setting.world} if self._setting.world else header))


def _last_of(lines: list[dict[str, Any]]) -> int:
    """Where the line of a call stands: after what its writers called, before what is scripted to happen after it."""
    end = next((place for place, line in enumerate(lines) if "happens" in line), len(lines))
    return max(place for place, line in enumerate(lines[:end]) if "call" in line)


def _rule(name: str) -> dict[str, str]:
    known = rules().get(name)
    return {"rule": name, "says": known.statement if known is not None else ""}
