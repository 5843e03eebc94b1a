"""A bound on what large or hostile input costs: far above what it does cost, far below what a slip of order would."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def soon(seconds: float) -> Iterator[None]:
    """What is done here takes less time of the processor than this.

    The collector of garbage waits meanwhile: it would look at all that other tests of the process left behind.
    """
    collects = gc.isenabled()
    gc.disable()
    begin = time.process_time()
    try:
        yield
        took = time.process_time() - begin
    finally:
        if collects:
            gc.enable()
    assert took < seconds, f"it took {took:.2f} s of the processor; expected less than {seconds} s"
