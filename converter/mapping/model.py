"""The language of a mapping file: everything about one provider, as frozen values.

Each class is one block of the file; its attributes are the keys that the block may have. The
published JSON Schema is made from these classes, so their docstrings are what an editor shows.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]


class Block(BaseModel):
    """A block of the file: unknown keys are refused, values never change."""

    # A block that is part of another one is made ready with it, not for itself before.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Title(Block):
    """A name or sentence in the two languages that people read."""

    en: Text
    zh: Text

    def get(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class Setting(Block):
    """One value that the installation gives: an address, an account code, a secret."""

    env: Text
    """The environment variable that holds it."""
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


class Action(Block):
    """One of several things the provider can be asked to do with the same orders."""

    path: Text
    """Below the base URL; `{name}` is a setting, percent-encoded."""
    title: Title


class Fresh(Block):
    """A value made anew for every attempt: the time, or random characters."""

    time: str | None = None
    """`s` or `ms`: UNIX time in that unit, as text. May be a `$setting`."""
    random: Annotated[int, Field(ge=8, le=128)] | None = None
    """So many random letters and digits."""


class Recipe(Block):
    """How a signature is made: the parts joined, then hashed, then written as text."""

    join: tuple[Text, ...]
    """`$setting`, `$fresh.name`, `$path`, `$body` or literal text, in this order."""
    separator: str = ""
    """Stands between the parts."""
    hash: Literal["md5", "sha1", "sha256", "sha512"]
    """The hash function."""
    key: str | None = None
    """A `$setting`: then the hash is an HMAC with that key."""
    encode: Literal["hex", "HEX", "base64"] = "hex"
    """How the hash is written: hexadecimal in small or capital letters, or Base64."""

    def fault(self, settings: Collection[str], fresh: Collection[str]) -> str:
        """Why it cannot be followed: a `$name` that stands for nothing. Empty where it can."""
        if self.key is not None and not self.key.startswith("$"):
            return "the key is a $setting, never the secret itself"
        known = {"$path", "$body", *(f"${name}" for name in settings)}
        known |= {f"$fresh.{name}" for name in fresh}
        named = [part for part in (*self.join, self.key or "") if part.startswith("$")]
        unknown = next((part for part in named if part not in known), "")
        return f"{unknown} is no setting of this mapping" if unknown else ""


class Signature(Block):
    """The provider's signing rule, or why there is none."""

    recipe: Recipe | None = None
    """The rule as the provider publishes it."""
    unpublished: Title | None = None
    """The rule is not public: a live submit is refused, saying this, until one is configured."""
    sandbox: Recipe | None = None
    """What the sandbox checks where the real rule is unpublished; never sent elsewhere."""


class Timeouts(Block):
    """Seconds to wait; `total` ends an attempt however slowly bytes trickle."""

    connect: float = 10
    """For the connection."""
    write: float = 30
    """For each piece of the request."""
    read: float = 60
    """For each piece of the answer."""
    total: float = 120
    """For the whole attempt."""


class Request(Block):
    """How a batch of orders becomes one HTTP request.

    In `headers`, `query` and `body` a text that starts with `$` is replaced: `$name` by a
    setting, `$orders` by the list of payloads, `$order` by the only payload, `$fresh.name` by a
    fresh value, `$signature` by the signature. A body key `...` spreads an object into the body.
    """

    method: Literal["POST", "PUT"] = "POST"
    path: Text | None = None
    """Below the base URL; `{name}` is a setting, percent-encoded."""
    actions: dict[str, Action] = {}
    """Instead of `path`: the first one is used unless `--action` names another."""
    headers: dict[str, str] = {}
    """Beside `Content-Type` and `Accept`, which are JSON."""
    query: dict[str, str] = {}
    """Parameters behind the `?` of the address."""
    body: Any
    """The JSON that is sent."""
    orders_per_request: Annotated[int, Field(ge=1, le=1000)] = 1
    """The most orders in one request; `--orders-per-request` asks for fewer."""
    bytes_per_request: Annotated[int, Field(ge=1000, le=50_000_000)] = 2_000_000
    """The most bytes that the payloads of one request have together."""
    in_flight: Annotated[int, Field(ge=1, le=32)] = 1
    """How many requests may wait for their answer at once."""
    plain_http: bool = False
    """The provider offers no https: credentials travel in clear, which is said once."""
    timeout: Timeouts = Timeouts()
    """How long to wait before an attempt is given up."""
    fresh: dict[str, Fresh] = {}
    """Values made anew for every attempt, by name: `$fresh.name`."""
    signature: Signature | None = None
    """How `$signature` is made."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=tuple[str, ...] | str)
]


class OrderList(Block):
    """A repeated part of an order."""

    key: str | None = None
    """A field of the list: rows with the same value are one entry and must agree."""
    required: bool = False
    """Every order has at least one entry."""


class Split(Block):
    """The provider takes no order larger than this: larger ones go as REF-1, REF-2."""

    list: Text
    """The list whose entries are divided."""
    at_most: Annotated[int, Field(ge=1)] | None = None
    """The most entries in one part."""
    by: str | None = None
    """A field of the list that must be the same in all entries of one part."""


class OrderShape(Block):
    """Which field is the reference, and which parts of an order repeat."""

    reference: Text
    """The field that names the order; unique in an account at the provider."""
    lists: dict[str, OrderList] = {}
    """The repeated parts by their path; a list in a list is declared under the longer path."""
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


FieldType = Literal["text", "integer", "decimal", "choice", "country", "currency", "datetime"]
Format = Literal["digits", "phone", "latin", "email", "url", "hex32", "base64"]
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


class FieldSpec(Block):
    """One named value: what people call it, what is checked, where it goes."""

    path: Text
    """Where it goes in the payload; `[]` marks a list, as in `items[].sku`."""
    title: Title
    """What people call it: the two titles of its column."""
    aliases: tuple[Text, ...] = ()
    """Other column titles. One that two fields share is taken only where no doubt is left."""
    stand_ins: tuple[Text, ...] = ()
    """Titles of a column that is this field only where no other column is."""
    type: FieldType = "text"
    """How a cell is read and checked."""
    send: Literal["text", "integer", "number", "boolean"] | None = Field(default=None, alias="as")
    """What JSON type is sent; by default text, or a number for `integer` and `decimal`."""
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
    """The country of this postcode: one with too few digits for it is pointed out."""
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
    """What is sent for a blank cell: no key at all, "" or null."""
    sent: bool = True
    """False for a column that only steers the work, such as the supplier of a line."""
    zone: str | None = None
    """For `datetime`: the zone of times in the sheet, such as Asia/Shanghai, or a `$setting`."""
    output_zone: str | None = None
    """For `datetime`: the zone to send in; without it, times are sent as they were typed."""
    pattern: str | None = None
    """For `datetime`: what is sent, in strftime's letters (%f is three digits)."""
    example: str | None = None
    """Written into example sheets and into the note on the column's title."""
    help: Title | None = None
    """Added to the note on the column's title."""


TermText = Annotated[str, BeforeValidator(str, json_schema_input_type=str | int | float)]
"""A term of a rule: in YAML a number may stand there without quotes."""


class Rule(Block):
    """A rule across fields. One of the checks, with an optional `when` and `warn`."""

    when: str | None = None
    """The rule holds only where this condition does: `path`, `path = word`, `path in [a, b]`."""
    require: tuple[str, ...] = ()
    """These fields are filled in."""
    any_of: tuple[str, ...] = ()
    """At least one of these fields is filled in."""
    not_both: tuple[str, ...] = ()
    """At most one of these fields is filled in."""
    equal: tuple[TermText, TermText] | None = None
    """The two terms are equal. A term is a path, a number, `sum(list.field)`,
    `sum(list.field * list.other)` or `count(list)`."""
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


class AllOfThem(Block):
    """Counts that tell that every order of the request was accepted, though none is named."""

    total: Text
    """Expression on the answer: how many orders it speaks of."""
    accepted: Text
    """Expression on the answer: how many it accepted."""
    rejected: Text | None = None
    """Expression on the answer: how many it refused."""


class Match(Block):
    """How an entry of the answer finds its order."""

    reference: str | None = None
    """Expression on an entry: our own reference."""
    position: bool = False
    """The provider documents that answers come in the order of the request."""
    single: bool = False
    """A request of one order has one entry, and it is that order's."""
    remaining: bool = False
    """An entry without reference belongs to the only order that no other entry named; several say
    the same of as many orders where they all refuse alike."""
    all: AllOfThem | None = None
    """Where entries name no order: the counts that settle it."""


class ResultLists(Block):
    """Entries in a list of successes and a list of failures."""

    accepted: Text
    """Expression on the answer: the entries that were accepted."""
    rejected: Text
    """Expression on the answer: the entries that were refused."""


class Complete(Block):
    """What was asked for is compared with what was created: a difference is `partial`."""

    sent: Text
    """Expression on the payload."""
    found: Text
    """Expression on the entry; nothing at all found means the answer does not say."""


class Output(Block):
    """A value read out of the answer into the workbook and the JSON report."""

    from_: Text = Field(alias="from")
    """Expression on the entry."""
    title: Title | None = None
    """Of its column in the sheet Results; without it, only the JSON report has the value."""
    minor_units: Annotated[int, Field(ge=0, le=6)] = 0
    """The number is in the smallest unit: 2 shows 1250 as 12.50."""


def _as_output(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


_Output = Annotated[Output, BeforeValidator(_as_output, json_schema_input_type=Output | str)]


class Response(Block):
    """What an answer means. Expressions are JMESPath; those on an entry also see `_call`, the
    whole answer, and `_sent`, the payload."""

    call_ok: Text
    """The request as a whole was answered: entries say what became of each order."""
    call_refused: Text | None = None
    """The whole request was refused and nothing was created."""
    stop: Text | None = None
    """Credentials were refused: nothing was created, and the run stops."""
    refused_http: tuple[int, ...] = ()
    """HTTP statuses that mean the whole request was refused and nothing was created."""
    results: str = "@"
    """The list of entries, or the single one; by default the whole answer."""
    lists: ResultLists | None = None
    """Instead of `results`: successes and failures in lists of their own."""
    match: Match
    """How an entry finds its order."""
    accepted: str | None = None
    """The order was created."""
    partial: str | None = None
    """Something of the order was created, and something refused."""
    complete: Complete | None = None
    """What has to be created for an order to be more than `partial`."""
    rejected: str | None = None
    """The order was refused and nothing was created."""
    duplicate: str | None = None
    """The order was refused because the provider has its reference already."""
    message: str | None = None
    """What the provider says about the order."""
    call_message: str | None = None
    """What it says about the whole request."""
    request_id: str | None = None
    """The provider's number of the request; shown in the workbook."""
    outputs: dict[str, _Output] = {}
    """`provider_order_no` and `tracking_no` have columns of their own; others are added."""


class Duplicates(Block):
    """What the provider does with a reference it has already, and how we know."""

    class_: Literal["A", "B", "C", "D"] = Field(default="D", alias="class")
    """A refuses it, recognisably. B has an idempotency key. C can be asked. D promises nothing."""
    evidence: str | None = None
    """The document or test that says so; needed for every class but D."""
    settle_seconds: Annotated[int, Field(ge=0, le=86_400)] = 900
    """The longest time a request that we gave up on may still take effect."""


class Query(Block):
    """A second call that asks what became of orders, by our references (`$references`)."""

    path: Text
    """Below the base URL; `{name}` is a setting, percent-encoded."""
    body: Any
    """The JSON that is sent; `$references` is the list of references."""
    call_ok: Text
    """The answer can be used."""
    results: str = "@"
    """The list of entries; by default the whole answer."""
    reference: Text
    """Expression on an entry: our reference."""
    found: Text
    """The provider has the order."""
    absent: Text
    """The provider does not have the order."""
    references_per_request: Annotated[int, Field(ge=1, le=1000)] = 20
    """The most references in one request."""
    outputs: dict[str, _Output] = {}
    """As those of the response."""
    evidence: Text
    """The document or test that the call was written from."""


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
    query: Query | None = None
    """How to ask what became of orders in doubt."""

    def field(self, path: str) -> FieldSpec:
        """The field of a path, with or without its list marks. Raises KeyError."""
        for spec in self.fields:
            if path in (spec.path, spec.path.replace("[]", "")):
                return spec
        raise KeyError(path)
