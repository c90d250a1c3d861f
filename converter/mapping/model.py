"""The blocks of a mapping file on fields, orders and rules, and the mapping as a whole.

Each class is one block of the file; its attributes are the keys that the block may have. The
published JSON Schema is made from these classes, so their docstrings are what an editor shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from converter.mapping.block import Block, Json, Text, Title, Words
from converter.mapping.calls import Calls
from converter.mapping.request import Call, Request
from converter.mapping.response import Duplicates, Query, Response
from converter.mapping.samples import Samples
from converter.mapping.second_calls import Then


class Setting(Block):
    """One value that the installation gives: an address, an account code, a secret."""

    env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """The environment variable that holds it: capitals, beginning with the provider's name."""
    default: str | None = None
    """Used where nothing is set; a secret has none."""
    required: bool = False
    """Without it nothing is sent; `check` and `convert` work all the same."""
    secret: bool = False
    """Never printed, logged or stored; only from the environment or a file of its own."""
    account: bool = False
    """Part of what tells one account at this provider from another."""
    help: Title | None = None
    """What it is and who gives it; shown by `converter providers`."""


class OrderList(Block):
    """A repeated part of an order."""

    key: str | None = None
    """A field of the list: rows with the same value are one entry and must agree."""
    required: bool = False
    """Every order has at least one entry."""
    one: bool = False
    """There is just one entry, of cells of the order (or of the entry around): no rows repeat."""
    from_: str | None = Field(default=None, alias="from")
    """Another list: there is one entry for each of its entries, whose fields formulas here can
    read. So the same rows go into two lists, or nested entries into one flat list."""
    when: str | None = None
    """The list is sent only where this condition holds; else there is no key."""
    where: str | None = None
    """Only entries for which this condition holds are sent, such as `items.kind = gift`."""
    entry: Json = None
    """What stands for each entry: any JSON in which `$entry` is the entry and `$entry.sku` one of
    its members, such as `[0, 0, $entry]` or, for a list of plain values, `$entry.sku`."""
    map: str | None = None
    """A field of the list: instead of an array, an object with its values as keys."""
    json_: bool = Field(default=False, alias="json")
    """The whole list is sent as one text, its JSON."""


class Split(Block):
    """The provider takes no order larger than this: larger ones go as REF-1, REF-2."""

    list: Text
    """The list whose entries are divided."""
    at_most: Annotated[int, Field(ge=1)] | None = None
    """The most entries in one part."""
    by: str | None = None
    """A field of the list that must be the same in all entries of one part."""


class ObjectShape(Block):
    """An object of the payload that is not always there."""

    when: str | None = None
    """Its fields are sent, and required, only where this condition holds."""
    blank: Literal["absent", "null", "empty"] = "absent"
    """What is sent where it has no value in it: no key at all, null or {}."""
    json_: bool = Field(default=False, alias="json")
    """The object is sent as a text, its JSON."""


class OrderShape(Block):
    """Which field is the reference, and which parts of an order repeat."""

    reference: Text
    """The field that names the order; unique in an account at the provider."""
    lists: dict[str, OrderList] = {}
    """The repeated parts by their path; a list in a list is declared under the longer path."""
    objects: dict[str, ObjectShape] = {}
    """Objects of the payload by their path, such as `customs` or `items[].battery`."""
    split: Split | None = None
    """When one order of the sheet becomes several at the provider."""
    group_by: Words = ()
    """Titles of columns that number the orders inside one file, such as 序号: a row without a
    reference belongs to the order with its number."""


class Join(Block):
    """A value made of other fields: those that are blank are left out."""

    parts: tuple[Text, ...]
    """`$path` of a field of the same entry or of the order, `$line` (the entry's number, from 1),
    or literal text."""
    separator: str = ""
    """Stands between the parts."""


def word_for(spellings: Sequence[str], sent: str, lang: str) -> str:
    """The spelling of a choice in a language, else in English, or else any, or else what is sent.

    Mappings give spellings without their language; it is told by their script.
    """
    by_language: dict[str, str] = {}
    for word in spellings:
        by_language.setdefault("zh" if is_chinese(word) else "en", word)
    found = by_language.get(lang) or by_language.get("en")
    return found or next(iter(spellings), sent)


def is_chinese(text: str) -> bool:
    """Whether a word has Chinese characters."""
    return any("㐀" <= character <= "鿿" for character in text)


def is_country(name: str) -> bool:
    """Whether the country of a postcode or phone number is a country itself, and no field."""
    return len(name) == 2 and name.isascii() and name.isupper()


FieldType = Literal["text", "integer", "decimal", "choice", "country", "currency", "datetime"]
Format = Literal["digits", "phone", "latin", "email", "url", "hex32", "base64"]
SentAs = Literal["text", "integer", "number", "boolean", "alpha2", "alpha3", "numeric", "name"]
FileKind = Literal["jpg", "png", "gif", "bmp", "webp", "tif", "pdf"]


class FileCell(Block):
    """A cell may hold a picture or name a file; what is sent is the content in Base64."""

    types: Annotated[tuple[FileKind, ...], Field(min_length=1)]
    """What the provider takes; the content's first bytes tell, not the name."""
    max_bytes: Annotated[int, Field(ge=1, le=50_000_000)] = 5_000_000
    """The largest file that is taken."""
    extension: str | None = None
    """A field of the same list that gets `.jpg` and the like where its cell is blank."""
    name: str | None = None
    """A field of the same list that gets the file's name where its cell is blank."""

    @property
    def fills(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.extension, self.name)))


SOURCES = ("value", "formula", "text", "join")
"""Keys that give a field its value: no column does."""


class FieldSpec(Block):
    """One named value: what people call it, what is checked, where it goes."""

    path: Text
    """Where it goes in the payload; `[]` marks a list, as in `items[].sku`."""
    title: Title
    """What people call it: the two titles of its column. A field with `value`, `formula` or `text`
    has no column and needs none; one that `is` something has the vocabulary's."""
    is_: str | None = Field(default=None, alias="is")
    """What it is, whatever the provider calls it: a name of the vocabulary, such as
    `receiver.name`. Titles, type and checks come from there; the field's own keys win."""
    value: Json = None
    """Always this: text, a number, true, null, {} or any other JSON, or a `$setting`."""
    formula: str | None = None
    """Always the result of this expression, such as `sum(items.qty * items.price)`."""
    text: str | None = None
    """Always this text, with expressions in braces: `{order.no}-{line:03}`."""
    when: str | None = None
    """Sent only where this condition holds, such as `country != GB`; else there is no key."""
    aliases: tuple[Text, ...] = ()
    """Other column titles. One that two fields share is taken only where no doubt is left."""
    stand_ins: tuple[Text, ...] = ()
    """Titles of a column that is this field only where no other column is."""
    type: FieldType = "text"
    """How a cell is read and checked."""
    send: SentAs | None = Field(default=None, alias="as")
    """What JSON type is sent; by default text, or a number for `integer` and `decimal`. A country
    goes as `alpha2` (by default), `alpha3`, `numeric` (three digits) or its English `name`."""
    required: bool = False
    """Every order, or every entry of the field's list, has a value."""
    max: Annotated[int, Field(ge=1)] | None = None
    """Longest text, in characters. Nothing is ever cut."""
    above: Decimal | None = None
    """The number is greater than this."""
    at_least: Decimal | None = None
    """The number is this or greater."""
    at_most: Decimal | None = None
    """The number is this or less."""
    format: Format | None = None
    """What the text must look like."""
    warn_format: Format | None = None
    """Like `format`, but only a warning."""
    postcode_of: str | None = None
    """The country of this postcode, a field or two letters such as CN: one that is not in the form
    of that country is pointed out."""
    state_as: Literal["code", "name"] | None = None
    """How states of the US, Canada and Australia are sent: as a code, such as NJ, or by name."""
    phone_of: str | None = None
    """The country of this phone number, a field or two letters such as CN: one that is too short or
    too long for that country is pointed out. National and international numbers are both fine."""
    file: FileCell | None = None
    """With `format: base64`: the cell may also hold a picture or the name of a file."""
    choices: dict[str, Words] = {}
    """What is sent, and the words people write for it. The sent value itself may be written too."""
    not_sent: tuple[Text, ...] = ()
    """Words that mean: leave this field out."""
    default: str | None = None
    """Used where the cell is blank, as if it had been typed."""
    fallback: Join | None = None
    """Used where the cell is blank: made of other fields."""
    join: Join | None = None
    """No column of its own: the value is made of other fields."""
    copies: str | None = None
    """Another field: where this one has no column, it takes that field's cell of the same row."""
    default_if_single: str | None = None
    """Used where the cell is blank and the field's list has just one entry in this order."""
    only_of: str | None = None
    """Another list's field: a blank cell takes its value if that list has just one entry."""
    spill: str | None = None
    """Another field: text beyond `max` goes on there, cut at a word, if that one is blank."""
    given_name: Words = ()
    """Titles of a column with the given name alone: beside one of `family_name`, the two columns
    together are this field."""
    family_name: Words = ()
    """Titles of a column with the family name alone; see `given_name`."""
    appended: Words = ()
    """Titles of columns whose text is put behind this field's, such as a house number."""
    currency: str | None = None
    """For an amount: the field with its currency, or the one currency it may be in. A currency in
    the amount's title, as in 单价(元), counts where that field is blank, and must agree with it."""
    blank: Literal["absent", "empty", "null"] = "absent"
    """What is sent for a blank cell: no key at all, "" (for an array []) or null."""
    sent: bool = True
    """False for a column that only steers the work, such as the supplier of a line."""
    zone: str | None = None
    """For `datetime`: the zone of times in the sheet, such as Asia/Shanghai, or a `$setting`."""
    output_zone: str | None = None
    """For `datetime`: the zone to send in, or a `$setting`; without it, times are sent as they were
    typed."""
    form: str | None = None
    """What is sent of the value, an expression in which the value is called `it`: `fixed(it, 2)`,
    `minor(it, currency)`, `upper(it)`. Other fields and checks see the value itself."""
    pattern: str | None = None
    """For `datetime`: what is sent, in strftime's letters; %f is three digits, %:z is +01:00, %s
    are the seconds since 1970 and `%s%f` the milliseconds."""
    reads: Words = ()
    """For `datetime`: other forms that people type, such as `%d.%m.%Y` or `%m/%d/%Y %H:%M`."""
    split: str | None = None
    """For a path that ends in `[]`: what stands between the plain values in one cell, each of the
    field's type."""
    example: str | None = None
    """Written into example sheets and into the note on the column's title."""
    help: Title | None = None
    """Added to the note on the column's title."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        """A value without a column is called by its path where it has no title."""
        if (
            isinstance(given, dict)
            and isinstance(path := given.get("path"), str)
            and any(key in given for key in SOURCES)
        ):
            return {"title": {"en": path, "zh": path}, **given}
        return given

    @property
    def is_constant(self) -> bool:
        """Whether it has a `value`, be it null."""
        return "value" in self.model_fields_set

    @property
    def is_typed(self) -> bool:
        """Whether a `type` was given; what is computed without one is sent as it comes out."""
        return "type" in self.model_fields_set

    @property
    def is_computed(self) -> bool:
        """Whether its value is no cell's, but that of an expression or a constant."""
        return self.is_constant or self.formula is not None or self.text is not None

    @property
    def has_column(self) -> bool:
        """Whether people may fill it in."""
        return not self.is_computed and self.join is None


TermText = Annotated[str, BeforeValidator(str, json_schema_input_type=str | int | float)]
"""A term of a rule: in YAML a number may stand there without quotes."""


class Rule(Block):
    """A rule across fields. One of the checks, with an optional `when` and `warn`."""

    when: str | None = None
    """The rule holds only where this condition does: `path`, `path = word`, `path in [a, b]`, or
    any expression."""
    require: tuple[str, ...] = ()
    """These fields are filled in."""
    any_of: tuple[str, ...] = ()
    """At least one of these fields is filled in."""
    not_both: tuple[str, ...] = ()
    """At most one of these fields is filled in."""
    equal: tuple[TermText, TermText] | None = None
    """The two terms are equal. A term is an expression: a path, a number, `sum(list.field)`,
    `count(list)`, `sum(list.field * list.other) + (freight or 0)`."""
    at_least: tuple[TermText, TermText] | None = None
    """The first term is not less than the second."""
    at_most: tuple[TermText, TermText] | None = None
    """The first term is not more than the second."""
    near: tuple[TermText, TermText] | None = None
    """The two terms are close to each other; `within` says how close."""
    within: Decimal | None = None
    """For `near`: how far apart the two may be, in percent of the larger."""
    in_: tuple[str, str] | None = Field(default=None, alias="in")
    """Every value of the first field stands among the values that the second has in that order."""
    warn: bool = False
    """What breaks the rule is pointed out, and the order is sent all the same."""
    because: Title | None = None
    """Added to the message: where the rule comes from, or what to do."""


class CutCell(Block):
    """Columns whose cells hold several values, as `50*40*30` or `A*2;B*1`."""

    titles: Words
    """Titles of such columns."""
    at: Words
    """What stands between the values; any of these."""
    fields: tuple[Text, ...]
    """The fields of the values, in their order; all of one list."""
    each: Words = ()
    """What stands between entries where a cell may hold several: each is an entry of the list."""


class ProviderMapping(Block):
    """One provider: what people type, what is checked, where it goes, what the answer means."""

    provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    """The name that `-p` takes."""
    title: Title
    """The provider's name for people."""
    source: Text
    """Which document of the provider this was written from."""
    settings: dict[str, Setting]
    """What the installation gives, by name; `base_url` has to be there."""
    request: Request
    """How orders become an HTTP request."""
    order: OrderShape
    """How rows become orders."""
    fields: Annotated[tuple[FieldSpec, ...], Field(min_length=1)]
    """What a sheet may hold, and where it goes."""
    ask: dict[str, Words] = {}
    """Column titles with several meanings: never guessed, the fields they may mean are named."""
    ignored: tuple[Text, ...] = ()
    """Column titles that are known and deliberately not used."""
    cut_cells: tuple[CutCell, ...] = ()
    """Columns whose cells hold several values."""
    rules: tuple[Rule, ...] = ()
    """Checks across fields."""
    response: Response
    """What an answer means."""
    duplicates: Duplicates = Duplicates()
    """What the provider does with a reference it has already."""
    then: Then | None = None
    """Calls after the one that creates orders: an asynchronous job, late tracking numbers."""
    query: Query | None = None
    """How to ask what became of orders in doubt."""
    calls: Calls = Calls()
    """Calls about orders that were accepted, such as the one for late numbers."""
    samples: Samples | None = None
    """Answers as the provider gives them: with these the sandbox plays it."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The settings that hold the address of a call, beside `base_url`."""
        hosts = (call.host for call in _calls(self) if call.host)
        return tuple(host[1:] for host in hosts if host.startswith("$"))

    def field(self, path: str) -> FieldSpec:
        """The field of a path, with or without its list marks. Raises KeyError."""
        for spec in self.fields:
            if spec.path == path or ("[]" in spec.path and spec.path.replace("[]", "") == path):
                return spec
        raise KeyError(path)

    def field_of_list(self, path: str) -> FieldSpec:
        """The field by whose title people know a list: they never see its path."""
        own = [spec for spec in self.fields if spec.path.rpartition("[].")[0] == path]
        return next((spec for spec in own if spec.required), own[0])


def _calls(value: Any) -> Iterator[Call]:
    """Every call in a block."""
    if isinstance(value, Call):
        yield value
    if isinstance(value, Block):
        for name in value.model_fields_set:
            yield from _calls(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _calls(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _calls(inner)
