"""The environment variables of a machine with Windows on C:, as a service under the account of the system has them.

File sets name directories with variables, and whoever takes the files expands them: rule `path-set-triple`.
Pages: https://learn.microsoft.com/windows/win32/api/vswriter/nf-vswriter-ivsscreatewritermetadata-addfilestofilegroup,
https://learn.microsoft.com/windows/deployment/usmt/usmt-recognized-environment-variables
"""

from typing import Final

ENVIRONMENT: Final = {
    "ALLUSERSPROFILE": "C:\\ProgramData",
    "CommonProgramFiles": "C:\\Program Files\\Common Files",
    "CommonProgramFiles(x86)": "C:\\Program Files (x86)\\Common Files",
    "ProgramData": "C:\\ProgramData",
    "ProgramFiles": "C:\\Program Files",
    "ProgramFiles(x86)": "C:\\Program Files (x86)",
    "PUBLIC": "C:\\Users\\Public",
    "SystemDrive": "C:",
    "SystemRoot": "C:\\Windows",
    "TEMP": "C:\\Windows\\TEMP",
    "TMP": "C:\\Windows\\TEMP",
    "USERPROFILE": "C:\\Windows\\System32\\config\\systemprofile",
    "windir": "C:\\Windows",
}
"""Name → value; names are compared without case."""
