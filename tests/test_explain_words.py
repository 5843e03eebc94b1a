"""`vss-sim explain` of what is no name: words of VSS, Windows' tools and logs, texts of errors, and questions."""

import re

import pytest

from tests.support import ROOT
from vss_sim.cli import main
from vss_sim.report.explain import UnknownNameError, explain
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import rules
from vss_sim.spec.terms import TermKind, terms


def test_a_term_leads_on_to_what_can_be_explained() -> None:
    """Each name that it gives is one, its page of this project is there, and its pages are addresses."""
    for term in terms():
        for name in term.see:
            assert "no name is" not in explain(name), (term.name, name)
        assert not term.docs or (ROOT / "docs" / term.docs).is_file(), term.name
        assert all(address.startswith("https://") for address in term.addresses), term.name
        assert term.pages or term.kind in (TermKind.PROJECT, TermKind.MESSAGE), term.name


def test_each_way_to_say_a_term_is_answered_with_it() -> None:
    """Also where another thing has the name; that comes first or second."""
    for term in terms():
        if term.kind is not TermKind.MESSAGE:
            for name in (term.name, *term.also, term.name.upper()):
                assert f"{term.name}, {term.kind.says}\n" in explain(name), name


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("what is a transportable shadow copy?", "transportable shadow copy, a word of VSS\n"),
        ("Shadow  copies", "shadow copy, a word of VSS\n"),
        ("shadow_copy_set", "shadow copy set, a word of VSS\n"),
        ("component-set", "component set, a word of VSS\n"),
        ("what does selectable for restore mean", "selectable for restore, a word of VSS\n"),
        ("who is frozen when?", "timeline, a word of this project\n"),
        ("LUNs", "LUN, a word of VSS\n"),
        ("writer", "writer, a word of VSS\n"),
        ("System Writer", "System Writer, a well-known writer\n"),
        ("{E8132975-6F93-4464-A53E-1050253AE220}", "System Writer, a well-known writer\n"),
        ("vssadmin list writers", "vssadmin list writers, a command of Windows\n"),
        ("DiskShadow", "diskshadow, a command of Windows\n"),
        ("Event ID 8194", "event 8194, in the application log of Windows, from the source VSS\n"),
        ("12293", "event 12293, in the application log of Windows, from the source VSS\n"),
    ],
)
def test_a_word_is_explained_however_it_is_asked_for(asked: str, begins: str) -> None:
    """In any case and number, with hyphens or without, in a question or alone."""
    assert explain(asked).startswith(begins)


def test_a_word_that_is_a_name_too_is_told_beside_it() -> None:
    """Of VSS the event comes first; a parameter, or flags of the same number, come after the word."""
    assert explain("freeze").startswith("Freeze, an event that VSS sends to writers\n")
    assert "\nfreeze, a word of VSS\n" in explain("freeze")
    assert explain("writer").index("a word of VSS") < explain("writer").index("ppWriter, a parameter")
    assert explain("8193").index("event 8193") < explain("8193").index("VSS_BS_RESTORE_RENAME")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The shadow copy provider had an error. Check the System and Application logs", HResult.VSS_E_PROVIDER_VETO),
        ("the provider had an unexpected error while trying", HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR),
        ("The writer experienced a non-transient error.", HResult.VSS_E_WRITERERROR_NONRETRYABLE),
        ("Last error: Retryable error", HResult.VSS_E_WRITERERROR_RETRYABLE),
        ("Last error: Inconsistent shadow copy", HResult.VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT),
        ("failed: Access denied", HResult.E_ACCESSDENIED),
    ],
)
def test_the_text_of_an_error_leads_to_its_answer(text: str, code: HResult) -> None:
    """A non-transient error is no transient one, though its text has those words, too."""
    assert re.findall(r"^(\w+) = 0x", explain(text), re.MULTILINE) == [code.name]


def test_a_pasted_line_of_a_log_is_explained_by_its_numbers() -> None:
    """Each answer once, of VSS or Win32; and the state in which vssadmin shows a writer."""
    line = "Error calling a routine. hr = 0x80070005, Access is denied. [hr = 0x80042302] 0x80070020, 0x80070005."
    told = re.findall(r"^(\w+) = ", explain(line), re.MULTILINE)
    assert told == ["E_ACCESSDENIED", "VSS_E_UNEXPECTED", "ERROR_SHARING_VIOLATION"]
    named = re.findall(r"^(\w+[\w ]*)(?:,| = )", explain("Event ID: 8193, VSS. hr = VSS_E_BAD_STATE"), re.MULTILINE)
    assert named == ["event 8193", "VSS_E_BAD_STATE"]
    assert explain("   State: [8] Failed").startswith("VSS_WS_FAILED_AT_PREPARE_SNAPSHOT = 0x00000008")
    assert explain("[5] Waiting for completion").startswith("VSS_WS_WAITING_FOR_BACKUP_COMPLETE = 0x00000005")
    with pytest.raises(UnknownNameError):
        explain("State: [99]")


def test_a_pasted_writer_is_explained_whole() -> None:
    """As `vssadmin list writers` shows one: the writer, once, its state, and what its last error stands for."""
    told = explain(
        "Writer name: 'System Writer'\n   Writer Id: {e8132975-6f93-4464-a53e-1050253ae220}\n"
        "   State: [9] Failed\n   Last error: Timed out\n"
    )
    assert re.findall(r"^(\w[\w ]+)(?:,| =)", told, re.MULTILINE) == [
        "System Writer",
        "VSS_WS_FAILED_AT_FREEZE",
        "timeout expired between the freeze and thaw",
        "VSS_E_WRITERERROR_TIMEOUT",
    ]
    assert explain("Writer name: 'WINS Jet Writer'") == explain("WINS Jet Writer")
    assert explain("State: [0] Unknown").startswith("VSS_WS_UNKNOWN = 0x00000000")


@pytest.mark.parametrize(
    "names",
    [
        ("system provider", "software provider", "copy-on-write"),
        ("client-accessible shadow copy", "file share backup"),
        ("bootable system state", "system state"),
        ("mounted folder", "reparse point", "junction"),
        ("LUN", "masking", "array"),
        ("backup type", "full backup"),
        ("file call", "volume", "file", "service"),
        ("world", "machine", "script"),
        ("rehearsal", "restart"),
        ("protocol", "state"),
        ("wire", "transcript"),
        ("conformance", "adapter"),
    ],
)
def test_what_belongs_together_is_still_not_the_same(names: tuple[str, ...]) -> None:
    """Each has a meaning of its own: a software provider need not be the system's, nor a volume a call."""
    assert len({explain(name).splitlines()[0] for name in names}) == len(names)


def test_a_junction_is_not_followed() -> None:
    """Its page forbids what that of mounted folders demands."""
    assert "path-compat-junctions" in explain("junction")
    assert "path-mounted-follow" not in explain("junction")


@pytest.mark.parametrize("nothing", ["", "   ", '""'])
def test_of_nothing_nothing_is_meant(nothing: str) -> None:
    """No near name is offered."""
    with pytest.raises(UnknownNameError) as refused:
        explain(nothing)
    assert "did you mean" not in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("60 seconds", {"freeze", "wr-freeze-window"}),
        ("10 seconds", {"freeze", "sn-prov-commit-10s"}),
        ("mounted folder not saved", {"path-mounted-follow"}),
        ("bad state", {"VSS_E_BAD_STATE"}),
        ("why did a restore go elsewhere", {"alternate location mapping", "restore method"}),
        ("timeout", {"VSS_E_WRITERERROR_TIMEOUT"}),
        ("delete a shadow copy", {"IVssBackupComponents::DeleteSnapshots"}),
        ("how long is a writer frozen", {"CVssWriter::Initialize"}),
        ("Exchange", {"wr-freeze-window-config"}),
        ("bring to machine two", {"IVssBackupComponents::ImportSnapshots"}),
    ],
)
def test_other_words_tell_what_says_something_of_them(asked: str, named: set[str]) -> None:
    """Names and sentences have the words, in whatever form; of three words or more one may be missing."""
    lines = explain(asked).splitlines()
    assert lines[0].startswith(f"no name is {asked!r}, but these say something of it")
    assert named <= {line.strip().partition(": ")[0] for line in lines[1:]}, lines


def test_a_pattern_lists_every_name_that_fits() -> None:
    """Whatever the case: the rules of an area, the codes of a kind."""
    told = [line for line in explain("sec-*").splitlines()[1:] if re.match(r"  \S", line)]
    assert [line.split(":")[0].strip() for line in told] == [rule for rule in rules() if rule.startswith("sec-")]
    assert "VSS_E_WRITERERROR_TIMEOUT: " in explain("vss_e_writererror*")
    with pytest.raises(UnknownNameError):
        explain("nothing-*")


def test_what_has_the_words_in_its_name_comes_first() -> None:
    """Names of calls say snapshot where prose says shadow copy."""
    first = explain("delete a shadow copy").splitlines()[1]
    assert first.startswith("  IVssBackupComponents::DeleteSnapshots: ")


def test_signs_around_a_name_and_a_short_number_of_a_dispute_do_no_harm() -> None:
    """As they are pasted or remembered."""
    assert explain('"VSS_E_BAD_STATE",') == explain("VSS_E_BAD_STATE")
    assert explain("c5") == explain("C05")


def test_of_many_sentences_the_rest_is_counted() -> None:
    """A line more than ten, which says how to get fewer."""
    told = [line for line in explain("the writers of a backup").splitlines() if re.match(r"  \S", line)]
    assert len(told) == 11
    assert re.fullmatch(r"  and \d+ more; another word makes them fewer", told[-1])


@pytest.mark.parametrize("asked", ["zzzz qqqq", "what is the", "setcontex", "DoSnapshotSets", "seq-setcontext-earl"])
def test_what_nothing_speaks_of_is_refused(asked: str) -> None:
    """Nor is a misspelt name read as words: near names help more."""
    with pytest.raises(UnknownNameError):
        explain(asked)


@pytest.mark.parametrize(
    "name",
    [
        *("IVssBackupComponents.DoSnapshotSet", "IVssBackupComponents->DoSnapshotSet", "DoSnapshotSet()"),
        *("pBackup->DoSnapshotSet()", "m_components.DoSnapshotSet"),
    ],
)
def test_a_method_as_programs_write_it(name: str) -> None:
    """With a point, an arrow or brackets, and with a variable."""
    assert explain(name) == explain("IVssBackupComponents::DoSnapshotSet")


def test_words_need_no_quotation_marks(capsys: pytest.CaptureFixture[str]) -> None:
    """What a shell splits is put together again."""
    assert main(["explain", "what", "is", "a", "shadow", "copy", "set?"]) == 0
    assert capsys.readouterr().out == explain("shadow copy set")


def test_a_number_that_nothing_has_is_said_to_be_none(capsys: pytest.CaptureFixture[str]) -> None:
    """It is no name, and is not like one."""
    assert main(["explain", "0x81000101"]) == 2
    assert capsys.readouterr().err == (
        "vss-sim explain: '0x81000101' is no answer, no constant and no joined flags of VSS's pages\n"
    )
