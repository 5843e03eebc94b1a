"""The scripts of writers in a world: whether a program could pass what the calls in their handlers are given."""

from collections.abc import Iterator

from vss_sim.engine.answers import as_it_is
from vss_sim.engine.inputs import BadCall, convert, converters
from vss_sim.model.computer import Description, HandlerCall
from vss_sim.spec.methods import signatures


def wrong_arguments(description: Description) -> Iterator[tuple[str, str]]:
    """The place of each call that no program could make, and what is said of it."""
    for at_machine, machine in enumerate(description.machines):
        for at_writer, writer in enumerate(machine.writers):
            for at_reply, reply in enumerate(writer.replies):
                for number, call in enumerate(reply.calls):
                    says = _wrong_in(call)
                    if says:
                        place = f"machines[{at_machine}].writers[{at_writer}].replies[{at_reply}].calls[{number}].in"
                        yield place, says


def _wrong_in(call: HandlerCall) -> str:
    """What is wrong with the arguments of a call; nothing is asked of one whose answer is scripted."""
    if call.returns is None:
        try:
            convert(call.call, converters(signatures()[call.call]), as_it_is(call.arguments))
        except BadCall as error:
            return str(error)
    return ""
