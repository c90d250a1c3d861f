"""The command that fetches labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from converter.cli import options
from converter.cli.session import interruptible, open_command
from converter.cli.translated import TranslatedCommand


@click.command(cls=TranslatedCommand)
@options.orders_or_sheet
@click.option("-o", "--folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Where they go; by default the folder labels beside the sheet.")  # fmt: skip
@click.option("--merge", is_flag=True, help="Also make one PDF of them all, in their order.")
@options.journal_is_right
@options.trust_mapping
def labels(
    given: tuple[str, ...],
    folder: Path | None,
    merge: bool,
    journal_is_right: bool,
    trust_mapping: bool,
    **chosen: Any,
) -> None:
    """Fetch the labels of accepted orders into a folder, each named by its reference.

    With SHEET, of its orders, and its result workbook is written anew with links to the files. With
    RUN or REF, of those orders. A label that is there is not fetched again, and a file that
    somebody changed is never written over.

    \b
    Examples:
      converter labels orders.xlsx -p scexpress --merge
      converter labels CK0712-06 CK0712-07 -p scexpress -o print
    """
    sheets = [Path(given[0])] if len(given) == 1 and Path(given[0]).is_file() else []
    with interruptible(), open_command(sheets, {**chosen, "output": None}) as command:
        from converter.runs.labels import Labels, default_folder, labels_of_orders, labels_of_sheet

        command.settle_mapping(trust_mapping=trust_mapping)
        command.warn_of_network()
        trust = command.trust(journal_is_right=journal_is_right)
        place = folder or default_folder(sheets[0] if sheets else None)
        wanted = Labels(place.resolve(), merge)
        if sheets:
            command.show(labels_of_sheet(command.session, wanted, trust=trust))
        else:
            command.show(labels_of_orders(command.session, given, wanted, trust=trust))
    command.end()
