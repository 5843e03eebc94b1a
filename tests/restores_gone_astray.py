"""Logs of restores whose files go elsewhere than a target asks: set by the writer, or declared by the requester."""

from typing import Final

from tests.logs_by_hand import HOME, LOCKED, MAPPED, MAPPING, NAMES, ORIGINALS, Log


def blocked(log: Log) -> Log:
    """The second file is held open, so that the proof fails, and is given up."""
    handle = log.open(ORIGINALS[0])
    log.open(ORIGINALS[1], returns=LOCKED)
    return log.close(handle)


def staged(log: Log, folder: str) -> Log:
    """All files lie in a folder, and wait for the restart."""
    log.put(*(folder + name for name in NAMES), how="CREATE_NEW")
    for name in NAMES:
        log.move(folder + name, HOME + name, 5)
    return log


def stages_against_the_target() -> Log:
    """The writer wants the files at their mapped places."""
    log = Log().to("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", MAPPING, target="VSS_RT_ALTERNATE")
    return staged(blocked(log), "C:\\stage\\").tell().end().boot()


def maps_at_reboot_by_a_target() -> Log:
    """A target makes no mapped place the end of a delayed move, nor a place to restore to at once (C09)."""
    log = Log().to("RESTORE_AT_REBOOT", MAPPING, target="VSS_RT_ALTERNATE")
    return log.put(*MAPPED).record().tell().end()


def ignores_a_target() -> Log:
    """The writer set VSS_RT_ALTERNATE."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING, target="VSS_RT_ALTERNATE")
    return log.put(*ORIGINALS).tell().end()


F_NEW: Final = "F:\\new\\shop.mdb"


DIRECTED: Final = {
    "pbstrSourcePath": HOME[:-1],
    "pbstrSourceFileName": "shop.mdb",
    "pbstrSourceRangeList": "0:65536",
    "pbstrDestinationPath": "F:\\new",
    "pbstrDestinationFilename": "shop.mdb",
    "pbstrDestinationRangeList": "0:65536",
}


def ignores_a_directed_target() -> Log:
    """The writer set VSS_RT_DIRECTED, and one directed target."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(DIRECTED,))
    return log.put(*ORIGINALS).tell().end()


def renewed(method: str, *mappings: tuple[str, str, bool, str]) -> Log:
    """A new target is declared, and everything is ready for the files."""
    log = Log().begin().load(f"VSS_RME_{method}", *mappings).gather().select().new_target("F:\\new")
    return log.pre_restore().read_target()


def maps_what_has_a_new_target() -> Log:
    """The files go to their mapped places in spite of the new target."""
    return renewed("RESTORE_TO_ALTERNATE_LOCATION", MAPPING).prove_and_put(*MAPPED).record().tell().end()


def stages_what_has_a_new_target() -> Log:
    """The files wait for the restart beside their old places."""
    return staged(renewed("RESTORE_AT_REBOOT"), "C:\\stage\\").tell().end().boot()


def maps_a_directed_file() -> Log:
    """The file of the directed target goes to its mapped place."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING, target="VSS_RT_DIRECTED", directed=(DIRECTED,))
    return log.prove_and_put(*MAPPED).record().tell().end()


def forgets_a_directed_file() -> Log:
    """All files but that of the directed target are restored."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(DIRECTED,))
    return log.put(*ORIGINALS[1:]).tell().end()


def forgets_a_file_beside_a_directed_one() -> Log:
    """The directed file goes to its place, and one of the others nowhere."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(DIRECTED,), specs=NAMES)
    return log.put(F_NEW, ORIGINALS[1]).tell().end()


def leaves_one_out_of_the_new_target() -> Log:
    """One file finds its new target locked."""
    log = renewed("RESTORE_IF_CAN_REPLACE").put("F:\\new\\" + NAMES[0])
    log.open("F:\\new\\" + NAMES[1], "CREATE_ALWAYS", LOCKED)
    return log.tell().end()


def leaves_nothing_out_of_the_new_target() -> Log:
    """What was locked is free when it is tried again."""
    log = renewed("RESTORE_IF_CAN_REPLACE")
    log.open("F:\\new\\" + NAMES[0], "CREATE_ALWAYS", LOCKED)
    return log.put(*("F:\\new\\" + name for name in NAMES))


def records_a_mapping_for_a_new_target() -> Log:
    """The files went where the requester declared, and by no mapping."""
    log = renewed("RESTORE_IF_CAN_REPLACE", MAPPING).put(*("F:\\new\\" + name for name in NAMES))
    return log.record().tell().end()
