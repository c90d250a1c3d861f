"""What stops a run, in Chinese; the English text stands where it is raised."""

from __future__ import annotations

from converter.messages import sheets_in_chinese

SENTENCES = {
    **sheets_in_chinese.SENTENCES,
    "{place}: {problem}. {remedy}": "{place}：{problem}。{remedy}",
    "{place}: {problem}": "{place}：{problem}",
    # -- the command line --------------------------------------------------------------------------
    "There is no file {file}. Check the name and the folder.": (
        "找不到文件 {file}。请检查文件名和文件夹。"
    ),
    "{file} is not a file. Give an order sheet: .xlsx or .csv.": (
        "{file} 不是文件。请指定订单表：.xlsx 或 .csv。"
    ),
    "{file} is Excel's own lock file. Give the workbook itself.": (
        "{file} 是 Excel 的临时锁文件。请指定工作簿本身。"
    ),
    "There is no result for {sheet}.": "{sheet} 没有生成结果。",
    "Nothing was sent of {names}, and there is no result for it.": (
        "{names} 未发送，也没有生成结果。"
    ),
    "{count} of {all} files cannot be used:\n{lines}\n{remedy}": (
        "{all} 个文件中有 {count} 个无法使用：\n{lines}\n{remedy}"
    ),
    "The other files were checked.": "其余文件已检查。",
    "Nothing was sent or written. Correct those files, or leave them out.": (
        "未发送、也未写出任何内容。请更正这些文件，或不再指定它们。"
    ),
    "{folder} is no folder. With several order sheets, give -o a folder that exists: "
    "each result is written there under the name of its sheet.": (
        "{folder} 不是文件夹。提交多个订单表时，请用 -o 指定一个已有的文件夹："
        "每个结果会以其订单表的名称写入其中。"
    ),
    "{file} has a space in its name. Put the name in quotes.": (
        "{file} 的文件名含有空格。请给文件名加引号。"
    ),
    "{file} is given twice. Give it once.": "{file} 重复指定。请只指定一次。",
    "{file} and {other} are the same file. Give it once.": (
        "{file} 和 {other} 是同一个文件。请只指定一次。"
    ),
    "There is no folder {folder}. Make it first.": "没有文件夹 {folder}。请先新建。",
    "{file} is the order sheet itself. Name another file with -o.": (
        "{file} 就是订单表本身。请用 -o 指定另一个文件。"
    ),
    "{file} cannot be written: {problem}.": "无法写入 {file}：{problem}。",
    "The sandbox cannot start: {problem}.": "模拟服务商无法启动：{problem}。",
    "{provider} has no action {action}. Its actions: {known}.": (
        "{provider} 没有操作 {action}。可用的操作：{known}。"
    ),
    "{provider} has one action only: leave --action out.": (
        "{provider} 只有一种操作，请去掉 --action。"
    ),
    "it has one only, so leave --action out": "只有一种，请去掉 --action",
    "There is no provider {name}.": "没有服务商 {name}。",
    "Did you mean {names}?": "是否想用 {names}？",
    "Known providers: {known}. "
    "Give one of these, or the path of a mapping file that ends in .yaml.": (
        "可用的服务商：{known}。请指定其中之一，或以 .yaml 结尾的映射文件的路径。"
    ),
    "none": "无",
    "There is no folder {folder}. Give --mappings the folder of your mappings.": (
        "没有文件夹 {folder}。请用 --mappings 指定映射文件所在的文件夹。"
    ),
    "the mapping file cannot be read: {problem}": "无法读取映射文件：{problem}",
    "larger than {size} KiB, which no mapping is": "超过 {size} KiB，不是映射文件",
    "not UTF-8 text (byte {place})": "不是 UTF-8 文本（第 {place} 字节）",
    "Nothing was sent, as you chose.": "已按您的选择取消，未发送任何订单。",
    "There is no run {run}. `converter status` lists the runs.": (
        "没有运行 {run}。可用 `converter status` 查看历次运行。"
    ),
    "There is no cell {cell} among the orders. The sheets with orders: {names}.": (
        "订单中没有单元格 {cell}。含订单的工作表：{names}。"
    ),
    "{where} is neither a cell such as Orders!D12 nor one field of {provider}. {hint}": (
        "{where} 既不是单元格（如 Orders!D12），也不是 {provider} 的一个字段。{hint}"
    ),
    "{cell}: expected 'created' or 'not created' (已创建 / 未创建), found '{found}'. Correct it.": (
        "{cell}：应为“已创建”或“未创建”（created / not created），实际为“{found}”。请更正。"
    ),
    "There is no order {reference} in this sheet that was ever sent. "
    "Correct the number; none of the decisions was kept.": (
        "此表中没有曾经发送过的订单 {reference}。请检查单号；所有决定均未记录。"
    ),
    # -- the result and the template ---------------------------------------------------------------
    "{file}: cannot be written ({problem})": "{file}：无法写入（{problem}）",
    "{file} is there already. Name another file with -o.": (
        "{file} 已存在。请用 -o 指定另一个文件名。"
    ),
    "Give another place with --output.": "请用 --output 指定其他位置。",
    "{file}: the result is an Excel workbook. Give a name that ends in .xlsx.": (
        "{file}：结果是 Excel 工作簿。请使用以 .xlsx 结尾的文件名。"
    ),
    "{file}: this is a folder. Give the name of a file in it.": (
        "{file}：这是文件夹。请指定其中的一个文件名。"
    ),
    "{file}: there is no folder {folder}. {remedy}": "{file}：没有文件夹 {folder}。{remedy}",
    "{file}: the result would overwrite the order sheet. {remedy}": (
        "{file}：结果会覆盖订单表本身。{remedy}"
    ),
    "{file}: this is not a regular file. {remedy}": "{file}：这不是普通文件。{remedy}",
    "{file}: nothing can be written in {folder} ({problem}). {remedy}": (
        "{file}：无法在 {folder} 中写入（{problem}）。{remedy}"
    ),
    # -- settings ----------------------------------------------------------------------------------
    "The sandbox does not play this provider, only the shipped ones.": (
        "模拟服务商不支持该服务商，只支持程序自带的。"
    ),
    "Settings are missing: {names}. Set them in the environment or in converter.toml; "
    "`converter providers` shows what each one is. Nothing was sent.": (
        "缺少设置：{names}。请在环境变量或 converter.toml 中设置；"
        "`converter providers` 会说明每一项。未发送任何订单。"
    ),
    "{setting} is not set. Nothing was sent.": "未设置 {setting}。未发送任何订单。",
    "{setting} must be a number of seconds, 0 or more.": "{setting} 应为秒数，不小于 0。",
    "{file} cannot be read as TOML: {problem}.": "{file} 不是有效的 TOML 文件：{problem}。",
    "{file}: [{provider}] must be a table of settings.": "{file}：[{provider}] 应为一组设置。",
    "{file}: {key} is no setting of {provider}{hint}": "{file}：{provider} 没有设置 {key}{hint}",
    ", did you mean {name}?": "，是否想用 {name}？",
    "{file}: {key} is a secret and may not stand in this file. Put it into the "
    "environment as {setting}, or into a file of its own named by {key}_file.": (
        "{file}：{key} 是密钥，不能写在此文件中。请设为环境变量 {setting}，"
        "或放入单独的文件，并用 {key}_file 指明该文件。"
    ),
    "{file}: {key} must be text in quotes.": "{file}：{key} 应为带引号的文本。",
    "The secret file {file}, named in {settings}, cannot be read.": (
        "无法读取密钥文件 {file}（在 {settings} 中指定）。"
    ),
    "The secret file {file}, named in {settings}, is empty.": (
        "密钥文件 {file} 是空的（在 {settings} 中指定）。"
    ),
    "{setting} is not an address ({problem}).": "{setting} 不是网址（{problem}）。",
    "{setting} must be an address that begins with https://.": (
        "{setting} 应为以 https:// 开头的网址。"
    ),
    "{setting} must be an address without blanks, '?' and '#'.": (
        "{setting} 的网址不能含空格、“?”和“#”。"
    ),
    "{setting} may not hold a user name or password.": "{setting} 的网址不能含用户名或密码。",
    "{setting} is a plain http address, over which secrets would travel in clear. Use https://.": (
        "{setting} 是明文 http 网址，密钥传输时不加密。请改用 https://。"
    ),
    "{setting} must be s or ms.": "{setting} 只能是 s 或 ms。",
    "{setting} must be the name of a time zone, such as Asia/Shanghai.": (
        "{setting} 应为时区名称，例如 Asia/Shanghai。"
    ),
    "{file}: {provider} signs nothing, so it takes no signature.": (
        "{file}：{provider} 不需要签名，请去掉 signature。"
    ),
    "{file}: {place}: {problem}.": "{file}：{place}：{problem}。",
    "{file}: signature: {problem}.": "{file}：signature：{problem}。",
    "The signing rule is not configured.": "尚未配置签名规则。",
    "{reason} Nothing was sent.": "{reason}未发送任何订单。",
    "The header {name} cannot hold its value ({source}): it has a line end, a blank at an end "
    "or a letter that is not English. Look at the setting it comes from. Nothing was sent.": (
        "请求头 {name} 的值（{source}）无法使用：含有换行、首尾空格或非英文字符。"
        "请检查对应的设置。未发送任何订单。"
    ),
    # -- the journal -------------------------------------------------------------------------------
    "Another run holds this account: process {pid}, started {started}. "
    "Nothing was sent. Wait until it has ended, then run again.": (
        "另一次运行正在使用该账号（进程 {pid}，{started} 开始）。"
        "未发送任何订单。请等它结束后再次运行。"
    ),
    "unknown": "未知",
    "just now": "刚刚",
    "The lock file {path} cannot be used: {problem}. Nothing was sent. "
    "Make its folder writable for you, or set CONVERTER_HOME to another one.": (
        "无法使用锁文件 {path}：{problem}。未发送任何订单。"
        "请取得该文件夹的写入权限，或将 CONVERTER_HOME 设为其他文件夹。"
    ),
    "The journal {path} is gone, though orders were sent with it. Nothing was sent now, because "
    "without it orders could be sent twice. Put it back from a backup. Only if no order of this "
    "account is still open, delete {lock} to begin a new one.": (
        "日志 {path} 不见了，而之前曾用它发送过订单。没有它订单可能重复发送，因此未发送任何订单。"
        "请从备份恢复。只有确认该账号没有未结订单时，才可删除 {lock} 重新开始。"
    ),
    "The journal {path} is damaged: {problem}. Nothing was sent. Put it back from a backup; do not "
    "delete it while orders are open, because they could then be sent twice.": (
        "日志 {path} 已损坏：{problem}。未发送任何订单。请从备份恢复；"
        "有未结订单时不要删除它，否则订单可能重复发送。"
    ),
    "it is empty": "内容为空",
    "it belongs to another account": "属于另一个账号",
    "The journal {path} was made by a newer version of this program. Nothing was sent. "
    "Install that version again.": (
        "日志 {path} 由本程序的更新版本生成。未发送任何订单。请重新安装该版本。"
    ),
    "The journal in {path} cannot be written: {problem}. Nothing was sent. Make room on the disk "
    "and the folder writable for you, or set CONVERTER_HOME to another folder.": (
        "无法在 {path} 中写入日志：{problem}。未发送任何订单。请清理磁盘空间并取得"
        "该文件夹的写入权限，或将 CONVERTER_HOME 设为其他文件夹。"
    ),
    "The journal would lie in {path}, which is {kind}. There it can be damaged, and orders could "
    "be sent twice. Nothing was sent. Set CONVERTER_HOME to a folder on this machine's own disk.": (
        "日志会存放在 {path}，而它{kind}。在那里日志可能损坏，导致订单重复发送。"
        "未发送任何订单。请将 CONVERTER_HOME 设为本机磁盘上的文件夹。"
    ),
    "kept in step with other machines ({name})": "会与其他电脑同步（{name}）",
    "on a network drive ({name})": "位于网络驱动器（{name}）",
    "This Python comes with SQLite {found}, but the journal needs 3.38 or newer. Nothing was sent. "
    "Install a newer Python.": (
        "此 Python 自带 SQLite {found}，而日志需要 3.38 或更新版本。"
        "未发送任何订单。请安装更新的 Python。"
    ),
    "The journal {path} cannot be read: {problem}. Nothing was changed. Try again later.": (
        "无法读取日志 {path}：{problem}。未作任何更改。请稍后重试。"
    ),
    "The journal {path} was made by a newer version of this program. Install that one again.": (
        "日志 {path} 由本程序的更新版本生成。请重新安装该版本。"
    ),
    "The journal {path} cannot be written: {problem}. No further order is sent. "
    "Make room on the disk and the file writable, then run again.": (
        "无法写入日志 {path}：{problem}。不再发送其他订单。"
        "请清理磁盘空间并确保文件可写，然后再次运行。"
    ),
    "The journal {path} cannot be written: {problem}. No further order is sent. These orders were "
    "sent, and this is what is known of them; keep it, because the next run shows them as unknown:"
    "\n{lines}": (
        "无法写入日志 {path}：{problem}。不再发送其他订单。以下订单已发送，现知结果如下；"
        "请保存，因为下次运行会将它们显示为“结果不明”：\n{lines}"
    ),
    "the disk is full": "磁盘已满",
    "two orders have the reference '{reference}'": "有两个订单的单号都是“{reference}”",
    "rows {rows}": "第 {rows} 行",
    "Give one of them another order number; nothing was sent": (
        "请修改其中一个的订单号；未发送任何订单"
    ),
    # -- pictures and files ------------------------------------------------------------------------
    "the pictures of the workbook cannot be read": "无法读取工作簿中的图片",
    "Open it in Excel, let it repair the file, and save it again.": (
        "请用 Excel 打开并修复，然后重新保存。"
    ),
    "the files and pictures of the sheet are together larger than {size} MB": (
        "订单表的文件和图片合计超过 {size} MB"
    ),
    "Split the sheet into several, or make the pictures smaller.": (
        "请把订单表拆成几份，或压缩图片。"
    ),
    # -- the layout of an order sheet --------------------------------------------------------------
    "there is no sheet with orders": "没有订单工作表",
    "there is no sheet with orders "
    "(passed over: {own}, which is how this program names its own sheets)": (
        "没有订单工作表（已跳过 {own}：这些是本程序自己的工作表名称）"
    ),
    "Put the orders on a sheet with a header row, or name it with --sheet.": (
        "请把订单放在有表头的工作表中，或用 --sheet 指定工作表。"
    ),
    "several sheets have orders: {names}": "有多个订单工作表：{names}",
    "Choose one with --sheet NAME.": "请用 --sheet 名称 指定一个。",
    "{title} stands above the table, but the table has {count} orders": (
        "{title} 写在表格上方，但表中有 {count} 个订单"
    ),
    "Give it a column of its own, so that every order has its number.": (
        "请为它单独设一列，让每个订单各有数值。"
    ),
    "the columns {one} {title} and {other} {second} are both the field {field}": (
        "{one} 列 {title} 与 {other} 列 {second} 都是字段 {field}"
    ),
    "Rename or delete one of them.": "请改名或删除其中一列。",
    "the column {title} is in {unit}, but {field} is wanted in {wanted}": (
        "列 {title} 的单位是 {unit}，而 {field} 的单位应为 {wanted}"
    ),
    "Convert the column to {wanted} and say so in its title.": (
        "请把该列换算为 {wanted}，并在列名中注明。"
    ),
    "the column {title} has a number, but column {other} {second} has none": (
        "列 {title} 带编号，但 {other} 列 {second} 不带编号"
    ),
    "Number all columns of an item, as in SKU1, or give each item its own row.": (
        "请为同一明细的各列都编号（如 SKU1），或每个明细单独一行。"
    ),
    "the column title {title} can mean several things: {fields}": (
        "列名 {title} 可能有多种含义：{fields}"
    ),
    "Rename the column to the one that is meant, or choose it with --columns FILE.": (
        "请改成所指的列名，或用 --columns 文件 指定。"
    ),
    "the column {title} does not have one known unit in all rows but {units}": (
        "列 {title} 各行的单位不一致或无法识别：{units}"
    ),
    "Convert column {column} {title} to {wanted} and delete the column of units.": (
        "请把 {column} 列 {title} 换算为 {wanted}，并删除单位列。"
    ),
    "{field} (is it column {column} {title}?)": "{field}（是 {column} 列 {title} 吗？）",
    "missing required column {fields}. Found in row {row}: {found}": (
        "缺少必填列 {fields}。第 {row} 行现有：{found}"
    ),
    "missing required columns {fields}. Found in row {row}: {found}": (
        "缺少必填列 {fields}。第 {row} 行现有：{found}"
    ),
    "Add the column, or rename the one that holds it. `converter template {provider}` "
    "writes a sheet with every column, and --columns FILE keeps your own choice of columns.": (
        "请补上该列，或修改列名。`converter template {provider}` 可生成包含所有列的表格；"
        "--columns 文件 可保存您自己的列对应关系。"
    ),
    "{count} rows with data are hidden or filtered out (rows {rows}), {shown} are shown": (
        "有 {count} 个数据行被隐藏或筛选掉（第 {rows} 行），显示的有 {shown} 行"
    ),
    "Say whether they count: --hidden-rows include or --hidden-rows exclude. "
    "Or show them all in the sheet, or delete them.": (
        "请说明是否读取：--hidden-rows include（读取）或 --hidden-rows exclude（不读取）；"
        "也可在表中全部显示或删除。"
    ),
    # -- the list of columns -----------------------------------------------------------------------
    "{file}: the list of columns cannot be written ({problem}). "
    "Give another place with --columns.": (
        "{file}：无法写入列清单（{problem}）。请用 --columns 指定其他位置。"
    ),
    "the list of columns cannot be read ({problem})": "无法读取列清单（{problem}）",
    "Write one line for each column, `title: field`, or delete the file and run "
    "again to have it written anew.": (
        "请每列写一行“列名：字段”；也可删除该文件后重新运行，由程序重新生成。"
    ),
    "line {line}": "第 {line} 行",
    "it is not plain UTF-8 text": "不是纯 UTF-8 文本",
    "the list of columns cannot be opened ({problem})": "无法打开列清单（{problem}）",
    "Check the name given with --columns.": "请检查 --columns 指定的文件名。",
    "this is no list of columns": "这不是列清单",
    "Write one line for each column, `title: field`.": "请每列写一行“列名：字段”。",
    "the column {title} is to be {field}, but the sheet has no such title": (
        "列 {title} 指定为 {field}，但表中没有这个列名"
    ),
    "Correct the title there, or delete the line.": "请在清单中更正列名，或删除这一行。",
    "the column {title} is to be {field}, but {provider} has no such field": (
        "列 {title} 指定为 {field}，但 {provider} 没有这个字段"
    ),
    "Write a field of the mapping, `ignore`, or nothing.": ("请填写映射中的字段、ignore，或留空。"),
    "Did you mean {field}? Else write another field, `ignore`, or nothing.": (
        "是否想用 {field}？否则请填写其他字段、ignore，或留空。"
    ),
}
