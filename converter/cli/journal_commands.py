"""The commands that look after the journals."""

from __future__ import annotations

from pathlib import Path

import click

from converter import messages
from converter.cli import options
from converter.cli.output import print_json, print_line
from converter.cli.translated import TranslatedGroup
from converter.errors import UsageError
from converter.exit_codes import Exit
from converter.message import t
from converter.messages import translate


@click.group(cls=TranslatedGroup)
def journal() -> None:
    """Look after the journal, which keeps an order from being sent twice.

    \b
    Examples:
      converter journal check
      converter journal backup /backup/converter
      converter journal copy files server
    """


@journal.command("check")
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def check_journals(lang: str | None) -> None:
    """Read every journal as a whole, and say whether it is sound.

    Every index is held against its table, and what the journal knows against what is kept outside
    it. A run does this by itself only after one that did not end, and once a month.

    \b
    Examples:
      converter journal check
      converter journal check --lang zh
    """
    from converter import settings
    from converter.journal import check_all

    language = lang or messages.default_language()
    is_sound = True
    for checked in check_all(settings.home()):
        if checked.problem:
            is_sound = False
            problem = translate(checked.problem, language)
            click.echo(translate(t("Error: {problem}", problem=problem), language))
        else:
            click.echo(translate(t("{path}: sound", path=checked.path), language))
    if not is_sound:
        raise SystemExit(int(Exit.JOURNAL))


@journal.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@options.as_json
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def backup(folder: Path, as_json: bool, lang: str | None) -> None:
    """Copy every journal into FOLDER, also while orders are being sent.

    A copy is read as a whole before it takes the place of an older one. It is for the case that
    the disk is lost: a copy that a run came after is refused as a journal, because it does not know
    what was sent since.

    \b
    Examples:
      converter journal backup /backup/converter
      converter journal backup backup --json
    """
    from converter import settings
    from converter.journal import back_up_all

    language = lang or messages.default_language()
    copied = []
    for one in back_up_all(settings.home(), folder):
        copied.append({"journal": str(one.path), "copy": str(one.target)})
        if not as_json:
            facts = {"path": one.path, "target": one.target}
            print_line(translate(t("{path}: copied to {target}", **facts), language))
    if as_json:
        print_json({"schema_version": 1, "copies": copied})


@journal.command("copy")
@click.argument("source", type=click.Choice(["files", "server"]), metavar="FROM")
@click.argument("target", type=click.Choice(["files", "server"]), metavar="TO")
@options.as_json
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def copy_journals(source: str, target: str, as_json: bool, lang: str | None) -> None:
    """Copy the journal of every account between this machine's files and the server.

    FROM and TO are `files` (in CONVERTER_HOME) and `server` (CONVERTER_JOURNAL). Each copy is
    compared row by row. No run can use either while it is copied, and none that exists is written
    over.

    \b
    Examples:
      converter journal copy files server
      converter journal copy server files --json
    """
    from converter import settings
    from converter.journal import copy_to_files, copy_to_server

    if source == target:
        raise UsageError(t("A journal is copied from `files` to `server`, or the other way round."))
    language = lang or messages.default_language()
    copy = copy_to_server if target == "server" else copy_to_files
    copied = []
    for one in copy(settings.home()):
        copied.append({"journal": one.source, "copy": one.target, "rows": one.rows})
        if not as_json:
            facts = {"path": one.source, "target": one.target, "rows": f"{one.rows:,}"}
            told = t("{path}: copied to {target}, {rows} rows, and compared", **facts)
            if not one.rows:
                told = t("{path}: not copied, as runs use {target} already", **facts)
            print_line(translate(told, language))
    if as_json:
        print_json({"schema_version": 1, "copies": copied})
