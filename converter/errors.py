"""What stops a run: each error carries its exit code and says what to do."""

from __future__ import annotations

from pathlib import Path

from converter.exit_codes import Exit
from converter.messages.sentence import Sentence, in_language, t
from converter.model import Cell


class ConverterError(Exception):
    """The run cannot go on; the text is for the person who started it."""

    exit_code = Exit.UNUSABLE

    def in_language(self, lang: str) -> str:
        """What is wrong and what to do; a text that was never translated as it is."""
        return in_language(self.args[0], lang)


class UsageError(ConverterError):
    """The command line asks for something that cannot be done."""


class SheetError(ConverterError):
    """The file cannot be read as an order sheet; nothing was sent."""

    def __init__(
        self, problem: str, *, where: Cell | Path | str, remedy: str, code: str = ""
    ) -> None:
        place = where.name if isinstance(where, Path) else where
        sentence = t("{place}: {problem}. {remedy}", place=place, problem=problem, remedy=remedy)
        super().__init__(sentence.changed(lambda text: f"{text} [{code}]" if code else text))
        self.where: Cell | Path | str = where
        self.code = code

    @classmethod
    def told(cls, sentence: Sentence, code: str) -> SheetError:
        """One that another process has put into words."""
        error = cls.__new__(cls)
        Exception.__init__(error, sentence)
        error.where, error.code = "", code
        return error


class MappingError(ConverterError):
    """A mapping file cannot be used; says the file, the line and the column."""

    def __init__(self, problem: str, *, file: str, line: int = 0, column: int = 0) -> None:
        place = f"{file}:{line}:{column}" if line else file
        super().__init__(t("{place}: {problem}", place=place, problem=problem))
        self.line = line
        self.column = column


class SettingsError(ConverterError):
    """A setting is missing or cannot be used; names it, never its value."""


class OutputError(ConverterError):
    """The result workbook cannot be written where it was asked for; found before sending."""


class AccountBusy(ConverterError):
    """Another run holds this account."""

    exit_code = Exit.ACCOUNT_BUSY


class JournalError(ConverterError):
    """The journal cannot be trusted or written, so nothing may be sent."""

    exit_code = Exit.JOURNAL
