"""The commands that tell what happened to an order or in a run, for a dispute."""

from __future__ import annotations

from pathlib import Path

import click

from converter import messages
from converter.cli import options
from converter.cli.output import echo, print_json, print_line
from converter.cli.translated import TranslatedCommand
from converter.message import t
from converter.messages import translate

_lang = click.option(
    "--lang", type=click.Choice(messages.languages()), help="Language of the messages."
)


@click.command(cls=TranslatedCommand)
@click.argument("references", nargs=-1, required=True, metavar="REF...")
@click.option("-p", "--provider", metavar="NAME|FILE.yaml",
              shell_complete=options.complete_providers,
              help="Only at this provider; a file is the mapping for its requests.")  # fmt: skip
@options.mappings
@click.option("--curl", "as_curl", is_flag=True,
              help="Print each request as a cURL command, secrets masked.")  # fmt: skip
@options.as_json
@_lang
def show(
    references: tuple[str, ...],
    provider: str | None,
    mappings: Path | None,
    as_curl: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Tell the whole story of an order: each attempt with time, address, body and answer.

    REF is the reference of an order, or of a part of one. Secrets are masked everywhere. Where the
    body holds none, it is compared with the SHA-256 of what was sent, and that is said.

    \b
    Examples:
      converter show PO-1
      converter show PO-1 PO-2 -p oms --json
      converter show PO-1 --curl > requests.sh
    """
    from converter.runs import story

    language = lang or messages.default_language()
    found, rebuilder = story.read_stories(references, provider=provider, mappings=mappings)
    if as_json:
        told = [story.story_document(one, rebuilder, language) for one in found]
        print_json({"schema_version": 1, "stories": told})
        return
    tell = story.curl_lines if as_curl else story.story_lines
    for one in found:
        for line in tell(one, rebuilder, language):
            print_line(line)


@click.command(cls=TranslatedCommand)
@click.argument("run")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@options.mappings
@options.as_json
@_lang
def export(run: str, folder: Path, mappings: Path | None, as_json: bool, lang: str | None) -> None:
    """Write everything that the journal holds of RUN into FOLDER, which is new or empty.

    run.json is the run itself. The folder orders has the story of each order, the folder attempts
    what was sent and what came back: body, reply, and the request as a cURL command. Secrets are
    masked everywhere.

    \b
    Examples:
      converter export 20261121-142530-9f3c dispute
      converter export 20261121-142530-9f3c dispute --json
    """
    from converter.runs.export import export_run

    language = lang or messages.default_language()
    orders, attempts = export_run(run, folder, lang=language, mappings=mappings)
    if as_json:
        facts = {"run": run, "folder": str(folder), "orders": orders, "attempts": attempts}
        print_json({"schema_version": 1, **facts})
        return
    wrote = t("Wrote {orders} orders and {attempts} attempts into {folder}.",
              orders=orders, attempts=attempts, folder=folder)  # fmt: skip
    echo(translate(wrote, language))
