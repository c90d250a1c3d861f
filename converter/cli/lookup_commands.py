"""The command that fetches a provider's own lists."""

from __future__ import annotations

from typing import Any

import click

from converter.cli import options
from converter.cli.output import echo, print_json, print_line
from converter.cli.session import interruptible, open_command
from converter.cli.translated import TranslatedCommand
from converter.exit_codes import Exit
from converter.messages import translate


@click.command(cls=TranslatedCommand)
@options.without_sheet
@options.trust_mapping
def lookups(trust_mapping: bool, **chosen: Any) -> None:
    """Fetch the provider's own lists, such as its channels, and print codes and names.

    They are kept for each account with their date: a list that cannot be fetched is shown as it was
    the last time, and that is said.

    \b
    Examples:
      converter lookups -p scexpress
      converter lookups -p scexpress --json
    """
    with interruptible(), open_command([], {**chosen, "output": None}) as command:
        from converter.runs.lookups import fetch_lists

        command.settle_mapping(trust_mapping=trust_mapping)
        command.warn_of_network()
        found = fetch_lists(command.session)
        notes = [translate(note, command.lang) for note in found.notes]
        if command.as_json:
            lists = [
                {
                    "name": one.name,
                    "title": one.title.get(command.lang),
                    "at": one.at,
                    "entries": [{"code": code, "names": names} for code, *names in one.entries],
                }
                for one in found.lists
            ]
            facts = {"provider": command.session.mapping.provider, "lists": lists, "notes": notes}
            print_json({"schema_version": 1, **facts})
        else:
            for note in notes:
                echo(note)
            for one in found.lists:
                print_line(f"{one.title.get(command.lang)} ({one.name}), {one.at[:10]}")
                for code, *names in one.entries:
                    print_line(f"  {code:<20} {' / '.join(names)}".rstrip())
    click.get_current_context().exit(int(Exit.STOPPED if found.missing else Exit.OK))
