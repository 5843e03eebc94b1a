"""`vss-sim explain` of numbers and of names joined by `|`: flags in a sum, a context, a member of an enumeration."""

import pytest

from vss_sim.cli import main
from vss_sim.report.explain import UnknownNameError, explain
from vss_sim.spec.enums import members, numbers


def _told(text: str) -> list[str]:
    """The lines without their margin, each with its runs of spaces as one."""
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.mark.parametrize("written", ["0x19", "25", "0x00000019", "0X19", " 25 "])
def test_a_context_is_told_by_the_sum_of_its_attributes(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As the page of the contexts builds them: NAS_ROLLBACK is persistent, not released by itself, without writers."""
    assert main(["explain", written]) == 0
    out = capsys.readouterr().out
    told = _told(out)
    assert told[0] == "0x00000019 = 25"
    assert any(line.startswith("0x00000019 VSS_CTX_NAS_ROLLBACK: persistent") for line in told)
    of = [line.split()[1].rstrip(":") for line in told if "VSS_VOLSNAP_ATTR_" in line]
    assert of == ["VSS_VOLSNAP_ATTR_PERSISTENT", "VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE", "VSS_VOLSNAP_ATTR_NO_WRITERS"]
    assert "survives reboots" in out


def test_names_that_are_joined_are_told_each_with_its_meaning() -> None:
    """And the context that they come to: PERSISTENT and NO_AUTO_RELEASE are what APP_ROLLBACK is."""
    text = explain("VSS_VOLSNAP_ATTR_PERSISTENT|VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE")
    assert text.startswith("VSS_VOLSNAP_ATTR_PERSISTENT|VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE = 0x00000009 = 9\n")
    assert "VSS_CTX_APP_ROLLBACK: persistent" in text
    assert "not deleted when the requester ends" in text
    assert text == explain(" vss_volsnap_attr_persistent | VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE")
    assert explain("0x1|8") == explain("9")
    assert text == explain("VolumeSnapshotAttributes.PERSISTENT | VolumeSnapshotAttributes.NO_AUTO_RELEASE")
    assert "VSS_WS_" not in text, "joined names are of an enumeration, and no number of others"


def test_a_context_with_attributes_tells_both() -> None:
    """A context that is 0 is told, too, where it is named."""
    text = explain("VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_TRANSPORTABLE")
    assert "= 0x00000020 = 32" in text.splitlines()[0]
    assert "VSS_CTX_BACKUP: default" in text
    assert "0x00000020 VSS_VOLSNAP_ATTR_TRANSPORTABLE: shadow copy is to be moved" in " ".join(_told(text))
    rollback = explain("0x400009")
    assert "VSS_CTX_APP_ROLLBACK" in rollback
    assert "VSS_VOLSNAP_ATTR_AUTORECOVER" in rollback


def test_what_is_no_context_is_told_with_its_rule() -> None:
    """Differential and plex exclude each other; what VSS sets itself is not for requesters to set."""
    text = explain("VSS_VOLSNAP_ATTR_DIFFERENTIAL|VSS_VOLSNAP_ATTR_PLEX")
    assert "as a context of SetContext it breaks a rule" in text
    assert "[sn-attr-diff-plex-exclusive]" in text
    assert "[sn-attr-auto-only]" in explain("0x00080020")
    assert "breaks" not in explain("0x19")


def test_bits_that_no_flag_has_are_named() -> None:
    """With the number that is left over."""
    text = explain("0x10000019")
    assert "VSS_CTX_NAS_ROLLBACK" in text
    assert any(line.startswith("0x10000000 is no flag") for line in _told(text))
    joined = explain("VSS_BS_COPY|0x800")
    assert "VSS_BS_COPY: copy backup supported" in joined
    assert any(line.startswith("0x00000800 is no flag") for line in _told(joined))


def test_a_sum_that_has_a_name_is_told_by_it() -> None:
    """The default of the file specification's mask is both of the joined flags that the page has."""
    text = explain("0xF0F")
    assert "VSS_FSBT_ALL_BACKUP_REQUIRED" in text
    assert "VSS_FSBT_ALL_SNAPSHOT_REQUIRED" in text
    assert "is the sum of" in explain("VSS_CTX_APP_ROLLBACK")
    assert "VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE" in explain("VSS_CTX_APP_ROLLBACK")
    assert "VSS_FSBT_LOG_BACKUP_REQUIRED" in explain("VSS_FSBT_ALL_BACKUP_REQUIRED")


def test_a_number_that_several_enumerations_have_is_told_for_each() -> None:
    """A log has the state of a writer as 9, which is a context in another place."""
    told = _told(explain("9"))
    assert "VSS_WRITER_STATE: VSS_WS_FAILED_AT_FREEZE" in told
    assert "VSS_BACKUP_SCHEMA: VSS_BS_DIFFERENTIAL|VSS_BS_LOG" in told
    assert any("VSS_CTX_APP_ROLLBACK" in line for line in told)


@pytest.mark.parametrize(
    ("number", "first", "also"),
    [
        ("5", "ERROR_ACCESS_DENIED = 5", "VSS_RESTOREMETHOD_ENUM: VSS_RME_RESTORE_AT_REBOOT"),
        ("1", "S_FALSE = 0x00000001", "VSS_WRITER_STATE: VSS_WS_STABLE"),
        ("0", "S_OK = 0x00000000", "VSS_SNAPSHOT_CONTEXT: VSS_CTX_BACKUP"),
    ],
)
def test_a_number_that_is_an_answer_first_is_a_member_too(number: str, first: str, also: str) -> None:
    """Which of both it is, nothing but its place in the log tells."""
    told = _told(explain(number))
    assert told[0].startswith(first)
    assert also in told


@pytest.mark.parametrize(
    ("number", "member"), [("-1", "VSS_CTX_ALL"), ("0xFFFFFFFF", "VSS_CTX_ALL"), ("4294967295", "VSS_SM_ALL_FLAGS")]
)
def test_minus_one_is_everything(number: str, member: str) -> None:
    """As a LONG, as C prints it, and unsigned."""
    text = explain(number)
    assert text.startswith("0xFFFFFFFF = -1\n")
    assert member in text
    assert "is no flag" not in text


def test_flags_of_file_calls_are_joined_likewise() -> None:
    """By name, and of one parameter only: their bits mean another thing in each."""
    text = explain("MOVEFILE_REPLACE_EXISTING|MOVEFILE_DELAY_UNTIL_REBOOT")
    assert text.startswith("MOVEFILE_REPLACE_EXISTING|MOVEFILE_DELAY_UNTIL_REBOOT = 0x00000005 = 5\n")
    assert "0x00000004 MOVEFILE_DELAY_UNTIL_REBOOT, a flag of MoveFileEx (dwFlags)" in _told(text)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("VSS_VOLSNAP_ATTR_PERSISTENT|VSS_VOLSNAP_ATTR_NO_AUTORELEASE", "VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE"),
        ("VSS_CTX_BAKUP|VSS_VOLSNAP_ATTR_PERSISTENT", "VSS_CTX_BACKUP"),
    ],
)
def test_a_wrong_name_among_joined_ones_is_the_one_that_is_told(wrong: str, near: str) -> None:
    """With near ones, and not the whole."""
    bad = next(word for word in wrong.split("|") if word not in numbers())
    with pytest.raises(UnknownNameError, match=f"'{bad}'.*did you mean {near}"):
        explain(wrong)


def test_what_is_known_and_no_constant_is_not_joined() -> None:
    """An answer has a name and a number, and no bits."""
    with pytest.raises(UnknownNameError, match="'VSS_E_BAD_STATE' is no constant, and only constants and numbers"):
        explain("VSS_BS_COPY|VSS_E_BAD_STATE")


@pytest.mark.parametrize(
    "wrong", ["|", "|||", "VSS_BS_COPY|", "0x80040154", "-5", "0x7FFFFFFF|", "|" * 10_000, "VSS_BS_COPY|0x180042301"]
)
def test_what_is_no_sum_is_refused(wrong: str) -> None:
    """An answer of another component of Windows among them, whose bits mean nothing by themselves."""
    with pytest.raises(UnknownNameError):
        explain(wrong)


def test_names_of_two_enumerations_are_told_side_by_side() -> None:
    """They are joined by mistake, which is said."""
    text = explain("VSS_BS_COPY|VSS_CF_NOT_SYSTEM_STATE")
    assert "of different enumerations" in text
    assert "VSS_BACKUP_SCHEMA" in text
    assert "VSS_COMPONENT_FLAGS" in text


@pytest.mark.parametrize("joined", ["VSS_BT_FULL|VSS_BT_COPY", "VSS_BT_COPY|VSS_BT_FULL", "VSS_BT_FULL|0x10"])
def test_members_that_stand_alone_are_not_joined(joined: str) -> None:
    """A backup is full or a copy; their sum would be the number of one of them, or of none."""
    assert "members of VSS_BACKUP_TYPE are no flags, and are not joined:" in _told(explain(joined))
    assert "are no flags" not in explain("VSS_BT_FULL|0x1") + explain("VSS_BS_COPY|VSS_BS_LOG")


def test_every_number_of_the_tables_leads_to_its_members() -> None:
    """Each member of each enumeration is found by its number, in decimal and in hexadecimal."""
    for enumeration, names in members().items():
        for name in names:
            for written in (str(numbers()[name]), f"{numbers()[name]:#x}"):
                text = explain(written)
                assert enumeration in text, (name, written)
                assert name in text or numbers()[name].bit_count() > 1, (name, written)


@pytest.mark.parametrize("written", ["00000019", "0x19u", "0x00000019UL", "25L"])
def test_a_number_is_known_as_logs_and_headers_have_it(written: str) -> None:
    """Eight digits of a log without `0x`, and the endings of C."""
    assert explain(written) == explain("0x19")


@pytest.mark.parametrize("written", ["80070020", "0x80070020L", "-2147024864", "0x80070020", "ERROR_SHARING_VIOLATION"])
def test_an_error_of_win32_is_known_as_it_is_pasted(written: str) -> None:
    """As an HRESULT, too."""
    assert explain(written).startswith("ERROR_SHARING_VIOLATION = 32 (as an HRESULT 0x80070020)\n")


@pytest.mark.parametrize("written", ["80070643", "0x80070643", "-2147023293"])
def test_an_error_of_win32_that_is_not_known_is_told_by_its_number(written: str) -> None:
    """It is no sum of flags: of decimal digits, either."""
    with pytest.raises(
        UnknownNameError, match=f"'{written}' is error 1603 of Win32, about which nothing is known here"
    ):
        explain(written)


@pytest.mark.parametrize("written", ["80042344", "80042399", "0x80070000"])
def test_an_answer_that_nobody_knows_is_no_sum(written: str) -> None:
    """Though its digits may be read as decimal ones."""
    with pytest.raises(UnknownNameError, match=f"'{written}' is no answer, no constant and no joined flags"):
        explain(written)


def test_a_number_that_is_too_long_was_not_meant_as_success() -> None:
    """Its lower half is 0 by chance."""
    with pytest.raises(UnknownNameError, match=r"and an HRESULT has 32$"):
        explain("0x10000000000")


@pytest.mark.parametrize("joined", ["VSS_BS_COPY|", "|0x1", "|"])
def test_what_is_missing_beside_a_bar_is_told(joined: str) -> None:
    """No name is empty."""
    with pytest.raises(UnknownNameError, match=r"a name or a number is missing beside \|"):
        explain(joined)


@pytest.mark.parametrize("name", ["VSS_E_BAD_STATE", "S_OK"])
def test_an_answer_is_known_by_its_name_in_python(name: str) -> None:
    """With all that is known of it, as a constant is."""
    assert explain(f"HResult.{name}") == explain(name)
    assert explain("Win32Error.ERROR_FILE_NOT_FOUND") == explain("ERROR_FILE_NOT_FOUND")
