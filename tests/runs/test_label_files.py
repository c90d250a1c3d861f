"""Label files: what they are, what they are called, one file of many."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path

import pytest
from pypdf import PdfReader

from converter.runs.label_files import checked, ending_of, from_base64, merge, safe_name, save
from converter.sandbox.pdf import pdf_of

PNG = b"\x89PNG\r\n\x1a\n...."
ZPL = b"\xef\xbb\xbf^XA^FO50,50^FDA^FS^XZ"


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (pdf_of(["A"]), "pdf"),
        (b"\n\n" + pdf_of(["A"]), "pdf"),
        (PNG, "png"),
        (ZPL, "zpl"),
        (b"CT~~CD,~CC^~CT~^XA^XZ", "zpl"),
        (b"<html>^XA^XZ", ""),
        (b"", ""),
    ],
)
def test_what_a_file_is_its_bytes_tell(content: bytes, ending: str) -> None:
    assert ending_of(content) == ending


def test_anything_else_is_refused_with_its_beginning() -> None:
    assert "it begins with '<html>" in str(checked(b"<html><body>502</body></html>"))
    assert "it begins with nothing" in str(checked(b""))


def test_base64_is_read_with_and_without_its_prefix() -> None:
    text = b64encode(PNG).decode()

    assert from_base64(text) == PNG
    assert from_base64(f"data:image/png;base64,{text[:8]}\n{text[8:]}") == PNG
    assert isinstance(from_base64("no label"), str)


@pytest.mark.parametrize("reference", ["A-1", "CK0712_06", "单号7", "A.b"])
def test_a_reference_that_can_be_a_name_is_one(reference: str) -> None:
    assert safe_name(reference) == reference


@pytest.mark.parametrize(
    "reference",
    ["../../etc/passwd", "a/b", "a\\b", "CON", "nul.1", ".", "A ", "a" * 300, "A:1"],
)
def test_any_other_gets_a_name_of_its_own(reference: str) -> None:
    name = safe_name(reference)

    assert name == Path(name).name
    assert not set(name) & set('/\\:*?"<>| ')
    assert len(name) < 100
    assert name != reference


def test_references_that_differ_in_what_is_replaced_have_other_names() -> None:
    assert safe_name("a/b") != safe_name("a:b") != safe_name("a_b")


def test_a_file_of_somebody_is_not_written_over(tmp_path: Path) -> None:
    first = save(tmp_path, "A", pdf_of(["1"]))
    same = save(tmp_path, "A", pdf_of(["1"]))
    other = save(tmp_path, "A", pdf_of(["2"]))

    assert first == same == tmp_path / "A.pdf"
    assert other == tmp_path / "A (2).pdf"
    assert first.read_bytes() == pdf_of(["1"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A (2).pdf", "A.pdf"]


def test_pdfs_become_one_and_the_rest_is_named(tmp_path: Path) -> None:
    files = [
        save(tmp_path, "B", pdf_of(["B", "B2"])),
        save(tmp_path, "P", PNG),
        save(tmp_path, "X", b"%PDF-1.4 and nothing more"),
        save(tmp_path, "A", pdf_of(["A"])),
    ]
    content, told = merge(files)

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert pages == ["SANDBOX B", "SANDBOX B2", "SANDBOX A"]
    assert [str(one) for one in told] == [
        "P.png cannot be merged: only PDF files can be.",
        "X.pdf cannot be merged: its pages cannot be read.",
    ]


def test_nothing_to_merge_makes_no_file(tmp_path: Path) -> None:
    assert merge([save(tmp_path, "P", PNG)])[0] == b""
