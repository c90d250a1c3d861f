"""Shipped mappings: they say all that their documents say.

The published schema is remade with
`python -m converter.mapping.schema > mappings/mapping.schema.json`.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from converter.mapping import schema
from converter.mapping.load import available_mappings, load_mapping
from converter.mapping.shipped import shipped_folder

MAPPINGS = shipped_folder("mappings")
SCHEMA = MAPPINGS / "mapping.schema.json"
FILES = [pytest.param(path, id=path.stem) for path in sorted(MAPPINGS.glob("*.yaml"))]


def under(prefix: str, names: str) -> set[str]:
    return {prefix + name for name in names.split()}


PERSON = "name address city province district country_code post_code phone email"
PLACE = "provinceText cityText areaText townText postCode address fullName phone mobile"

# Every request field that a provider's document names, written down from the document.
NAMED = {
    "oms": under(
        "",
        """platformOrderNo platformWarehouseCode shippingMethodCode trackingNo buyerName buyerEmail
        buyerPostcode buyerCountryCode buyerMobile buyerProvince buyerCity buyerAddress isInsure
        insurePrice orderTime paymentTime buyerAddress2 buyerAddress3 platformStoreCode""",
    )
    | under("itemDTOs[].", "sku quantity saleQuantity")
    | under("attachmentMiddleDTOs[].", "attachmentType base64 fileName"),
    "platform1688": under("", "outOrderId message flow")
    | under("addressParam.", f"{PLACE} countryText")
    | under("cargoParamList[].", "offerId specId quantity openOfferId outMemberId")
    # The document's sample of the invoice leaves the town out; the call it mirrors has it.
    | under("invoiceParam.", f"{PLACE} invoiceType companyName taxpayerIdentifier"),
    "apicenter": under("", "centre_code client_code real_time_response process_type")
    | under("logistics_provider.", "code tracking_number label_url label_base64")
    | under("package.", "order_number")
    | under("receiver.", PERSON)
    | under("sender.", PERSON)
    | under("items[].", "sku currency unit_price qty"),
    "pandapon": under("", "flow message shopPromotionId tradeType")
    | under("addressParam.", PLACE)
    | under("cargoParamList[].", "offerId specId quantity sellerOpenId"),
    "scexpress": under(
        "order.",
        """channelid customernumber1 customernumber2 fbanumber number isbattery isinsurance
        insurancevalue insurancetypepkid insurancecurrency forecastweight packagetypecode
        goodstypecode declaretypepkid termsofsalecode exportreasoncode producttypepkid feepaytype
        feepayname feepayaccountnumber feepaycountrycode feepaypostcode taxpaytype taxpayname
        taxpayaccountnumber taxpaycountrycode taxpayzipcode note countrycode fbawarehousecode
        consigneeaddresstype consigneename consigneecorpname consigneeaddress1 consigneeaddress2
        consigneecity consigneezipcode consigneeprovince consigneearea consigneetel
        consigneemobile consigneetaxnumber consigneeemail senderaddresstype sendercountrycode
        sendername sendercorpname senderaddress1 senderaddress2 senderaddress3 sendercity
        senderzipcode senderprovince senderarea sendertel sendermobile vatnumber eorinumber
        vatcorpname vataddress freight extrafees currencycode residential tntoptions tntsenddate
        interfacefieldvalue""",
    )
    | under(
        "volumes[].",
        "customerchildnumber prenum prelength prewidth preheight prerweight number",
    )
    | under(
        "items[].",
        """skucode cnname enname weight mweight quantity quantityunit price declarecurrency hscode
        norms note usage material salesllink origin brand model image imgext number""",
    ),
}


def test_every_provider_of_a_document_has_a_mapping() -> None:
    assert set(available_mappings()) == set(NAMED)


@pytest.mark.parametrize("path", FILES)
def test_shipped_mappings_name_their_schema_to_editors(path: Path) -> None:
    first, *_ = path.read_text(encoding="utf-8").splitlines()

    assert first == "# yaml-language-server: $schema=mapping.schema.json"


@pytest.mark.parametrize("path", FILES)
def test_shipped_mappings_load(path: Path) -> None:
    assert load_mapping(path).provider == path.stem


@pytest.mark.parametrize("path", FILES)
def test_shipped_mappings_send_the_fields_of_their_document(path: Path) -> None:
    """All of them, and none that the document does not have."""
    sent = {spec.path for spec in load_mapping(path).fields if spec.sent}

    assert sorted(sent) == sorted(NAMED[path.stem])


def test_published_schema_is_that_of_the_program() -> None:
    made = json.dumps(schema.published(), indent=2, ensure_ascii=False) + "\n"

    assert SCHEMA.read_text(encoding="utf-8") == made


@pytest.mark.parametrize("path", FILES)
def test_an_editor_finds_no_fault_in_shipped_mappings(path: Path) -> None:
    """Editors read YAML by its own types, and hold it against the published schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    content = yaml.safe_load(path.read_text(encoding="utf-8"))

    jsonschema.validate(content, schema)
