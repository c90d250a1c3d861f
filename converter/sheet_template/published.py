"""The folder of published order sheets."""

from __future__ import annotations

from pathlib import Path

from converter.mapping.load import available_mappings, load_mapping
from converter.sheet_template import examples
from converter.sheet_template.workbook import write_template


def rewrite(folder: Path) -> list[Path]:
    """Write every published sheet again: a blank one per provider, and one for each file in data/.

    `data/oms.csv` becomes `oms.example.xlsx`; `data/oms.late.csv` becomes `late.xlsx`.
    """
    written = []
    for name, file in available_mappings().items():
        mapping = load_mapping(file)
        write_template(mapping, folder / f"{name}.xlsx")
        written.append(folder / f"{name}.xlsx")
        for data in sorted((folder / "data").glob(f"{name}.*csv")):
            special = data.stem.removeprefix(name).removeprefix(".")
            target = folder / f"{special or f'{name}.example'}.xlsx"
            write_template(mapping, target, rows=examples.read(data, mapping))
            written.append(target)
    return written
