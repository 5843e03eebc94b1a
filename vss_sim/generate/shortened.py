"""A failing program, made as short as it can be while it fails: calls and scripted answers left out, odd values plain.

Long stretches are tried before short ones, those at the end first, until no single call can be spared. Every attempt is
a program of its own; what counts is that it fails, not how.
"""

from collections.abc import Callable, Iterator

from vss_sim.generate.chance import Drawn


def shortened(drawn: Drawn, fails: Callable[[Drawn], bool]) -> Drawn:
    """The shortest program found that `fails` says yes to; `drawn` itself does."""
    while (shorter := next(filter(fails, _shorter(drawn)), None)) is not None:
        drawn = shorter
    return drawn


def _shorter(drawn: Drawn) -> Iterator[Drawn]:
    """Programs that are a little less than this one, those that are much less first."""
    calls, answers = drawn.calls, drawn.answers
    size = len(calls) // 2
    while size:
        for end in range(len(calls), 0, -size):
            yield drawn._replace(calls=calls[: max(0, end - size)] + calls[end:])
        size //= 2
    for place in range(len(answers)):
        yield drawn._replace(answers=answers[:place] + answers[place + 1 :])
    for place, call in enumerate(calls):
        if call.odd is not None:
            yield drawn._replace(calls=(*calls[:place], call._replace(odd=None), *calls[place + 1 :]))
