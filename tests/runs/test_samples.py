"""The sandbox plays any mapping with its samples, which `response` has to read as what they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from converter import sandbox
from converter.mapping.load import parse_mapping
from converter.runs.samples import sample_faults, script_of
from converter.sandbox.played import Played

Run = Callable[..., Result]

ACME = """\
provider: acme
title: {en: Acme, zh: 顶点}
source: made up for a test
settings:
  base_url: {env: ACME_URL, required: true}
  account: {env: ACME_ACCOUNT, required: true, account: true}
  token: {env: ACME_TOKEN, required: true, secret: true}
request:
  path: /v1/{account}/orders
  headers: {X-Token: $token}
  body: {batch: {orders: $orders}}
  orders_per_request: 5
order:
  reference: head.number
  lists: {items: {required: true}}
fields:
  - {path: head.number, title: {en: Reference, zh: 客户单号}, required: true}
  - {path: "items[].sku", title: {en: SKU, zh: 货号}, required: true}
response:
  call_ok: code == `0`
  call_refused: code == `9`
  results: data
  match: {reference: no}
  accepted: state == 'ok'
  duplicate: state == 'exists'
  rejected: state == 'bad'
  message: text
  call_message: text
  outputs: {provider_order_no: id}
duplicates: {class: A, evidence: a test}
samples:
  answer: {code: 0, data: $entries}
  accepted: {entry: {no: $reference, state: ok, id: $number}}
  refused: {entry: {no: $reference, state: bad, text: "SKU unknown in {reference}"}}
  duplicate: {entry: {no: $reference, state: exists, text: it exists}}
  call_refused: {body: {code: 9, text: no such warehouse}}
  unclear: {body: {code: 5, text: hm}}
"""


def faults(text: str) -> list[str]:
    mapping = parse_mapping(text, "acme.yaml")
    return [f"{'.'.join(map(str, loc))}: {problem}" for loc, problem in sample_faults(mapping)]


def test_samples_that_are_read_as_they_are_meant_have_no_faults() -> None:
    assert faults(ACME) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "accepted: {entry: {no: $reference, state: ok,",
            "accepted: {entry: {no: $reference, state: done,",
            "samples.accepted: 'response' reads this sample as unknown: The provider's answer "
            "about this order is neither a clear yes nor a clear no.",
            id="yes that is none",
        ),
        pytest.param(
            "id: $number",
            "nr: $number",
            "samples.accepted: 'outputs.provider_order_no' finds no number in this sample",
            id="no number",
        ),
        pytest.param(
            "unclear: {body: {code: 5",
            "unclear: {body: {code: 9",
            "samples.unclear: 'response' reads this sample as rejected: hm",
            id="a no that should be unclear",
        ),
        pytest.param(
            "accepted: {entry: {no: $reference,",
            "accepted: {entry: {",
            "samples.accepted: 'response' reads this sample as unknown: The provider's answer "
            "leaves this order out.",
            id="no reference",
        ),
    ],
)
def test_a_sample_that_is_read_as_something_else_is_a_fault(
    old: str, new: str, expected: str
) -> None:
    assert expected in faults(ACME.replace(old, new))


def sheet(folder: Path, *references: str) -> Path:
    path = folder / "orders.csv"
    rows = [f"{reference},S-1" for reference in references]
    path.write_text("\n".join(["Reference,SKU", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_whole_run_is_tried_with_trouble(run: Run, home: Path) -> None:
    (home / "acme.yaml").write_text(ACME, encoding="utf-8")
    references = ("A1", "A2-REJECT", "A3-DUPLICATE", "A4-UNCLEAR", "A5-CALLREFUSED", "A6-OMIT")
    path = sheet(home, *references)
    words = ("submit", str(path), "-p", "acme.yaml", "--sandbox", "--json")

    done = run(*words, "--orders-per-request", "1")

    document = json.loads(done.stdout)
    assert {order["reference"]: order["status"] for order in document["orders"]} == {
        "A1": "accepted",
        "A2-REJECT": "rejected",
        "A3-DUPLICATE": "duplicate",
        "A4-UNCLEAR": "unknown",
        "A5-CALLREFUSED": "rejected",
        "A6-OMIT": "unknown",
    }
    assert document["orders"][0]["provider_order_no"] == "SBX-00000001"
    assert document["orders"][1]["message"].startswith("SKU unknown in A2-REJECT\n")


def test_a_mapping_without_samples_is_not_played(run: Run, home: Path) -> None:
    (home / "acme.yaml").write_text(ACME.partition("samples:")[0], encoding="utf-8")

    done = run("submit", str(sheet(home, "A1")), "-p", "acme.yaml", "--sandbox")

    assert done.exit_code == 2
    assert (
        "The sandbox does not play this provider: its mapping has no `samples` of answers."
    ) in done.stderr


def test_the_sandbox_gives_tokens_too(run: Run, home: Path) -> None:
    token = """  tokens:
    access:
      host: https://auth.acme.example
      path: /oauth/token
      encoding: form
      body: {grant_type: client_credentials}
      value: data.access_token
      expires_in: data.expires
"""
    text = ACME.replace("  token: {env: ACME_TOKEN, required: true, secret: true}\n", "")
    text = text.replace("X-Token: $token}\n", "X-Token: 'Bearer {token.access}'}\n" + token)
    (home / "acme.yaml").write_text(text, encoding="utf-8")

    done = run("submit", str(sheet(home, "A1")), "-p", "acme.yaml", "--sandbox")

    assert done.exit_code == 0, done.output


JOBS = (
    ACME.partition("response:")[0]
    + """\
response: {call_ok: batch, match: {single: true}}
then:
  job:
    number: batch
    method: GET
    path: "/v1/batches/{job}"
    until: status == 'DONE'
    every: 0.2
    give_up: 1
    response:
      call_ok: items
      results: items
      match: {reference: no}
      accepted: state == 'ok'
      rejected: state == 'bad'
      message: text
      outputs: {provider_order_no: id}
  details:
    path: /v1/track
    body: {ids: [$number]}
    until: tracks
    every: 0.2
    give_up: 1
    outputs: {tracking_no: tracks.no}
query:
  method: GET
  path: /v1/orders
  query: {no: $reference}
  references_per_request: 1
  call_ok: found
  results: found
  reference: no
  found: id
  left_out: absent
  outputs: {provider_order_no: id}
  evidence: page 2
duplicates: {class: C, evidence: page 2}
samples:
  answer: {status: DONE, items: $entries}
  accepted: {entry: {no: $reference, state: ok, id: $number}}
  refused: {entry: {no: $reference, state: bad, text: no such SKU}}
  taken: {http: 202, body: {batch: $job}}
  running: {body: {status: RUNNING}}
  query: {answer: {found: $entries}, found: {entry: {no: $reference, id: $number}}}
  details: {body: {tracks: {no: $tracking}}}
"""
)


def test_the_sandbox_gives_tokens_and_messages_as_the_mapping_reads_them() -> None:
    for call, answer, headers in (
        ("value: '@'", "sandbox-token", {}),
        ("value: a.t, call_ok: 'code == `0`'", {"code": 0, "a": {"t": "sandbox-token"}}, {}),
        ("value_header: X-T, call_ok: ok", {"ok": True}, {"X-T": "sandbox-token"}),
    ):
        given = ACME.replace("  token: {env: ACME_TOKEN, required: true, secret: true}\n", "")
        tokens = f"  tokens: {{own: {{path: /in, {call}}}}}\n"
        text = given.replace("  body: {batch", f"{tokens}  body: {{batch")
        script = script_of(
            parse_mapping(text.replace('"SKU unknown in {reference}"', "$message"), "a")
        )
        assert script is not None
        assert script.fixed == {("POST", "/in"): answer}
        assert dict(script.fixed_headers.get(("POST", "/in"), {})) == headers
        said = Played(script).answer(["A"], ["refused"], [""]).body["data"][0]
        assert said["text"] == "the sandbox refuses this reference"


def test_samples_of_second_calls_that_are_read_as_they_are_meant_have_no_faults() -> None:
    assert faults(JOBS) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("taken: {http: 202, body: {batch: $job}}", "unclear: {body: {}}",
         "samples: 'taken' is missing: the answer that says into which job orders went"),
        ("{batch: $job}", "{batch: B1}",
         "samples.taken: 'then.job.number' does not find $job in this sample"),
        ("{status: RUNNING}", "{status: DONE}",
         "samples.running: 'until' takes this sample for the answer of an ended job"),
        ("answer: {status: DONE,", "answer: {status: ENDED,",
         "samples.accepted: 'until' does not take this answer for that of an ended job"),
        ("entry: {no: $reference, state: ok,", "entry: {no: $reference, state: fine,",
         "samples.accepted: 'response' reads this sample as unknown"),
        ("found: {entry: {no: $reference, id", "found: {entry: {no: $reference, nr",
         "samples.query.found: 'query' does not read this sample as an order that is there"),
        ("{tracks: {no: $tracking}}", "{tracks: {nr: $tracking}}",
         "samples.details: 'outputs.tracking_no' finds nothing in this sample"),
        ("{tracks: {no: $tracking}}", "{}",
         "samples.details: 'until' does not take this sample for complete"),
        ("details: {body:", "details: {entry:",
         "samples.details: it is a whole answer: write 'body'"),
    ],
)  # fmt: skip
def test_a_sample_of_a_second_call_that_is_read_otherwise_is_a_fault(
    old: str, new: str, expected: str
) -> None:
    assert old in JOBS
    assert expected in "\n".join(faults(JOBS.replace(old, new)))


def test_reconcile_asks_a_job_that_was_open_when_the_run_gave_up(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = home / "acme.yaml"
    waits = "    every: 0.2\n    give_up: 1\n    response:"
    assert waits in JOBS
    script = script_of(parse_mapping(JOBS, "acme.yaml"))
    assert script is not None
    with sandbox.serve(scripts=[script]) as running:
        for setting, value in running.environment.items():
            monkeypatch.setenv(setting, value)
        words = (str(sheet(home, "A1", "A2-REJECT")), "-p", "acme.yaml", "--json", "--yes")
        # The sandbox says RUNNING once, and this run does not ask again.
        name.write_text(JOBS.replace(waits, "    give_up: 0\n    response:"), encoding="utf-8")
        sent = json.loads(run("submit", *words).stdout)["orders"]
        asked = json.loads(run("reconcile", *words[:-1]).stdout)["orders"]

    assert [one["status"] for one in sent] == ["unknown", "unknown"]
    assert [one["status"] for one in asked] == ["accepted", "rejected"]


def test_samples_of_calls_that_are_not_made_are_faults() -> None:
    more = "  taken: {body: {}}\n  query: {found: {entry: {}}}\n  details: {body: {}}\n"

    assert faults(ACME + more) == [
        "samples.taken: there is no 'then.job' that this could answer",
        "samples.details: there is no 'then.details' that this could answer",
        "samples.query: there is no 'query' that this could answer",
    ]


def test_jobs_details_and_queries_are_tried_in_the_sandbox(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    (home / "acme.yaml").write_text(JOBS, encoding="utf-8")
    path = sheet(home, "A1", "A2-REJECT", "A3-OMIT", "A4-DROP", "A5-ERROR500")
    words = (str(path), "-p", "acme.yaml", "--sandbox", "--json")

    def told(*command: str) -> dict[str, tuple[str, str, str]]:
        orders = json.loads(run(*command).stdout)["orders"]
        names = ("status", "provider_order_no", "tracking_no")
        return {one["reference"]: tuple(one[name] for name in names) for one in orders}

    sent = told("submit", *words, "--orders-per-request", "1")
    asked = told("reconcile", *words)

    assert sent == {
        "A1": ("accepted", "SBX-00000001", "SBX-T00000001"),
        "A2-REJECT": ("rejected", "", ""),
        "A3-OMIT": ("unknown", "", ""),
        "A4-DROP": ("unknown", "", ""),
        "A5-ERROR500": ("unknown", "", ""),
    }
    assert [one[0] for one in asked.values()] == [
        "accepted", "rejected", "accepted", "accepted", "unknown",
    ]  # fmt: skip
    assert asked["A4-DROP"][1] == "SBX-00000003"
