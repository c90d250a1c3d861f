"""What became of orders, what to do next, and what a run says while it goes."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # -- what became of an order ---------------------------------------------------------------
    "accepted_earlier": (
        "Already accepted at {time}; not sent again.",
        "已于 {time} 接受，未重复发送。",
    ),
    "accepted_earlier_changed": (
        "Already accepted at {time}; not sent again, although the sheet now differs in: {fields}. "
        "Change it at the provider if need be.",
        "已于 {time} 接受，未重复发送；但表中以下内容已改动：{fields}。如需修改请在服务商处理。",
    ),
    "first_content": (
        "It was sent as the sheet stood at the first attempt. The sheet now differs in: {fields}. "
        "That was not sent.",
        "发送的是首次发送时的内容。表中以下内容已改动，未发送：{fields}。",
    ),
    "unknown_settles": (
        "It may or may not exist at the provider. Run again after {time}: "
        "it will be settled then. {why}",
        "该订单在服务商可能已创建也可能未创建。请在 {time} 之后再次运行，将自动确认。{why}",
    ),
    "unknown_again": (
        "It may or may not exist at the provider. Run again now: it will be settled then. {why}",
        "该订单在服务商可能已创建也可能未创建。请现在再次运行，将自动确认。{why}",
    ),
    "unknown_look_up": (
        "It may or may not exist at the provider. Look up {reference} there before doing anything "
        "else, write created or not created into the column Decision of the sheet Results, and run "
        "converter reconcile on this file. It is not sent again by itself. {why}",
        "该订单在服务商可能已创建也可能未创建。请先在服务商查询 {reference}，"
        "在 Results 表的“处理决定”列填写“已创建”或“未创建”，再对本文件运行 converter reconcile。"
        "程序不会自动重发。{why}",
    ),
    "result_elsewhere": (
        "The result could not be written to {target}. It is {result} instead.",
        "结果无法写入 {target}，已改存为 {result}。",
    ),
    "result_nowhere": (
        "The result could not be written anywhere. {why}. Every answer is kept in the journal: "
        "once there is room, submit the same sheet again to get it; nothing is sent twice.",
        "结果无法写入任何位置。{why}。所有结果均已保存在日志中：腾出空间后重新提交同一表格即可得到结果，不会重复发送。",
    ),
    # -- reconcile -----------------------------------------------------------------------------
    "not_in_doubt": (
        "{reference} is not in doubt, so the decision about it was not needed.",
        "{reference} 并无疑问，无需决定。",
    ),
    "too_early": (
        "{reference}: a request that was given up on may still arrive. Look again after {time} "
        "before you say that it was not created.",
        "{reference}：已放弃的请求仍可能到达。请在 {time} 之后再次查询，再确认未创建。",
    ),
    "decided_created": ("{who} found it at the provider.", "{who} 在服务商查到该订单。"),
    "decided_not_created": (
        "{who} found that the provider does not have it.",
        "{who} 确认服务商没有该订单。",
    ),
    "stopping": (
        "Stopping: nothing more is sent. Waiting for the answers that are on their way; "
        "press Ctrl-C again to stop waiting (those orders are then unknown).",
        "正在停止：不再发送新的请求，正在等待已发出请求的答复；"
        "再按一次 Ctrl-C 可不再等待（这些订单将显示为 unknown）。",
    ),
    "explain_cell": ("Cell", "单元格"),
    "explain_column": ("Column", "列"),
    "explain_title": ("Title of its column", "列标题"),
    "explain_text": ("What stands in it", "单元格内容"),
    "explain_blank": ("nothing", "空"),
    "explain_order": ("Order", "订单"),
    "explain_unused": (
        "This column is not used: no field has this title.",
        "该列未使用：没有字段使用此列标题。",
    ),
    "explain_path": ("Field", "字段"),
    "explain_sent": ("What is sent", "发送内容"),
    "explain_not_sent": ("nothing from this cell", "此单元格不发送内容"),
    "explain_rule": ("Rule", "规则"),
    "explain_titles": ("Known titles", "可识别的列标题"),
    "explain_issue": ("Problem", "问题"),
    "explain_answer": ("Answer", "服务商答复"),
    "provider_says": (
        "the provider refused the order: {why} Correct this cell and submit again.",
        "服务商拒绝了该订单：{why} 请修改此单元格后重新提交。",
    ),
    "look_at_cells": ("Look at {cells}.", "请查看 {cells}。"),
    "query_later": (
        "{reference}: too early to ask the provider; run reconcile after {time}.",
        "{reference}：现在查询为时过早，请在 {time} 之后运行 reconcile。",
    ),
    "query_failed": (
        "The provider could not be asked about {names}. Run reconcile again, or look them up.",
        "无法向服务商查询 {names}。请稍后再次运行 reconcile，或人工查询。",
    ),
    "query_silent": (
        "{reference}: the provider's answer to the query does not speak of it. Look it up there.",
        "{reference}：服务商的查询结果没有提到它，请人工查询。",
    ),
    "query_found": ("The provider says that it has this order.", "服务商查询确认已有该订单。"),
    "query_absent": (
        "{reference}: the provider does not find it. Submit the sheet again: it is sent again "
        "unchanged, and the provider refuses it if it has it after all.",
        "{reference}：服务商查不到该订单。请再次提交：将原样重发，若服务商已有会拒绝。",
    ),
    "not_sent": ("Not sent. Run again to send it. {why}", "未发送。请再次运行。{why}"),
    "duplicate": (
        "The provider already has this reference and it was not put there by this program. "
        "Check the order there, or use another reference. {why}",
        "服务商已有此单号，且不是本程序提交的。请在服务商核对，或更换单号。{why}",
    ),
    "part": (
        "{reference}: {status} {number} {message}",
        "{reference}：{status} {number} {message}",
    ),
    "more_issues": ("and {count} more", "另有 {count} 处"),
    # -- the last line -------------------------------------------------------------------------
    "next_accepted": (
        "Every order was accepted. Nothing is left to do.",
        "所有订单均已接受，无需操作。",
    ),
    "next_valid": (
        "Every order is valid. Next: converter submit {sheet} -p {provider}",
        "所有订单校验通过。下一步：converter submit {sheet} -p {provider}",
    ),
    "next_fix": (
        "Next: open {result}, correct the red cells, save it, and submit that file.",
        "下一步：打开 {result}，修改红色单元格并保存，然后提交该文件。",
    ),
    "next_look": (
        "Next: open {result}; it says for each order what the provider answered. "
        "What was rejected can be corrected there and submitted again.",
        "下一步：打开 {result}，其中写明服务商对每单的答复。被拒绝的订单可在其中修改后重新提交。",
    ),
    # -- several files -------------------------------------------------------------------------
    "file_told": ("{sheet}: {orders} orders ({counts})", "{sheet}：{orders} 个订单（{counts}）"),
    "file_empty": ("{sheet}: no orders", "{sheet}：没有订单"),
    "file_result": ("{told}. Result: {result}", "{told}。结果：{result}"),
    "file_begins": ("{sheet} ({place} of {files}):", "{sheet}（第 {place} 个，共 {files} 个）："),
    "files_told": (
        "In all {files} files, {orders} orders: {counts}",
        "共 {files} 个文件、{orders} 个订单：{counts}",
    ),
    "files_empty": (
        "All {files} files have a header but no orders.",
        "{files} 个文件都只有表头，没有订单。",
    ),
    "more_files": ("{names} and {more} more", "{names} 以及另外 {more} 个文件"),
    "confirm_several": (
        "Send up to {orders} orders of {files} files to {address}?",
        "将 {files} 个文件中至多 {orders} 个订单发送到 {address}，确定吗？",
    ),
    "stopping_several": (
        "Stopping: nothing more is sent. The result of each file that is left is still written; "
        "press Ctrl-C three times to leave at once.",
        "正在停止：不再发送任何订单。其余文件的结果仍会写出；连按三次 Ctrl-C 可立即退出。",
    ),
    "next_stopped_at": (
        "Stopped early at {sheet}; the rest was not sent. {why}",
        "处理 {sheet} 时提前停止，其余未发送。{why}",
    ),
    "next_fix_several": (
        "Next: open {result}, correct the red cells, save, and submit those files.",
        "下一步：打开 {result}，修改红色单元格并保存，然后提交这些文件。",
    ),
    "next_look_several": (
        "Next: open {result}; they say for each order what the provider answered. "
        "What was rejected can be corrected there and submitted again.",
        "下一步：打开 {result}，其中写明服务商对每单的答复。被拒绝的订单可在其中修改后重新提交。",
    ),
    "next_unknown_several": (
        "Next: some orders are unknown. "
        "{result} say for each what to look up or when to run again.",
        "下一步：有订单结果不明。{result} 中写明每单需查询什么或何时再次运行。",
    ),
    "next_fix_sheet_several": (
        "Next: correct these cells in {sheet}, save, and run again.",
        "下一步：在 {sheet} 中修改这些单元格，保存后重新运行。",
    ),
    # -- the last line, and what comes before it -------------------------------------------------
    "result_lies": ("Result: {result}", "结果：{result}"),
    "confirm": (
        "Send {orders} orders in {requests} requests to {address}?",
        "将 {orders} 个订单分 {requests} 次请求发送到 {address}，确定吗？",
    ),
    "progress": ("{done} of {total} orders done", "已处理 {done} / {total} 个订单"),
    "progress_and": ("{said}, {more}", "{said}，{more}"),
    "rate": ("{rate} a second", "每秒 {rate} 个"),
    "rate_and_left": ("{rate} a second, about {left} left", "每秒 {rate} 个，约剩 {left}"),
    "span_seconds": ("{seconds} s", "{seconds} 秒"),
    "span_minutes": ("{minutes} min", "{minutes} 分钟"),
    "span_hours": ("{hours} h {minutes} min", "{hours} 小时 {minutes} 分钟"),
    "next_unknown": (
        "Next: some orders are unknown. "
        "{result} says for each what to look up or when to run again.",
        "下一步：有订单结果不明。{result} 中写明每单需查询什么或何时再次运行。",
    ),
    "next_fix_sheet": (
        "Next: correct these cells in {sheet}, save it, and run again.",
        "下一步：在 {sheet} 中修改这些单元格，保存后重新运行。",
    ),
    "orders": ("orders", "个订单"),
    "warning": ("Warning: ", "提醒："),
    "next_again": (
        "Next: run the same command again to send the rest.",
        "下一步：再次运行同一命令，发送其余订单。",
    ),
    # -- what stops a run, and what the journal knows ------------------------------------------
    "error": ("Error: {problem}", "错误：{problem}"),
    "look_at_help": ("Try '{command} --help' for help.", "运行 {command} --help 可查看用法。"),
    "interrupted": ("Interrupted.", "已中断。"),
    "plain_http": (
        "Warning: {provider} is reached over plain http: the account code and token travel in "
        "clear.",
        "注意：与 {provider} 的连接是明文 http，账号和令牌未加密传输。",
    ),
    "wrote_template": (
        "Wrote {file}. Fill in the sheet Orders, then: converter check {file} -p {provider}",
        "已生成 {file}。请填写工作表 Orders，然后运行：converter check {file} -p {provider}",
    ),
    "wrote_example": (
        "Wrote {file}. Look at the sheet Orders, then: converter check {file} -p {provider}",
        "已生成 {file}。请查看工作表 Orders，然后运行：converter check {file} -p {provider}",
    ),
    "doubt": (
        "unknown  {where}  {reference}  since {since}  {message}",
        "结果不明  {where}  {reference}  自 {since} 起  {message}",
    ),
    "doubt_settles": (
        "the next submit after {time} settles it",
        "{time} 之后再次提交即可确认",
    ),
    "now": ("now", "刚刚"),
    "run": ("run {run}  {where}  {sheet}  {state}", "运行 {run}  {where}  {sheet}  {state}"),
    "not_finished": ("not finished", "未结束"),
    "setting_set": ("set", "已设置"),
    "setting_default": ("default", "默认值"),
    "setting_not_set": ("not set", "未设置"),
    "setting_missing": ("MISSING", "缺少！"),
    "journal_empty": ("The journal is empty.", "日志中还没有记录。"),
    "next_stopped": (
        "Stopped early. {why}",
        "提前停止，其余未发送。{why}",
    ),
    "next_no_orders": ("The sheet has a header but no orders.", "表中只有表头，没有订单。"),
    "results_summary": ("Summary", "汇总"),
    "results_reference": ("Reference", "客户单号"),
    "results_status": ("Status", "处理状态"),
    "results_message": ("Message", "处理说明"),
    "results_order_no": ("Provider order no.", "服务商单号"),
    "results_tracking_no": ("Tracking no.", "跟踪单号"),
    "results_rows": ("Rows", "行号"),
    "results_attempts": ("Attempts", "发送次数"),
    "results_time": ("Time", "时间"),
    "results_request_id": ("Request ID", "请求编号"),
    "results_sandbox": ("SANDBOX — nothing real was sent", "SANDBOX 沙箱演练 — 没有真实发送"),
    "results_stopped": ("Stopped early", "提前停止"),
    "results_orders": ("Orders", "订单总数"),
    "results_notes": ("Notes", "说明"),
    "results_warnings": ("Warnings", "提醒"),
    "results_has_order_no": ("order no. {number}", "单号 {number}"),
    "results_has_tracking_no": ("tracking no. {number}", "跟踪号 {number}"),
    "results_fact_provider": ("Provider", "服务商"),
    "results_fact_file": ("File", "订单文件"),
    "results_fact_sha256": ("SHA-256", "SHA-256"),
    "results_fact_time": ("Time", "时间"),
    "results_fact_run": ("Run", "批次"),
    "results_fact_version": ("Version", "程序版本"),
    "results_elsewhere": (
        "This row is fine; its order has a problem in {cells}.",
        "本行无误；该订单的问题在 {cells}。",
    ),
    "results_anew": (
        "The order sheet stands here as plain text. Your own file is unchanged.",
        "本文件中的订单表为纯文本副本，您的原文件未改动。",
    ),
    "results_changed": (
        "The file was changed after it had been read. The order sheet stands here as it was read, "
        "as plain text.",
        "文件在读取之后被修改过。本文件中的订单表为读取时内容的纯文本副本。",
    ),
}
