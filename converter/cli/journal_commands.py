"""The commands that look after the journals."""

from __future__ import annotations

from pathlib import Path

import click

from converter import messages
from converter.cli import options
from converter.cli.output import print_json, print_line
from converter.cli.translated import TranslatedGroup
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
