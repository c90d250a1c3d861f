"""What sending and the provider's answers make this program say, in Chinese.

The journal keeps these sentences in English; `sentence.recognised` knows them again by what stands
here.
"""

from __future__ import annotations

SENTENCES = {
    # -- why there is no answer --------------------------------------------------------------------
    "no connection to the provider: {problem}": "连接失败：{problem}",
    "timed out": "连接超时",
    "the provider's certificate is refused: {problem}": "服务商的安全证书不被信任：{problem}",
    "it cannot be verified": "无法验证",
    "the provider's address cannot be used ({problem})": "服务商的地址无法使用（{problem}）",
    "the request cannot be put together ({problem})": "无法生成请求（{problem}）",
    "no complete answer within {seconds} seconds": "{seconds} 秒内没有收到完整的答复",
    "no answer for {seconds} seconds": "等待 {seconds} 秒没有答复",
    "the answer is larger than 16 MiB": "答复超过 16 MiB",
    "the connection broke before the answer was complete ({problem})": (
        "答复尚未收完，连接就中断了（{problem}）"
    ),
    "the request did not end in time": "请求没有按时结束",
    "the request failed ({problem})": "请求失败（{problem}）",
    "No usable answer came: {reason}.": "没有收到可用的答复：{reason}。",
    "Nothing reached the provider: {reason}.": "请求没有到达服务商：{reason}。",
    # -- why the rest is not sent ------------------------------------------------------------------
    "The provider cannot be reached: {reason}. Run again later; what was not sent is sent then.": (
        "无法连接服务商：{reason}。请稍后再次运行，届时发送未发送的订单。"
    ),
    "The provider keeps answering that it is busy. Run again later; the rest is sent then.": (
        "服务商一直答复“系统繁忙”。请稍后再次运行，届时发送其余订单。"
    ),
    "Three requests in a row had no clear answer, so the rest was not sent. "
    "Find out what is wrong at the provider, then run again.": (
        "连续三个请求没有明确的答复，因此其余订单未发送。请先向服务商了解情况，再重新运行。"
    ),
    "Nothing can be sent: {reason}.": "无法发送：{reason}。",
    "The answer could not be judged because of a fault in this program ({problem}).": (
        "本程序出错，无法判断服务商的答复（{problem}）。"
    ),
    "An answer could not be judged because of a fault in this program ({problem}). The answer is "
    "in the journal. Report this before you run again.": (
        "本程序出错，无法判断服务商的答复（{problem}）。答复已保存在日志中。"
        "请先报告此问题，再重新运行。"
    ),
    "A request did not end in time, so the rest was not sent. Run again later.": (
        "有一个请求没有按时结束，因此其余订单未发送。请稍后再次运行。"
    ),
    "The provider's clock and this machine's differ by {seconds} seconds. Set this one right.": (
        "本机时钟与服务商的相差 {seconds} 秒。请校准本机时间。"
    ),
    # -- what an answer says -----------------------------------------------------------------------
    "The provider is busy and did not take the request.": "服务商系统繁忙，没有受理该请求。",
    "The provider refused the credentials (HTTP {status}). {message}": (
        "服务商拒绝了账号或密钥（HTTP {status}）。请检查设置。{message}"
    ),
    "The provider refused the credentials: {message}": (
        "服务商拒绝了账号或密钥，请检查设置：{message}"
    ),
    "The provider answered with a redirect (HTTP {status}), which is not followed.": (
        "服务商的答复要求转到另一个地址（HTTP {status}），本程序不会跟随。请检查地址设置。"
    ),
    "The provider refused the request (HTTP {status}).": "服务商拒绝了该请求（HTTP {status}）。",
    "The provider answered HTTP {status}. {message}": "服务商答复 HTTP {status}。{message}",
    "The provider answered HTTP {status}, yet its answer says that orders were created.": (
        "服务商答复 HTTP {status}，但内容却说订单已创建。"
    ),
    "The provider's answer cannot be read, so these orders may or may not exist there.": (
        "无法读取服务商的答复，因此这些订单可能已创建，也可能没有。"
    ),
    "The provider's answer is neither a clear yes nor a clear no, so these orders may or may not "
    "exist there. {message}": (
        "服务商的答复既非明确成功，也非明确失败，因此这些订单可能已创建，也可能没有。{message}"
    ),
    "The provider's answer leaves this order out.": "服务商的答复中没有提到该订单。",
    "The provider's answer speaks of this order twice and contradicts itself.": (
        "服务商的答复两次提到该订单，且前后矛盾。"
    ),
    "The provider's answer about this order is neither a clear yes nor a clear no. {message}": (
        "服务商对该订单的答复既非明确成功，也非明确失败。{message}"
    ),
    "Refused.": "被拒绝。",
    "Refused without a reason.": "被拒绝，未说明原因。",
    "{message} Not created: {names}.": "{message} 未创建：{names}。",
    "The answer gives {count} orders the same number {number}.": (
        "服务商的答复给 {count} 个订单分配了相同的单号 {number}。"
    ),
    "The answer's counts do not agree with the orders that it names.": (
        "服务商答复中的数量与其列出的订单不一致。"
    ),
    "The answer has another number of entries than the request had orders.": (
        "服务商答复的条数与请求中的订单数不一致。"
    ),
    "The answer speaks of an order that this request did not hold.": (
        "服务商的答复提到了本次请求中没有的订单。"
    ),
    # -- what the journal makes of it --------------------------------------------------------------
    "The run was cut off while this order was being sent, so the provider may or may not have "
    "it.": ("发送该订单时程序被中断，因此服务商可能已收到，也可能没有。"),
    "Being sent at this moment, or its run was cut off: then submit the sheet again to find out.": (
        "正在发送；若该次运行已被中断，请再次提交订单表以确认结果。"
    ),
    "{first} A later attempt does not settle this; its answer was: {later}": (
        "{first} 之后的一次尝试也未能确认，其答复为：{later}"
    ),
    "{first} A later attempt was refused, which does not tell what became of the first: {later} "
    "If it is refused again, look the order up at the provider and tell converter reconcile.": (
        "{first} 之后的一次尝试被拒绝，但不能说明第一次的结果：{later} "
        "若再次被拒绝，请在服务商查询该订单，并用 converter reconcile 说明结果。"
    ),
    "The provider says that it has this reference already. An earlier attempt with the same "
    "content had no clear answer, so that attempt created the order. {message}": (
        "服务商表示已有此单号。之前内容相同的一次尝试没有明确的答复，"
        "可见订单就是那次创建的。{message}"
    ),
    "The answer was read for {found} orders, but {sent} were sent, so nothing is certain.": (
        "发送了 {sent} 个订单，答复中却读出 {found} 个，因此都无法确定。"
    ),
    "Not sent: this order was already sent divided into other parts, so its lines could be sent "
    "twice. Make the order as it was, or give the new lines an order number of their own.": (
        "未发送：该订单已按另一种拆分方式发送过，再发送可能重复。"
        "请恢复原来的内容，或为新增的行另用一个订单号。"
    ),
    "Not sent: lines of this order were changed that are in a part already sent, so lines could "
    "be sent twice or not at all. Make those lines as they were, or give the new lines an order "
    "number of their own.": (
        "未发送：该订单中已发送部分的行有改动，可能造成重复或遗漏。"
        "请恢复这些行，或为新增的行另用一个订单号。"
    ),
}

SYSTEM = {
    "[Errno {number}] Connection refused": "连接被拒绝（{number}）",
    "[Errno {number}] Connection reset by peer": "连接被对方断开（{number}）",
    "[Errno {number}] Network is unreachable": "网络不通（{number}）",
    "[Errno {number}] No route to host": "无法到达该主机（{number}）",
    "[Errno {number}] Name or service not known": "找不到该网址（{number}）",
    "[Errno {number}] nodename nor servname provided, or not known": "找不到该网址（{number}）",
    "[Errno {number}] getaddrinfo failed": "找不到该网址（{number}）",
    "[Errno {number}] No address associated with hostname": "找不到该网址（{number}）",
    "[Errno {number}] Temporary failure in name resolution": "暂时无法解析网址（{number}）",
    "certificate has expired": "证书已过期",
    "certificate is not yet valid": "证书尚未生效，请检查本机时间",
    "self-signed certificate": "自签名证书",
    "self-signed certificate in certificate chain": "证书链中有自签名证书",
    "unable to get local issuer certificate": "无法验证证书颁发者",
    "Hostname mismatch, certificate is not valid for {host}.": "证书与网址 {host} 不符",
    "IP address mismatch, certificate is not valid for {host}.": "证书与地址 {host} 不符",
}
"""What the system and OpenSSL say of a connection that cannot be made."""
