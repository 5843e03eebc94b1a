"""The typed modules of the Python interface are written from the tables: nothing is missing, nothing is said twice."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import ROOT
from vss_sim.report.requester_source import sources
from vss_sim.report.requester_source.plan import PARTS
from vss_sim.report.requester_source.shapes import PythonMethod, methods_of
from vss_sim.requester import functions
from vss_sim.requester.asynchronous import Async
from vss_sim.requester.backup_components import BackupComponents
from vss_sim.requester.component import Component
from vss_sim.requester.enumeration import EnumObject
from vss_sim.requester.examine_writer_metadata import ExamineWriterMetadata
from vss_sim.requester.express_writer import CreateExpressWriterMetadata, ExpressWriter
from vss_sim.requester.metadata_parts import WMComponent, WMDependency, WMFiledesc
from vss_sim.requester.writer_components import WriterComponents
from vss_sim.requester.writer_program import WriterProgram
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.constants import INFINITE
from vss_sim.spec.enums import ApplicationLevel
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import WRITER_METADATA, Direction, signatures
from vss_sim.spec.parameters import naming
from vss_sim.spec.rules import page_address, rules
from vss_sim.spec.writer_lives import CONSTRUCT, DESTRUCT, calls_of_programs

FOLDER: Final = ROOT / "vss_sim" / "requester"
CLASSES: Final = {
    "IVssBackupComponents": BackupComponents,
    "IVssAsync": Async,
    "IVssEnumObject": EnumObject,
    "IVssExamineWriterMetadata": ExamineWriterMetadata,
    "IVssWMComponent": WMComponent,
    "IVssWMFiledesc": WMFiledesc,
    "IVssWMDependency": WMDependency,
    "IVssComponent": Component,
    "IVssWriterComponents": WriterComponents,
    "CVssWriter": WriterProgram,
    "IVssExpressWriter": ExpressWriter,
    "IVssCreateExpressWriterMetadata": CreateExpressWriterMetadata,
}
METHODS: Final = [method for part in PARTS for method in methods_of(part)]
READ_BY_BOTH: Final = ("IVssComponent::GetBackupMetadata", "IVssComponent::GetRestoreMetadata")
"""What the pages keep for writers, and a requester can call (dispute C70)."""

CALLS: Final = [
    name
    for name, signature in signatures().items()
    if (signature.kind == "requester" and signature.interface not in ("IUnknown", "IVssWriterComponentsExt"))
    or name in READ_BY_BOTH
    or (name in calls_of_programs() and name not in (CONSTRUCT, DESTRUCT) and signature.family != WRITER_METADATA)
]
CALLER: Final = ("simulation", "machine", "process")


def offered(method: PythonMethod) -> Callable[..., Any]:
    """The Python method or function that stands for a documented one."""
    family = method.plain.signature.family
    found: Callable[..., Any] = getattr(CLASSES[family] if family else functions, method.name)
    return found


def documentation(method: PythonMethod) -> list[str]:
    """Its docstring, an entry a line."""
    return re.sub(r"\n {8}", " ", inspect.getdoc(offered(method)) or "").splitlines()


@pytest.mark.parametrize("name", sorted(sources()))
def test_a_module_is_up_to_date(name: str) -> None:
    """`make api` writes it."""
    assert (FOLDER / name).read_text(encoding="utf-8") == sources()[name]


def test_every_call_of_a_program_is_offered_once() -> None:
    """All of IVssBackupComponents to Ex4, of the objects that it hands out, of writers, and the functions."""
    calls = [call for part in PARTS for call in part.calls]
    assert sorted(calls) == sorted(CALLS)
    assert sum(name.startswith("IVssBackupComponents") for name in calls) == 62


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_signature_is_that_of_the_table(method: PythonMethod) -> None:
    """The same parameters in the same order; only what the documentation gives a default may be left out."""
    signature = method.plain.signature
    documented = [
        (named.python, parameter.default)
        for parameter in signature.parameters
        if parameter.direction is Direction.IN and (named := naming(signature, parameter)) and named.python
    ]
    parameters = dict(inspect.signature(offered(method)).parameters)
    more = method.chooser
    left_out = {"self", *CALLER, *([more.python] if more else [])}
    assert [name for name in parameters if name not in left_out] == [name for name, _ in documented]
    values = {
        "NULL": None, "false": False, "FALSE": False, "INFINITE": INFINITE, "0": 0, "0xF0F": 0xF0F, "60000": 60_000,
        "VSS_APP_FRONT_END": ApplicationLevel.FRONT_END,
    }  # fmt: skip
    for name, default in documented:
        if default is not None:
            assert parameters[name].default == values[default]
        elif name != "provider_id":
            assert parameters[name].default is inspect.Parameter.empty
    assert not any(
        parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in parameters.values()
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_docstring_tells_all(method: PythonMethod) -> None:
    """What the call does, each parameter, each documented answer, for failures the rule, and the page."""
    told = documentation(method)
    for shape in (method.plain, method.more):
        if shape is None:
            continue
        for answer in documented_answers().get(shape.full_name, ()):
            entries = [entry for entry in told if entry.lstrip().startswith(answer.hresult)]
            assert entries, answer.hresult
            if answer.hresult in HResult.__members__ and HResult[answer.hresult].failed and answer.stage != "out":
                cited = [
                    rule for entry in entries for rule in re.findall(r"[a-z]+(?:-[a-z0-9]+)+", entry.rpartition("[")[2])
                ]
                assert cited, f"{answer.hresult} has no rule"
                assert set(cited) <= set(rules())
        assert f"`{shape.full_name}`: {page_address(shape.signature.page)}" in told
        for given in shape.offered:
            assert [entry for entry in told if entry.startswith(f"    {given.python}: ")]
    assert told[0] == method.plain.signature.does


@pytest.mark.parametrize(
    ("documented", "python"),
    [
        ("IVssBackupComponents::GatherWriterMetadata", "gather_writer_metadata"),
        ("IVssBackupComponents::SaveAsXML", "save_as_xml"),
        ("IVssBackupComponents::AddAlternativeLocationMapping", "add_alternative_location_mapping"),
        ("IVssComponent::GetAlternateLocationMapping", "get_alternate_location_mapping"),
        ("IVssBackupComponentsEx4::GetRootAndLogicalPrefixPaths", "get_root_and_logical_prefix_paths"),
        ("CreateVssBackupComponents", "create_backup_components"),
        ("VssFreeSnapshotProperties", "vss_free_snapshot_properties"),
    ],
)
def test_names_are_those_of_vss_in_the_clothes_of_pep_8(documented: str, python: str) -> None:
    """Each spelling of the documentation stays."""
    assert {method.name for method in METHODS if method.plain.full_name == documented} == {python}


def test_names_of_parameters_lose_what_tells_their_type() -> None:
    """As a program is written."""
    assert [*inspect.signature(BackupComponents.add_component).parameters][1:] == [
        "instance_id",
        "writer_id",
        "component_type",
        "logical_path",
        "component_name",
    ]
    assert [*inspect.signature(BackupComponents.set_backup_state).parameters][1:] == [
        "select_components",
        "bootable_system_state",
        "backup_type",
        "partial_file_support",
    ]


def test_a_call_that_ends_in_ex_joins_the_plain_one() -> None:
    """By a keyword, or by the parameter that it adds."""
    choosers = {method.more.full_name: method.chooser.python for method in METHODS if method.more and method.chooser}
    assert choosers == {
        "IVssBackupComponentsEx::SetSelectedForRestoreEx": "instance_id",
        "IVssBackupComponentsEx::GetWriterMetadataEx": "extended",
        "IVssBackupComponentsEx3::GetWriterStatusEx": "extended",
        "IVssBackupComponentsEx2::BreakSnapshotSetEx": "break_flags",
        "IVssExamineWriterMetadataEx::GetIdentityEx": "extended",
    }


def test_a_writers_calls_in_its_handlers_are_not_offered() -> None:
    """What a writer sets in its event handlers is described in the world."""
    assert not [name for name in dir(Component) if name.startswith(("set_", "add_")) and name != "add_ref"]


@pytest.mark.parametrize("name", sorted(sources()))
def test_nothing_is_looked_up_at_call_time(name: str) -> None:
    """A method makes its call and names its results: no loop, no reflection, nothing generic."""
    tree = ast.parse(sources()[name])
    loops = (ast.For, ast.While, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
    assert not [node for node in ast.walk(tree) if isinstance(node, loops)]
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"getattr", "setattr", "vars", "signature", "isinstance"}


def _generated() -> Iterator[Path]:
    for path in FOLDER.glob("*.py"):
        if "Generated by `make api`" in path.read_text(encoding="utf-8"):
            yield path


def test_nothing_generated_is_left_over() -> None:
    """A module that the generator writes no more is gone."""
    assert {path.name for path in _generated()} == set(sources())
