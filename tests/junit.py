"""What a strict reader of JUnit XML takes: the elements and attributes of the schema of Jenkins' xUnit plugin."""

import re
import xml.etree.ElementTree as ET
from typing import Final

_TOLD: Final = {"message", "type"}
_ELEMENTS: Final[dict[str, tuple[set[str], set[str], set[str]]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "file"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": ({"failure", "error", "skipped", "system-out", "system-err"}, {"name"}, {"classname", "time"}),
    "failure": (set(), set(), _TOLD),
    "error": (set(), set(), _TOLD),
    "skipped": (set(), set(), _TOLD),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}
"""Element → the elements in it, the attributes that it must have, and those that it may have."""


def strictly(report: str | bytes) -> ET.Element:
    """The report, after a look at every element of it."""
    root = ET.fromstring(report)  # noqa: S314 - we wrote it
    assert root.tag == "testsuites"
    for element in root.iter():
        inside, must, may = _ELEMENTS[element.tag]
        assert {child.tag for child in element} <= inside, element.tag
        assert must <= set(element.attrib) <= must | may, (element.tag, element.attrib)
        assert re.fullmatch(r"\d*(\.\d*)?", element.get("time", "")), element.attrib
        for count in {"tests", "failures", "errors", "skipped"} & set(element.attrib):
            assert element.attrib[count].isdigit(), element.attrib
    return root
