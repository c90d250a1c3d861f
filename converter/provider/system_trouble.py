"""Signs in a reply that the provider's own system is in trouble, which refuses nothing.

A provider that created the orders and then answers "system error, try again later" was seen to get
them a second time from whoever took that for a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from converter.message import N_, t
from converter.model import Outcome, Status

SYSTEM_TROUBLE = N_(
    "The provider speaks of trouble in its system ({sign}) and not of these orders. {message}"
)
_MAX_SIGN_LENGTH = 60

CONTRADICTS_ITSELF = N_("The provider's answer has a code for no and words for yes. {message}")
_SYSTEM = (
    "系统|系統|服务器|服務器|伺服器|服务|服務|网络|網絡|網路|网关|接口|数据库|資料庫|后台|后端|机房"
)
_BETWEEN = (
    "内部|內部|暂时|暫時|暂|正在|正|出现了?|发生了?|连接池?|请求|调用|响应|访问|处理|通信|通讯|传输|未知"
    "|太|较|端|存在|目前|现在|当前|已|运行"
)
_TROUBLE = (
    "异常|異常|错误|錯誤|繁忙|忙|故障|维护|維護|升级|超时|逾時|出错|出錯|失败|失敗|不可用|未响应|无响应"
    "|中断|开小差"
)
_WORDS = re.compile(
    "|".join(
        (
            f"(?:{_SYSTEM})(?:{_BETWEEN}){{0,2}}(?:{_TROUBLE})",
            "(?:内部|內部|未知|未预期|运行时)的?(?:错误|錯誤|异常|異常|故障)",
            "超时|逾時|超時|繁忙|请求过于频繁|请求太频繁|操作(?:过于|太)?频繁|限流|熔断|死锁|空指针",
            "稍[后後候](?:.{0,4}(?:试|試|查|操作|提交|处理|下单))?|请稍等|正在处理|处理中|排队中",
            r"\btimed?[\s_-]*out\b|\bdeadline exceeded\b|\bbad gateway\b|\bgateway\b.{0,12}\berror",
            r"\binternal\b.{0,12}\b(?:error|exception|failure)|\bserver fault",
            r"\b(?:system|service|server|network|database|db|backend|upstream|gateway|api|remote)"
            r"(?:\s+(?:is|was|are|has|currently|temporarily|internal|connection|call|request"
            r"|processing|response|too|very|an?|under|not))*\s+"
            r"(?:busy|unavailable|error|exception|failed|fails|failure|overloaded|down|maintenance"
            r"|respond\w*)\b(?! (?:for|in|to|code|type)\b)",
            r"\b(?:is|are|too|currently) busy\b|^\W*busy\b|\boverload(?:ed)?\b",
            r"\btemporar(?:il)?y\b.{0,16}\b(?:unavailable|error|failure|down)",
            r"\b(?:try|retry|again|come back|resubmit)\b.{0,24}"
            r"\b(?:later|in a (?:few|moment|while|minute)|shortly)",
            r"\b(?:please|pls)\s+(?:wait|retry)\b|\bmaintenance\b",
            r"\b(?:unknown|unexpected|unhandled|unspecified|fatal|runtime)\s+(?:error|exception)",
            r"\btoo many requests\b|\brate[\s_-]*limit|\bthrottl\w+|\bcircuit\b.{0,8}\bopen",
            r"\w+Exception\b|\bdeadlock|\bstack ?trace|\bSQLSTATE|\bout of memory\b",
            r"\bconnection\b.{0,20}\b(?:reset|refused|lost|closed|failed|error|aborted)",
            r"\b(?:in progress|still processing|being processed)\b",
        )
    ),
    re.IGNORECASE,
)
"""Words for trouble of a system, in any text that a provider says about a refusal."""

_SUCCESS = re.compile(
    r"[\W\d]*(?:ok|success|successful(?:ly)?|succeeded|done|(?:操作|请求|处理|提交|下单|创建|新增|保存|执行|调用)*成功)"
    r"\W*",
    re.IGNORECASE,
)
"""A text that says no more than that all went well."""

_SESSION = re.compile(
    r"(?:登录|登陆|登入|会话|令牌|凭证|认证|授权|鉴权|签名|时间戳"
    r"|\b(?:session|token|login|log-in|credentials?|signature|timestamp)\b)"
    r"(?:(?!服务|系统|接口|serv|system)[^,，.。;；]){0,12}?"
    r"(?:超时|逾时|timed?[\s_-]*out|失败|错误|异常|failed|failure|error)",
    re.IGNORECASE,
)
"""Words for credentials that are no longer good."""

_WHAT_FAILED = (
    "操作|处理|處理|请求|請求|提交|下单|下單|创建|創建|新增|订单|訂單|运单|执行|保存|调用|接口|业务"
    "|批量|预报"
)
_BARE = re.compile(
    rf"(?:抱歉|很抱歉|对不起)?[,，]?(?:{_WHAT_FAILED})*(?:已|时)?"
    "(?:失败|失敗|异常|異常|出错|出錯|错误|錯誤)了?"
    "|(?:(?:the|your|operation|request|order|orders|create|creation|creating|created|submit|process"
    r"|processing|api|call|has|have|to|an?)\s+)*"
    r"(?:fail|failed|failure|fails|error|exception|unsuccessful)(?:\s+occurred)?",
    re.IGNORECASE,
)
"""A text that says no more than that something failed."""

_CODE_NAME = re.compile(
    r"(?:err|error|ret|return|res|resp|response|result|sub|biz|business|api|sys|system|http|status)?"
    r"[_-]?(?:code|no|num|status)|errno|ret|state",
    re.IGNORECASE,
)
_TEXT_NAME = re.compile(
    r".*(?:msg|message|error|errors|err|reason|detail|details|desc|description|info|tip|tips|remark"
    r"|exception|cause)",
    re.IGNORECASE,
)
_CODE_IN_TEXT = re.compile(
    r"(?:\b(?:code|http|error|status)|错误码|錯誤碼|状态码|返回码)[\s:=#：]*(-1|5\d\d)(?![\w.])",
    re.IGNORECASE,
)
_DEPTH = 6
_LONGEST = 1000
"""Characters of a text that are looked at."""


def in_trouble(sign: str, message: str) -> Outcome:
    """What is known of an order whose refusal speaks of the provider's system."""
    reason = t(SYSTEM_TROUBLE, sign=sign[:_MAX_SIGN_LENGTH], message=message)
    return Outcome(Status.UNKNOWN, reason)


def sign_of_trouble(
    texts: Iterable[str],
    parts: Iterable[Any],
    *,
    words: Iterable[str] = (),
    codes: bool = True,
    names_fields: bool = False,
) -> str:
    """What speaks of the provider's system, as it is said; empty where nothing does.

    `texts` is what the provider says, `parts` are pieces of the answer whose codes and messages
    count too. `words` are those of the mapping. Without `codes` only words count. A refusal that
    `names_fields` of the order may say besides that it failed, and no more.
    """
    said, numbers = [text[:_LONGEST] for text in texts], []
    for part in parts:
        for name, value in _members(part, _DEPTH):
            if _is_system_code(value) and _CODE_NAME.fullmatch(name):
                numbers.append(f"{name} {value}")
            if isinstance(value, str) and _TEXT_NAME.fullmatch(name):
                said.append(value[:_LONGEST])
    if codes:
        numbers += [text.strip() for text in said if _is_system_code(text)]
        numbers += [found[0] for text in said if (found := _CODE_IN_TEXT.search(text))]
        if numbers:
            return numbers[0]
    own = [word.casefold() for word in words]
    for text in said:
        if found := _WORDS.search(text):
            return found[0].strip()
        if not names_fields and _BARE.fullmatch(text.strip().rstrip(".。!！~…").rstrip()):
            return text.strip()
        if word := next((word for word in own if word in text.casefold()), ""):
            return word
    return ""


def says_success(text: str, answer: Any = None) -> bool:
    """Whether what is taken for a refusal says that all went well, and so refuses nothing."""
    marks = [answer.get(name) for name in ("success", "result")] if isinstance(answer, dict) else []
    if any(isinstance(mark, bool) for mark in marks):
        return True in marks
    return _SUCCESS.fullmatch(text[:_LONGEST]) is not None


def refusal_in_trouble(message: str, words: Iterable[str] = ()) -> str:
    """What in a refusal of credentials speaks of the provider's system; empty where nothing does.

    A session that timed out is about credentials; a system that timed out is not.
    """
    return sign_of_trouble([_SESSION.sub("", message)], [], words=words, codes=False)


def _members(value: Any, depth: int, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value in a piece of JSON with the name that it has there."""
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from _members(inner, depth - 1, str(key))
    elif isinstance(value, list) and depth:
        for inner in value:
            yield from _members(inner, depth - 1, name)
    elif value is not None:
        yield name, value


def _is_system_code(value: Any) -> bool:
    """Whether it is -1 or 500 to 599, as a number or as text."""
    if isinstance(value, bool):
        return False
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return False
    return number == -1 or (500 <= number <= 599 and number == number.to_integral_value())
