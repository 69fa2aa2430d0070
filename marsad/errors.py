"""What can go wrong, said in one line, and whether to try again.

Every error that a user may meet is a `MarsadError`. Its text is one line that says what is wrong
and what to do next; its facts are attributes, so that a caller never has to read the text.
"""

from typing import ClassVar


class MarsadError(Exception):
    """Base of everything Marsad raises on purpose.

    Attributes:
        exit_code: what the command line ends with (1: nothing was published, 2: nothing was
            touched).
        retryable: whether the same call may succeed if repeated with nothing changed.
    """

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False


class ConfigError(MarsadError):
    """Usage or configuration is wrong; found before anything was touched."""

    exit_code = 2


class DumpError(MarsadError):
    """One dump cannot be read; every other dump goes on.

    Attributes:
        uri: the dump.
        rule: short name of what is wrong, as in `ops.rejects.rule` (`truncated`, `unknown_format`).
        detail: what exactly, in one line.
        member: the archive member, where there is one.
        record_no: the record (1-based) that was being read, where known.
        byte_offset: the byte (0-based, in the decompressed member) that was reached, where known.
    """

    def __init__(
        self,
        uri: str,
        rule: str,
        detail: str,
        *,
        member: str | None = None,
        record_no: int | None = None,
        byte_offset: int | None = None,
    ) -> None:
        self.uri = uri
        self.rule = rule
        self.detail = detail
        self.member = member
        self.record_no = record_no
        self.byte_offset = byte_offset
        super().__init__(f"{self.where}: {rule}: {detail}")

    @property
    def where(self) -> str:
        """The place as `file!member, record 7, byte 1234`, with the parts that are known."""
        place = self.uri if self.member is None else f"{self.uri}!{self.member}"
        if self.record_no is not None:
            place += f", record {self.record_no}"
        if self.byte_offset is not None:
            place += f", byte {self.byte_offset}"
        return place

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by facts: the error crosses process boundaries."""
        return (
            _rebuild_dump_error,
            (self.uri, self.rule, self.detail, self.member, self.record_no, self.byte_offset),
        )


def is_interrupt(error: BaseException | None) -> bool:
    """Whether an error is what others made of Ctrl-C: Prefect as a task begins, or DuckDB."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt) or str(error) == "Query interrupted":
            return True
        error = error.__cause__ or error.__context__
    return False


def _rebuild_dump_error(
    uri: str,
    rule: str,
    detail: str,
    member: str | None,
    record_no: int | None,
    byte_offset: int | None,
) -> DumpError:
    return DumpError(uri, rule, detail, member=member, record_no=record_no, byte_offset=byte_offset)


class LakeError(MarsadError):
    """The lake cannot be opened, read or written as asked."""


class LakeLockedError(LakeError):
    """Another run is writing to the lake."""

    retryable = True


class QueryError(MarsadError):
    """A query is refused, or fails; nothing was changed.

    Attributes:
        unknown: the name of a table, column or function that it asks for and that does not exist.
    """

    def __init__(self, text: str, *, unknown: str | None = None) -> None:
        self.unknown = unknown
        super().__init__(text)


class ServeError(MarsadError):
    """The published file, an export or the report cannot be made; the lake is as it was."""


class AuditBlockedError(MarsadError):
    """A critical expectation failed; nothing was published.

    Attributes:
        reasons: one line for each expectation that failed.
    """

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by facts."""
        return (AuditBlockedError, (self.reasons,))
