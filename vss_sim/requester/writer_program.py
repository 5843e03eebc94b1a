"""The program of a writer, as its author starts it: an object of a class that is derived from `CVssWriter`."""

from typing import Final

from vss_sim.requester.interface import Origin
from vss_sim.requester.simulation import Simulation
from vss_sim.requester.writer_calls import WriterCalls, WriterExCalls
from vss_sim.spec.writer_lives import CONSTRUCT, DESTRUCT

_NAME: Final = "writer"


class WriterProgram(WriterCalls, WriterExCalls):
    """A writer's object: it is initialised and subscribed, and hears events until it ends or unsubscribes.

    What the writer declares and does in its handlers is a `Writer` of the world with the same class id, `running=False`
    until its program subscribes. Where the world describes none, it has the handlers of the base class. A `with` block
    ends the object. `CVssWriter` to `CVssWriterEx2`.
    """

    __slots__ = ()

    def __init__(self, simulation: Simulation, *, machine: str | None = None, process: str = "") -> None:
        """The constructor of the writer's class; `process` is the one in which the program runs."""
        handle = f"{_NAME}{simulation.world.serial}"
        while handle in simulation.world.objects:
            handle += "+"
        simulation.call(CONSTRUCT, handle, machine=machine, process=process)
        super().__init__(Origin(simulation, machine, process), handle)

    def release(self) -> int:
        """End the object, which counts no references: the writer hears nothing more. `CVssWriter::~CVssWriter`."""
        return self._call(DESTRUCT).answer
