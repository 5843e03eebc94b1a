"""From XML to values, by a vocabulary: what it does not know is refused with its line, so nothing is lost silently.

No entities, document types or processing instructions: a document of VSS has none, and they can be used to harm.
"""

import re
from typing import Any, Final
from xml.parsers import expat

from vss_sim.documents.attribute_values import shown
from vss_sim.documents.elements import NEEDED, Element, Vocabulary
from vss_sim.documents.errors import DocumentError

LARGEST: Final = 32 << 20
"""Bytes that a document may have in UTF-8; the largest real ones have a tenth of it."""

_SEPARATOR: Final = " "
_ENCODINGS: Final = ("utf-8", "utf-16", "utf-16le", "utf-16be", "utf-16-le", "utf-16-be", "us-ascii", "ucs-2")
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"'>]{1,40})["']""")


def read_xml(vocabulary: Vocabulary, text: str | bytes) -> Any:
    """The value that a document stands for.

    Raises:
        DocumentError: the text is no such document, or says what is not known here.
    """
    return _Reading(vocabulary).of(as_utf8(text))


def as_utf8(text: str | bytes) -> bytes:
    """The text in UTF-8 without a mark; given as bytes it is UTF-8 or UTF-16, with or without a mark."""
    if len(text) > 2 * LARGEST:
        raise _too_large()
    if isinstance(text, str):
        try:
            data = text.removeprefix("\ufeff").encode("utf-8")
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise DocumentError(line, f"U+{ord(text[error.start]):04X} stands alone and is no character") from None
    else:
        data = _decoded(text)
    if len(data) > LARGEST:
        raise _too_large()
    return data


def _too_large() -> DocumentError:
    return DocumentError(1, f"the document is too large; {LARGEST >> 20} MiB is the most")


def _decoded(text: bytes) -> bytes:
    if text.startswith((b"\xff\xfe", b"<\0", b"\xfe\xff", b"\0<")):
        codec = "utf-16-le" if text[:1] in (b"\xff", b"<") else "utf-16-be"
        try:
            return text.decode(codec).removeprefix("\ufeff").encode("utf-8")
        except UnicodeDecodeError as error:
            line = text.decode(codec, "replace").count("\n", 0, error.start // 2) + 1
            raise DocumentError(line, "the document begins as UTF-16, but this is not UTF-16") from None
    data = text.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(data)
    if declared and declared[1].decode("ascii", "replace").lower() not in _ENCODINGS:
        raise DocumentError(1, f"the encoding is {declared[1].decode('ascii', 'replace')}; it is UTF-8 or UTF-16")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(line, f"byte {error.start} is not UTF-8") from None
    return data


class _Reading:
    """One document being read: the open elements, each with the fields it fills."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._open: list[tuple[Element, dict[str, Any], set[str]]] = []
        self._value: Any = None
        parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._document_type
        parser.EntityDeclHandler = self._document_type
        parser.ProcessingInstructionHandler = self._instruction
        self._parser = parser

    def of(self, data: bytes) -> Any:
        """The value of the root."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise DocumentError(error.lineno, f"this is not XML: {expat.ErrorString(error.code)}") from None
        return self._value

    def _refuse(self, says: str) -> DocumentError:
        return DocumentError(self._parser.CurrentLineNumber, says)

    def _start(self, full_name: str, given: dict[str, str]) -> None:
        namespace, _, name = full_name.rpartition(_SEPARATOR)
        element = self._element(namespace, name)
        fields: dict[str, Any]
        if element.field is None and self._open:
            parent, fields, seen = self._open[-1]
            if name in seen:
                raise self._refuse(f"{name} occurs once in {parent.name}, and this is another one")
            seen.add(name)
        else:
            fields = dict(element.means)
        self._open.append((element, fields, set()))
        if len(self._open) == 1:
            self._check_version(given)
        self._fill(element, fields, given)

    def _element(self, namespace: str, name: str) -> Element:
        vocabulary = self._vocabulary
        if not self._open:
            if (namespace, name) != (vocabulary.namespace, vocabulary.root.name):
                expected = f"{vocabulary.root.name} in the namespace {vocabulary.namespace}"
                raise self._refuse(f"the document is {shown(name)} in the namespace {shown(namespace)}, not {expected}")
            return vocabulary.root
        parent = self._open[-1][0]
        element = parent.child_named.get(name)
        if element is None or namespace not in (vocabulary.namespace, ""):
            known = ", ".join(parent.child_named) or "nothing"
            where = f" in the namespace {shown(namespace)}" if namespace != vocabulary.namespace else ""
            raise self._refuse(f"{parent.name} has {shown(name)}{where}; what is known there: {known}")
        return element

    def _check_version(self, given: dict[str, str]) -> None:
        version = given.pop("version", None)
        if version != self._vocabulary.version:
            says = f"the document has {f'version {shown(version)}' if version is not None else 'no version'}"
            raise self._refuse(f"{says}; version {self._vocabulary.version} is the one known")

    def _fill(self, element: Element, fields: dict[str, Any], given: dict[str, str]) -> None:
        for attribute in element.attributes:
            text = given.pop(attribute.name, None)
            if text is not None:
                try:
                    value = attribute.form.read(text)
                except ValueError as error:
                    where = f"{attribute.name} of {element.name}"
                    raise self._refuse(f"{where} is {shown(text)}: {error}") from None
                if attribute.repeats and fields.get(attribute.field, value) not in (value, attribute.absent):
                    raise self._refuse(f"{element.name} has another {attribute.name} than the elements around it")
                fields[attribute.field] = value
            elif attribute.absent is NEEDED:
                raise self._refuse(f"{element.name} has no {attribute.name}")
            elif not attribute.repeats:
                fields[attribute.field] = attribute.absent
        if given:
            known = ", ".join(element.attribute_named) or "none"
            raise self._refuse(f"{element.name} has the attribute {shown(next(iter(given)))}; known are {known}")

    def _end(self, _full_name: str) -> None:
        element, fields, _ = self._open.pop()
        if element.make is None:
            return
        made = {name: tuple(value) if type(value) is list else value for name, value in fields.items()}
        try:
            value = element.make(**made)
        except (TypeError, ValueError) as error:
            raise self._refuse(f"this {element.name} is not complete: {error}") from None
        if element.field is None:
            self._value = value
            return
        parent, parents, seen = self._open[-1]
        if element.many:
            parents.setdefault(element.field, []).append(value)
        elif element.name in seen:
            raise self._refuse(f"{element.name} occurs once in {parent.name}, and this is another one")
        else:
            seen.add(element.name)
            parents[element.field] = value

    def _text(self, text: str) -> None:
        if not text.isspace():
            inside = self._open[-1][0].name
            raise self._refuse(
                f"{inside} has the text {shown(text.strip())}; in these documents all stands in attributes"
            )

    def _document_type(self, *_declared: Any) -> None:
        raise self._refuse("document types and entities are not read")

    def _instruction(self, target: str, _data: str) -> None:
        raise self._refuse(f"there is the processing instruction {shown(target)}; none is known")
