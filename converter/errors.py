"""Errors that stop a run; each has an exit code and says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from converter.exit_codes import Exit
from converter.message import join, t
from converter.model import Cell


class ConverterError(Exception):
    """The run cannot go on; the text is for the person who started it."""

    exit_code = Exit.UNUSABLE
    code = ""
    """Names the kind of error to scripts; it never changes."""

    @property
    def message(self) -> str:
        """What is wrong and what to do."""
        return self.args[0]  # type: ignore[no-any-return]


class UsageError(ConverterError):
    """The command line asks for something that cannot be done."""

    code = "USAGE"


class SheetError(ConverterError):
    """The file cannot be read as an order sheet; nothing was sent."""

    def __init__(
        self, problem: str, *, where: Cell | Path | str, remedy: str, code: str = ""
    ) -> None:
        place = where.name if isinstance(where, Path) else where
        facts = {"place": place, "problem": problem, "remedy": remedy}
        plain = t("{place}: {problem}. {remedy}", **facts)
        super().__init__(
            t("{place}: {problem}. {remedy} [{code}]", **facts, code=code) if code else plain
        )
        self.where: Cell | Path | str = where
        self.code = code

    @classmethod
    def from_message(cls, message: str, code: str) -> SheetError:
        """An error that another process has found."""
        error = cls.__new__(cls)
        Exception.__init__(error, message)
        error.where, error.code = "", code
        return error


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a mapping file, and what to write instead."""

    problem: str
    file: str
    line: int = 0
    column: int = 0

    @property
    def message(self) -> str:
        """The problem behind its place."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return t("{place}: {problem}", place=place, problem=self.problem)


class MappingError(ConverterError):
    """Mapping files cannot be used; says file, line and column of every fault."""

    code = "MAPPING"

    def __init__(self, problem: str, *, file: str, line: int = 0, column: int = 0) -> None:
        self.faults: tuple[Fault, ...] = (Fault(problem, file, line, column),)
        super().__init__(self.faults[0].message)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> MappingError:
        """One error for all faults, of one file or of several."""
        error = cls.__new__(cls)
        error.faults = tuple(faults)
        messages = [fault.message for fault in faults]
        Exception.__init__(error, messages[0] if len(messages) == 1 else join("\n", messages))
        return error

    @property
    def line(self) -> int:
        """Line of the first fault; 0 where it is the whole file's."""
        return self.faults[0].line

    @property
    def column(self) -> int:
        return self.faults[0].column


class SettingsError(ConverterError):
    """A setting is missing or cannot be used; names it, never its value."""

    code = "SETTINGS"


class OutputError(ConverterError):
    """The result workbook cannot be written where it was asked for; found before sending."""

    code = "OUTPUT"


class CallError(ConverterError):
    """A call that the others need, such as that for a token, failed; nothing more is sent."""

    exit_code = Exit.STOPPED
    code = "CALL_FAILED"


class AccountBusy(ConverterError):
    """Another run holds this account."""

    exit_code = Exit.ACCOUNT_BUSY
    code = "ACCOUNT_BUSY"


class JournalError(ConverterError):
    """The journal cannot be trusted or written, so nothing may be sent."""

    exit_code = Exit.JOURNAL
    code = "JOURNAL"
