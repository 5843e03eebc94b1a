"""x"""


def wire_schema() -> str:
    """x"""
    return ""
