"""The map that is a value does the same with `immutables` and without."""

import pytest

from vss_sim.model.maps import Map
from vss_sim.model.pure_python_map import PurePythonMap


@pytest.mark.parametrize("kind", [PurePythonMap, Map])
def test_a_change_makes_another_map(kind: type) -> None:
    """The one before stays as it was; what is not there cannot be deleted."""
    first = kind({"a": 1})
    second = first.set("b", 2)
    assert dict(first) == {"a": 1}
    assert dict(second) == {"a": 1, "b": 2}
    assert dict(second.update({"a": 3, "c": 4})) == {"a": 3, "b": 2, "c": 4}
    assert dict(second) == {"a": 1, "b": 2}
    assert second.delete("b") == first
    assert hash(second.delete("b")) == hash(first)
    assert second.get("c") is None
    assert "b" in second
    assert "b" not in first
    assert repr(first) == repr(kind({"a": 1}))
    assert len(second) == len(list(second))
    with pytest.raises(KeyError):
        first.delete("c")
