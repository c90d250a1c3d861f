"""What share of a mapping's fields a draft from the provider's page has right without editing.

    python -m tests.drafting oms=oms-page.txt scexpress=sc-page.txt

Each page is drafted and held against the shipped mapping of that name. A field is right where the
draft has its path, its type, what is sent, whether it is required, its length and its choices.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from converter.authoring.draft import draft
from converter.mapping.load import available_mappings, load_mapping, parse_mapping
from converter.mapping.model import FieldSpec, ProviderMapping

ASPECTS = ("path", "type", "send", "required", "max", "choices")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pages", nargs="+", metavar="PROVIDER=PAGE")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what is not right")
    chosen = parser.parse_args()
    right = total = 0
    print(f"{'provider':<14}{'fields':>7}{'right':>7}  " + "  ".join(ASPECTS))
    for pair in chosen.pages:
        name, _, page = pair.partition("=")
        shipped = load_mapping(available_mappings()[name])
        made = parse_mapping(draft(name, [Path(page)]).text, page)
        found = compare(shipped, made)
        whole = sum(not wrong for wrong in found.values())
        shares = [sum(one not in wrong for wrong in found.values()) for one in ASPECTS]
        print(f"{name:<14}{len(found):>7}{whole / len(found):>7.0%}  "
              + "  ".join(f"{n / len(found):.0%}" for n in shares))  # fmt: skip
        right, total = right + whole, total + len(found)
        for path, wrong in found.items() if chosen.verbose else ():
            if wrong:
                print(f"    {path}: {', '.join(wrong)}")
    print(f"all: {right} of {total} fields are right ({right / total:.0%})")
    return 0


def compare(shipped: ProviderMapping, made: ProviderMapping) -> dict[str, list[str]]:
    """For every field that people may fill in, the aspects in which a draft is wrong."""
    drafts = {spec.path: spec for spec in made.fields}
    return {
        spec.path: wrong_in(spec, drafts.get(spec.path))
        for spec in shipped.fields
        if spec.sent and spec.has_column
    }


def wrong_in(spec: FieldSpec, drafted: FieldSpec | None) -> list[str]:
    if drafted is None:
        return [*ASPECTS]
    pairs = {
        name: (getattr(spec, name), getattr(drafted, name)) for name in ASPECTS if name != "choices"
    }
    pairs["choices"] = ({*spec.choices}, {*drafted.choices})
    return [name for name, (one, other) in pairs.items() if one != other]


if __name__ == "__main__":
    raise SystemExit(main())
