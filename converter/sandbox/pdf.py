"""A PDF as small as one can be: a page for each text."""

from __future__ import annotations

from collections.abc import Sequence


def pdf_of(texts: Sequence[str]) -> bytes:
    """A label of 10 by 15 cm for each text, which is ASCII."""
    pages = [3 + 2 * number for number in range(len(texts))]
    kids = " ".join(f"{page} 0 R" for page in pages)
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
    ]
    for page, text in zip(pages, texts, strict=True):
        drawn = f"BT /F 12 Tf 20 380 Td (SANDBOX {text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 283 425] /Contents {page + 1} 0 R "
            f"/Resources << /Font << /F {font} >> >> >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    made, places = "%PDF-1.4\n", list[int]()
    for number, text in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{text}\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    size, start = len(objects) + 1, len(made)
    made += f"xref\n0 {size}\n0000000000 65535 f \n{rows}"
    made += f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return made.encode("ascii")
