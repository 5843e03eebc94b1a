"""From XML to values, by a vocabulary: what it does not know is refused with its line, so nothing is lost silently.

No entities, document types or processing instructions: a document of VSS has none, and they can be used to harm.
"""

import re
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from vss_sim.documents.attribute_values import shown
from vss_sim.documents.elements import NEEDED, Element, Vocabulary
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.leaf_batches import NotPlainError, leaves_of, values_of
from vss_sim.documents.leaf_runs import run_at

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST: Final = 32 << 20
"""Bytes that a document may have in UTF-8; the largest real ones have a tenth of it."""

_SEPARATOR: Final = " "
_TOLD: Final = 100
_PIECE: Final = 1 << 15
"""Bytes that the parser is given at a time; more of what has no end in them, which it looks at from its beginning."""

_STEP: Final = 1 << 9
"""Bytes until the first look for a run of leaves; after none or a short one, twice as many until the next."""

_LONG_RUN: Final = 1 << 13
"""Bytes of a run after which it is worth looking for another at once."""

_ENCODINGS: Final = ("utf-8", "utf-16", "utf-16le", "utf-16be", "utf-16-le", "utf-16-be", "us-ascii", "ucs-2")
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"'>]{1,40})["']""")


def read_xml(vocabulary: Vocabulary, text: str | bytes, passed_over: list[DocumentError] | None = None) -> Any:
    """The value that a document stands for.

    A later Windows may write elements and attributes that are not known here. Who gives a list is told of them there,
    of the first hundred at most, and gets the document without them; who does not gets an error.

    Raises:
        DocumentError: the text is no such document, or says what is not known here.
    """
    data = as_utf8(text)
    told: list[DocumentError] = []
    value = _read_in_batches(vocabulary, data, told if passed_over is not None else None)
    if value is None:
        told.clear()
        value = _Reading(vocabulary, told if passed_over is not None else None).of(data)
    if passed_over is not None:
        passed_over += told
    return value


def _read_in_batches(vocabulary: Vocabulary, data: bytes, told: list[DocumentError] | None) -> Any:
    """The value; None where the careful way has to say it, or what is wrong first: leaves are looked at late.

    Raises:
        DocumentError: the text is no such document.
    """
    reading = _Reading(vocabulary, told, in_batches=True)
    try:
        return reading.of(data)
    except NotPlainError:
        return None
    except DocumentError:
        if reading.is_late:
            return None
        raise


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
    return data


def _see_utf8(data: bytes) -> None:
    """Raises DocumentError where the bytes are not UTF-8; a document that was read is."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(line, f"byte {error.start} is not UTF-8") from None


class _Reading:
    """One document being read: the open elements, each with the fields it fills.

    `in_batches`: elements without children are gathered, and read together.
    """

    def __init__(
        self, vocabulary: Vocabulary, passed_over: list[DocumentError] | None = None, *, in_batches: bool = False
    ) -> None:
        self._vocabulary = vocabulary
        self._passed_over = passed_over
        self._over = 0
        """How deep the parser is in an element that is passed over."""
        self._leaves: dict[str, list[list[str]]] = {}
        """Name of each kind of leaf in the element that is open → the attributes of those that were met."""
        self._noting: dict[str, Callable[[list[str]], None]] = {}
        """Full name of each kind of leaf → what notes one."""
        self._texts: dict[str, str] = {}
        self._open: list[tuple[Element, dict[str, Any], set[str]]] = []
        self._value: Any = None
        self._in_batches = in_batches
        self._inside: Callable[[], bool] = bool
        """Whether the parser is in a leaf."""
        parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._document_type
        parser.EntityDeclHandler = self._document_type
        parser.ProcessingInstructionHandler = self._instruction
        self._parser = parser
        if in_batches:
            self._gather()

    def of(self, data: bytes) -> Any:
        """The value of the root."""
        try:
            if self._in_batches and b"<!" not in data and data.count(b"xmlns") == 1:
                self._step_by_step(data)
            else:
                self._straight_on(data)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            _see_utf8(data)
            raise DocumentError(error.lineno, f"this is not XML: {expat.ErrorString(error.code)}") from None
        return self._value

    @property
    def is_late(self) -> bool:
        """Whether leaves wait that nobody has looked at."""
        return any(self._leaves.values())

    def _straight_on(self, data: bytes, begin: int = 0) -> None:
        view = memoryview(data)
        piece, seen = _PIECE, -1
        while begin < len(data):
            self._parser.Parse(view[begin : begin + piece], False)
            self._take_leaves()
            begin += piece
            piece = _PIECE if self._parser.CurrentByteIndex != seen else 8 * piece
            seen = self._parser.CurrentByteIndex

    def _step_by_step(self, data: bytes) -> None:
        """Look for runs of leaves wherever the parser has taken all that it was given, and spare it those.

        No sign of a run ends a line, and so the parser counts the lines right. A document in which a namespace is
        declared anew, or which has what looks like an element and is none (`<!`), does not come here.
        """
        view = memoryview(data)
        begin, given, step, seen = 0, 0, _STEP, -1
        while begin < len(data):
            if self._noting and self._parser.CurrentByteIndex == given and not self._inside():
                end = self._after_run(data, begin)
                far = end - begin >= _LONG_RUN
                begin = end
                if far:
                    step = _STEP
                    continue
            end = data.rfind(b">", begin, begin + step) + 1 or begin + step
            self._parser.Parse(view[begin:end], False)
            self._take_leaves()
            given += min(end, len(data)) - begin
            begin, step = end, min(2 * step, _PIECE)
            if self._parser.CurrentByteIndex == seen:
                return self._straight_on(data, begin)
            seen = self._parser.CurrentByteIndex
        return None

    def _after_run(self, data: bytes, begin: int) -> int:
        """Where the run of leaves ends that stands here; they are taken into the element that is open."""
        parent, fields, _ = self._open[-1]
        run = run_at(data, begin, {leaf.name: leaf for leaf in leaves_of(parent)}, self._texts)
        if run is None:
            return begin
        fields.setdefault(run.element.field or "", []).extend(run.values)
        return run.end

    def _refuse(self, says: str) -> DocumentError:
        return DocumentError(self._parser.CurrentLineNumber, says)

    def _gather(self) -> None:
        """Leaves are only noted, since their attributes say all; every other element is read as it comes.

        The two functions run for each of tens of thousands of elements, and so look up as little as they can.
        """
        noting = self._noting.get
        inside = False

        def start(full_name: str, listed: list[str]) -> None:
            nonlocal inside
            note = noting(full_name)
            if inside:
                raise NotPlainError
            if note is not None:
                note(listed)
                inside = True
            else:
                self._take_leaves()
                self._start(full_name, listed)
                self._expect_leaves()

        def end(full_name: str) -> None:
            nonlocal inside
            if inside:
                inside = False
            else:
                self._take_leaves()
                self._end(full_name)
                self._expect_leaves()

        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end
        self._inside = lambda: inside

    def _expect_leaves(self) -> None:
        """The leaves that the open element may have, in the namespace of the document and in none."""
        self._noting.clear()
        self._leaves.clear()
        if self._open and not self._over:
            for child in leaves_of(self._open[-1][0]):
                gathered = self._leaves[child.name] = []
                self._noting[self._vocabulary.namespace + _SEPARATOR + child.name] = gathered.append
                self._noting[child.name] = gathered.append

    def _take_leaves(self) -> None:
        """Make values of the leaves that were gathered."""
        for name, gathered in self._leaves.items():
            if gathered:
                parent, fields, _ = self._open[-1]
                element = parent.child_named[name]
                made = values_of(element, gathered, self._texts)
                fields.setdefault(element.field or "", []).extend(made)
                gathered.clear()

    def _start(self, full_name: str, listed: list[str]) -> None:
        given = dict(zip(listed[::2], listed[1::2], strict=True))
        namespace, _, name = full_name.rpartition(_SEPARATOR)
        if self._over:
            self._over += 1
            return
        element = self._element(namespace, name)
        if element is None:
            self._over = 1
            return
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

    def _pass_over(self, says: str) -> None:
        """Tell of a name that is not known, to who wants to be told.

        Raises:
            DocumentError: nobody does.
        """
        if self._passed_over is None:
            raise self._refuse(says)
        if len(self._passed_over) < _TOLD:
            self._passed_over.append(self._refuse(says))

    def _element(self, namespace: str, name: str) -> Element | None:
        """The element of this name; None where it is passed over."""
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
            self._pass_over(f"{parent.name} has {shown(name)}{where}; what is known there: {known}")
            return None
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
        for name in given:
            known = ", ".join(element.attribute_named) or "none"
            self._pass_over(f"{element.name} has the attribute {shown(name)}; known are {known}")

    def _end(self, _full_name: str) -> None:
        if self._over:
            self._over -= 1
            return
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
        if not self._over and not text.isspace():
            inside = self._open[-1][0].name
            raise self._refuse(
                f"{inside} has the text {shown(text.strip())}; in these documents all stands in attributes"
            )

    def _document_type(self, *_declared: Any) -> None:
        raise self._refuse("document types and entities are not read")

    def _instruction(self, target: str, _data: str) -> None:
        raise self._refuse(f"there is the processing instruction {shown(target)}; none is known")
