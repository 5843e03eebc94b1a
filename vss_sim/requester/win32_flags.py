"""The flags of file calls as Python has them: each is one of the table, under its name without the prefix."""

from enum import IntEnum, IntFlag

from vss_sim.spec.win32 import FLAGS


class FileAccess(IntFlag):
    """What a handle is to do (`dwDesiredAccess`); none: it looks at attributes only."""

    GENERIC_READ = FLAGS["GENERIC_READ"]
    GENERIC_WRITE = FLAGS["GENERIC_WRITE"]
    GENERIC_EXECUTE = FLAGS["GENERIC_EXECUTE"]
    GENERIC_ALL = FLAGS["GENERIC_ALL"]
    DELETE = FLAGS["DELETE"]
    APPEND_DATA = FLAGS["FILE_APPEND_DATA"]


class FileShare(IntFlag):
    """What others may do with the file meanwhile (`dwShareMode`); none: nothing."""

    READ = FLAGS["FILE_SHARE_READ"]
    WRITE = FLAGS["FILE_SHARE_WRITE"]
    DELETE = FLAGS["FILE_SHARE_DELETE"]


class Disposition(IntEnum):
    """What is done where the file is there, and where it is not (`dwCreationDisposition`)."""

    CREATE_NEW = FLAGS["CREATE_NEW"]
    CREATE_ALWAYS = FLAGS["CREATE_ALWAYS"]
    OPEN_EXISTING = FLAGS["OPEN_EXISTING"]
    OPEN_ALWAYS = FLAGS["OPEN_ALWAYS"]
    TRUNCATE_EXISTING = FLAGS["TRUNCATE_EXISTING"]


class FileAttributes(IntFlag):
    """Attributes of files and folders."""

    READONLY = FLAGS["FILE_ATTRIBUTE_READONLY"]
    HIDDEN = FLAGS["FILE_ATTRIBUTE_HIDDEN"]
    SYSTEM = FLAGS["FILE_ATTRIBUTE_SYSTEM"]
    DIRECTORY = FLAGS["FILE_ATTRIBUTE_DIRECTORY"]
    ARCHIVE = FLAGS["FILE_ATTRIBUTE_ARCHIVE"]
    NORMAL = FLAGS["FILE_ATTRIBUTE_NORMAL"]
    TEMPORARY = FLAGS["FILE_ATTRIBUTE_TEMPORARY"]
    REPARSE_POINT = FLAGS["FILE_ATTRIBUTE_REPARSE_POINT"]
    OFFLINE = FLAGS["FILE_ATTRIBUTE_OFFLINE"]
    ENCRYPTED = FLAGS["FILE_ATTRIBUTE_ENCRYPTED"]


class FileFlags(IntFlag):
    """How a handle is opened (the flags of `dwFlagsAndAttributes`)."""

    OPEN_REPARSE_POINT = FLAGS["FILE_FLAG_OPEN_REPARSE_POINT"]
    BACKUP_SEMANTICS = FLAGS["FILE_FLAG_BACKUP_SEMANTICS"]
    DELETE_ON_CLOSE = FLAGS["FILE_FLAG_DELETE_ON_CLOSE"]


class MoveFlags(IntFlag):
    """How MoveFileEx moves (`dwFlags`)."""

    REPLACE_EXISTING = FLAGS["MOVEFILE_REPLACE_EXISTING"]
    COPY_ALLOWED = FLAGS["MOVEFILE_COPY_ALLOWED"]
    DELAY_UNTIL_REBOOT = FLAGS["MOVEFILE_DELAY_UNTIL_REBOOT"]
