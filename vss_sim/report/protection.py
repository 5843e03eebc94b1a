"""What a backup protects, and what it does not, as text and JSON: each component with its reason and its rules."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from vss_sim.engine.selection.components import Key
from vss_sim.engine.selection.file_fates import FileStand
from vss_sim.engine.selection.file_sets import type_for
from vss_sim.engine.selection.protection import Protection, Row
from vss_sim.engine.selection.recovery import Recovery
from vss_sim.model.shown import written
from vss_sim.report.words import wrapped
from vss_sim.spec.file_sets import SCHEMA_OF_TYPE
from vss_sim.spec.rules import page_address, rules
from vss_sim.spec.selection import Restore, Verdict

_MOST: Final = 12
"""So many files are named one by one, where not all are asked for."""

_SHOWN: Final = {Verdict.UNPROTECTED: "UNPROTECTED"}
_LOST: Final = "LOST"
_UNDER: Final = " " * 13
"""What a line that is too long goes on under: behind the word that begins it."""


def protection_text(title: str, report: Protection, *, files: bool = False) -> str:
    """The report for people; `files` names every file, not only those that are not saved."""
    lines = [f"{title}: {_request(report)}", *_writers(report.rows, report.asked.backup_type, files=files)]
    lines.append(f"{title}: {_sum(report)}")
    lines += _rules(report.unprotected)
    return "\n".join(lines) + "\n"


def recovery_text(title: str, report: Recovery) -> str:
    """The report on a restore for people."""
    lines = [f"{title}: {_selection(report)}", *_writers(report.rows, None, files=False)]
    counts = Counter(row.ground.verdict for row in report.rows)
    parts = [f"{sum(row.asked for row in report.rows)} selected", f"{counts[Verdict.IN]} in"]
    parts += [f"{counts[Verdict.OUT]} out", f"{counts[Verdict.UNPROTECTED]} lost"]
    parts += [f"{counts[Verdict.UNKNOWN]} not known"] if counts[Verdict.UNKNOWN] else []
    lines.append(f"{title}: {_components(len(report.rows))}: {', '.join(parts)}")
    lines += _rules(report.lost)
    return "\n".join(lines) + "\n"


def _selection(report: Recovery) -> str:
    wanted = report.wanted
    subs = sum(map(len, wanted.subcomponents.values()))
    if wanted.selected is None:
        return "restore of all that was added at backup"
    return f"restore of {_components(len(wanted.selected))}" + (f", {subs} by subcomponents" if subs else "")


def _components(count: int) -> str:
    return "1 component" if count == 1 else f"{count} components"


def _writers(rows: tuple[Row, ...], backup_type: str | None, *, files: bool) -> Iterator[str]:
    for (name, instance), some in groupby(rows, key=lambda row: (row.writer.name, row.writer.instance_id)):
        own = tuple(some)
        shown = f"  {name}" + (f" {instance}" if _has_several(rows, name) else "")
        yield shown + _type_of(own[0].writer.schema, backup_type)
        for row in own:
            yield from _row(row, files=files)


def _type_of(schema: int | None, backup_type: str | None) -> str:
    """What is said of a writer for which the backup is of another type than was asked for."""
    if backup_type is None:
        return ""
    own = type_for(schema, backup_type)
    return f": {own}, for its schema lacks {SCHEMA_OF_TYPE[backup_type]}" if own != backup_type else ""


def _has_several(rows: tuple[Row, ...], name: str) -> bool:
    """Whether several instances of a writer class are there, which only their ids tell apart."""
    return len({row.writer.instance_id for row in rows if row.writer.name == name}) > 1


def _request(report: Protection) -> str:
    asked = report.asked
    how = {True: "by components", False: "of whole volumes", None: "by components or not, which is not known"}
    volumes = "volumes not known" if asked.volumes is None else ", ".join(asked.volumes) or "no volume"
    state = ", with the bootable system state" if asked.bootable else ""
    return f"{asked.backup_type} {how[asked.by_components]}{state}; {volumes}"


def _row(row: Row, *, files: bool) -> Iterator[str]:
    ground = row.ground
    shown = _SHOWN.get(ground.verdict, ground.verdict.value)
    if isinstance(row.why, Restore) and ground.verdict is Verdict.UNPROTECTED:
        shown = _LOST
    wanted = "selected; " if isinstance(row.why, Restore) else "asked for; "
    asked = wanted if row.asked and ground.verdict is not Verdict.IN else ""
    yield wrapped(f"{shown:<12} {row.shown}: {asked}{ground.says} [{', '.join(ground.rules)}]", "    ", _UNDER)
    for stand, count in Counter(_kind(stand) for stand in row.files).items():
        verdict, says, rule_ids = stand
        told = f"{_SHOWN.get(verdict, verdict.value):<12} {_files(count)}: {says} [{', '.join(rule_ids)}]"
        yield wrapped(told, "      ", _UNDER)
    named = row.files if files else row.unprotected
    for stand_of in named if files else named[:_MOST]:
        yield f"        {stand_of.meant.path}{_source(stand_of)}: {stand_of.why.name.lower().replace('_', ' ')}"
    if not files and len(named) > _MOST:
        yield f"        and {len(named) - _MOST} more"


def _kind(stand: FileStand) -> tuple[Verdict, str, tuple[str, ...]]:
    return stand.why.ground.verdict, stand.says, stand.why.ground.rules


def _source(stand: FileStand) -> str:
    return "" if stand.meant.source == stand.meant.path else f", read from {stand.meant.source}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _sum(report: Protection) -> str:
    counts = Counter(row.ground.verdict for row in report.rows)
    asked = sum(row.asked for row in report.rows)
    parts = [f"{asked} asked for", f"{counts[Verdict.IN]} in", f"{counts[Verdict.OUT]} out"]
    if counts[Verdict.UNKNOWN]:
        parts.append(f"{counts[Verdict.UNKNOWN]} not known")
    lost = sum(len(row.unprotected) for row in report.rows)
    parts.append(f"{counts[Verdict.UNPROTECTED]} unprotected" + (f", and {_files(lost)}" if lost else ""))
    return f"{_components(len(report.rows))}: {', '.join(parts)}"


def _rules(rows: Iterable[Row]) -> Iterator[str]:
    """The rules behind what is unprotected, each in its sentence with its page."""
    for rule_id in dict.fromkeys(_broken(rows)):
        rule = rules()[rule_id]
        yield wrapped(f"{rule.id}: {rule.statement}", "  ", "    ")
        yield f"      {page_address(rule.pages[0])}"


def _broken(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row.ground.verdict is Verdict.UNPROTECTED:
            yield from row.ground.rules
        for stand in row.unprotected:
            yield from stand.why.ground.rules


def protection_json(title: str, report: Protection) -> dict[str, Any]:
    """The report for machines; files are listed each."""
    asked = report.asked
    return {
        "of": title,
        "asked": {
            "byComponents": asked.by_components,
            "bootableSystemState": asked.bootable,
            "backupType": asked.backup_type,
            "volumes": None if asked.volumes is None else list(asked.volumes),
            "components": [
                {"writerId": one.writer_id, "instanceId": one.instance_id, "logicalPath": one.path, "name": one.name}
                for one in asked.added
            ],
        },
        "components": [
            {**_row_json(row), "backupType": type_for(row.writer.schema, asked.backup_type)} for row in report.rows
        ],
        "unprotected": [f"{row.writer.name}: {row.shown}" for row in report.unprotected],
    }


def recovery_json(title: str, report: Recovery) -> dict[str, Any]:
    """The report on a restore for machines."""
    wanted = report.wanted
    everything = wanted.selected is None
    return {
        "of": title,
        "restore": {
            "everything": everything,
            "selected": [_place(*place) for place in wanted.selected or ()],
            "subcomponents": [
                _place(writer, key) for (writer, _), keys in wanted.subcomponents.items() for key in keys
            ],
        },
        "components": [_row_json(row) for row in report.rows],
        "lost": [f"{row.writer.name}: {row.shown}" for row in report.lost],
    }


def _place(writer_id: str, key: Key) -> dict[str, str]:
    return {"writerId": writer_id, "logicalPath": written(key[0]), "name": written(key[1])}


def _row_json(row: Row) -> dict[str, Any]:
    ground = row.ground
    return {
        "writer": row.writer.name,
        "writerId": row.writer.writer_id,
        "instanceId": row.writer.instance_id,
        "logicalPath": row.path,
        "component": row.name,
        "asked": row.asked,
        "verdict": ground.verdict.value,
        "why": row.why.name.lower(),
        "says": ground.says,
        "rules": list(ground.rules),
        "files": [
            {
                "path": stand.meant.path,
                "from": stand.meant.source,
                "verdict": stand.why.ground.verdict.value,
                "why": stand.why.name.lower(),
                "says": stand.says,
                "rules": list(stand.why.ground.rules),
            }
            for stand in row.files
        ],
    }
