from __future__ import annotations

from converter.model import Outcome
from tests.provider.replies import (
    APICENTER_SAMPLE,
    OMS_SAMPLE,
    PANDAPON_TWO_ORDERS,
    PLATFORM1688_SAMPLE,
    TWO_SELLERS,
    A,
    U,
    judge,
    statuses,
)

SCEXPRESS_SAMPLE = {
    "code": 0,
    "msg": "调用成功",
    "data": [
        {
            "code": 0,
            "msg": "下单成功",
            "customernumber": "T620200611-1001",
            "systemnumber": "1591857709631",
            "waybillnumber": "EV2145664012CN",
            "childs": [
                {
                    "customernumber": f"CH-85120-100{n}",
                    "systemnumber": f"1591857709631-{n}",
                    "tracknumber": f"1Z76V3R4044862136{min(n, 3)}",
                }
                for n in (1, 2, 3, 4, 5)
            ],
        }
    ],
}


def test_the_scexpress_sample() -> None:
    found = judge("scexpress", SCEXPRESS_SAMPLE, ["T620200611-1001"])

    assert found.outcomes == (
        Outcome(
            A,
            "下单成功",
            "1591857709631",
            "EV2145664012CN",
            {"children": "1Z76V3R40448621361; 1Z76V3R40448621362; 1Z76V3R40448621363"},
        ),
    )
    assert (found.stop, found.notes, found.not_processed) == ("", (), False)


def test_the_oms_sample() -> None:
    found = judge("oms", OMS_SAMPLE, payload={"trackingNo": "1Z999"})

    assert found.outcomes == (Outcome(A, "处理成功", "112132123", "1Z999"),)
    assert found.request_id == "f08c5a7ec57a4dda8502bc409f74e633"


def test_the_platform1688_sample() -> None:
    """One number above the list and one in it; a failed offer that is not a failure."""
    found = judge("platform1688", PLATFORM1688_SAMPLE)

    assert found.outcomes == (
        Outcome(
            A,
            "success",
            "111111111; 123124124",
            "",
            {
                "amount": "1.00",
                "postage": "0.10",
                "order_amounts": "1.00",
                "pay_channels": "shegou",
            },
        ),
    )


def test_the_apicenter_sample() -> None:
    found = judge("apicenter", APICENTER_SAMPLE)

    names = ["order_status", "status_message", "short_of_stock", "total_weight", "carrier"]
    names += ["carrier_message", "sorting_code", "sorting_no"]
    outputs = dict.fromkeys(names, "string") | {"packages": "0"}
    assert found.outcomes == (Outcome(A, "string", "string", "string", outputs),)


def test_the_apicenter_answer_of_a_new_order() -> None:
    empty = dict.fromkeys(APICENTER_SAMPLE["data"], "")  # type: ignore[call-overload]
    data = empty | {"order_number": "api-0315-3", "status": "created", "shortage_at": None}
    found = judge("apicenter", {"code": 0, "data": data, "message": "success"})

    assert found.outcomes == (Outcome(A, "success", "api-0315-3", "", {"order_status": "created"}),)


def test_the_pandapon_answer_with_two_orders() -> None:
    found = judge("pandapon", PANDAPON_TWO_ORDERS, payload=TWO_SELLERS)

    assert found.outcomes == (
        Outcome(
            A,
            "成功",
            "2019601741959504495; 2019601741959504496",
            "",
            {"develop_id": "1110890638347337996"},
        ),
    )
    assert found.request_id == "00000000000000000000000000000002"


def test_the_pandapon_page_shows_an_empty_form_that_says_nothing() -> None:
    empty = {"requestId": "", "code": 0, "developId": 0, "msg": "", "data": {}}

    assert statuses(judge("pandapon", empty)) == [U]
