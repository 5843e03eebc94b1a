"""What the documentation of the Python interface shows is what its programs print."""

import inspect
import runpy

import pytest

from tests.requester_support import EXAMPLE
from tests.support import check
from vss_sim import Async, BackupComponents, EnumObject, WMComponent, WriterComponents
from vss_sim.judge.findings import Level, Outcome


@pytest.mark.parametrize("kind", [Async, BackupComponents, EnumObject, WMComponent, WriterComponents])
def test_every_method_of_an_object_names_its_page_and_its_parameters(kind: type) -> None:
    """Those of IUnknown, too; `finish` and `in_fork` are the API's own."""
    own = {"finish", "in_fork"}
    for name in (one for one in dir(kind) if one[0] != "_" and callable(getattr(kind, one)) and one not in own):
        told = inspect.getdoc(getattr(kind, name)) or ""
        assert "https://learn.microsoft.com/windows/win32/api/" in told, name
        assert "Answers:" in told or "Raises:" in told or "Reserved for the system" in told, name
        for parameter in list(inspect.signature(getattr(kind, name)).parameters)[1:]:
            assert f"{parameter}: " in told, (name, parameter)


def test_what_is_told_to_be_seen_on_windows_rests_on_an_observation() -> None:
    """Another page may name the failure of a call, too: what VSS makes of a provider's code, nobody need have seen."""
    told = " ".join((inspect.getdoc(BackupComponents.do_snapshot_set) or "").split())
    assert "(result): seen on Windows, beyond the page [obs-do-failures]" in told
    told = " ".join((inspect.getdoc(BackupComponents.recover_set) or "").split())
    assert "VSS_E_UNEXPECTED_PROVIDER_ERROR (result): beyond the page [sn-prov-codes]" in told


def test_the_example_keeps_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Its trace conforms without a warning, and it leaves nothing behind."""
    simulation = runpy.run_path(str(EXAMPLE))["main"]()
    assert "Objects left: 0" in capsys.readouterr().out
    checked = check(simulation.lines())
    assert checked.outcome is Outcome.CONFORMS
    assert not [finding for finding in checked.findings if finding.level is not Level.INFO]
