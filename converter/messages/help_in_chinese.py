"""The help of the commands in Chinese; the English one stands with the commands themselves."""

from __future__ import annotations

COMMANDS = {
    "converter": """把订单表提交到服务商系统，并逐行说明结果。

\b
不需要任何服务商账号即可用自带示例试用：
  converter template scexpress --example -o orders.xlsx
  converter submit orders.xlsx -p scexpress --sandbox
""",
    "providers": """列出服务商、各自需要的设置，以及是否已设置。

\b
示例：
  converter providers
  converter providers --mappings ./my-mappings --json
""",
    "template": """生成 PROVIDER 的订单表：空白，或填好示例订单。

\b
示例：
  converter template scexpress
  converter template oms --example -o orders.xlsx
""",
    "check": """读取并检查 SHEET，生成结果工作簿，不发送任何内容。

\b
示例：
  converter check orders.xlsx -p scexpress
  converter check orders.csv -p oms --json > report.json
  converter check monday.xlsx tuesday.xlsx -p scexpress
""",
    "convert": """输出 SHEET 将要发送的请求，每行一个 JSON 对象。

密钥会被遮盖，也不需要设置。无效订单不输出，并在 stderr 中列出。

\b
示例：
  converter convert orders.xlsx -p scexpress
  converter convert orders.csv -p pandapon -o requests.jsonl
  converter convert monday.xlsx tuesday.xlsx -p scexpress
""",
    "submit": """检查 SHEET，发送有效订单，并生成结果工作簿。

已被接受的订单不会再次发送。在终端中会先显示计划并确认一次，--yes 可跳过；
不在终端中运行时从不提问。

可以一次指定多个订单表：先全部检查，再逐个发送，最后汇总说明。

\b
示例：
  converter submit orders.xlsx -p scexpress --sandbox
  converter submit orders.xlsx -p oms --yes --json > report.json
  converter submit monday.xlsx tuesday.xlsx shop.csv -p scexpress
""",
    "reconcile": """处理 SHEET 中状态不明 (unknown) 的订单，不发送任何内容。

服务商支持查询时自动查询；否则请用选项说明查到的结果，或在结果工作簿的
“Decision”和“Found order no.”列中填写，并把该工作簿作为 SHEET。

\b
示例：
  converter reconcile orders.xlsx -p scexpress
  converter reconcile orders.xlsx -p oms --created PO-7=112132 --not-created PO-8
""",
    "explain": """说明 SHEET 中一个单元格或一个字段：规则、发送内容。

对单元格还会说明存在的问题，以及服务商对其订单的答复。

\b
示例：
  converter explain orders.xlsx Orders!D12 -p scexpress
  converter explain orders.xlsx items[].hscode -p scexpress --json
""",
    "sandbox": """在本机端口上运行模拟服务商，直到按下 Ctrl-C。

会显示让其他命令连接到它所需的设置。

\b
示例：
  converter sandbox
  converter sandbox --port 9000 --book sandbox.jsonl
""",
    "status": """显示日志记录：先列出状态不明的订单，再列出历次运行。

使用 --run 时，根据日志重新生成该次运行的报告：每个订单一行；加 --json 则为
该次运行输出（或本应输出）的文档。

\b
示例：
  converter status
  converter status orders.xlsx --json
  converter status --run 20261121-142530-9f3c
""",
}

OPTIONS = {
    "action": "服务商提供多种操作时，选择其中一种。",
    "book": "把创建的内容保存在此文件中；默认不保存。",
    "columns": "您自己的列对应关系：首次运行时写入，之后使用。",
    "created": "已核实：服务商已有该订单，单号为此。",
    "encoding": "文本文件的编码，如 gb18030；通常可自动识别。",
    "example": "填入示例订单，便于试用。",
    "files": "图片和附件所在的文件夹；默认为订单表所在的文件夹。",
    "help": "显示帮助。",
    "hidden-rows": "隐藏或被筛选的行是否计入；有这样的行时必须说明。",
    "log-file": "把每一步追加到该文件，每行一个 JSON 对象。",
    "verbose": "在 stderr 逐步说明正在做什么。",
    "json": "在 stdout 输出一个 JSON 文档。",
    "lang": "消息和工作簿的语言；默认与系统相同。",
    "mappings": "使用此文件夹中的映射文件，而不是自带的。",
    "no-input": "从不提问，与 --yes 相同。",
    "not-created": "已核实：服务商没有该订单。",
    "note": "与您的说明一起保存的备注。",
    "orders-per-request": "每个请求的订单数少于映射允许的数量。",
    "output": "写入的位置；默认在订单表旁边。多个订单表的结果请指定文件夹。",
    "port": "在 127.0.0.1 上监听的端口。",
    "provider": "服务商名称，或映射文件的路径。",
    "run": "再次显示该次运行的报告。",
    "sandbox": "使用本机的模拟服务商，不真正发送。",
    "sheet": "使用工作簿中的哪个工作表。",
    "version": "显示版本。",
    "who": "核实人；默认为登录名。",
    "yes": "发送前不询问。",
}

WRONG_USE = {
    "Missing option {name}.": "缺少选项 {name}。",
    "Missing option {name}. {choices}": "缺少选项 {name}。{choices}",
    "Missing argument {name}.": "缺少参数 {name}。",
    "Missing command.": "缺少命令。",
    "No such option {name}.": "没有选项 {name}。",
    "No such command {name}.": "没有命令 {name}。",
    "{problem} Did you mean {name}?": "{problem}是否想用 {name}？",
    "{problem} (Did you mean one of: {names}?)": "{problem}是否想用其中之一：{names}？",
    "Option {name} requires an argument.": "选项 {name} 后面需要一个值。",
    "Option {name} does not take a value.": "选项 {name} 后面不能带值。",
    "Got unexpected extra argument ({names})": "多余的参数：{names}。含空格的文件名请加引号。",
    "Got unexpected extra arguments ({names})": "多余的参数：{names}。含空格的文件名请加引号。",
    "Invalid value for {name}: {problem}": "{name} 的值无效：{problem}",
    "{value} is not one of {choices}.": "{value} 不是可选值，可选：{choices}。",
    "{value} is not a valid integer.": "{value} 不是整数。",
    "{value} is not a valid integer range.": "{value} 不是整数。",
    "{value} is not in the range {range}.": "{value} 超出范围 {range}。",
    "File {name} is a directory.": "{name} 是文件夹，请指定文件。",
}
"""What click says against a command line, by the English of it."""

WORDS = {"Usage:": "用法：", "Options:": "选项：", "Commands:": "命令："}
"""What stands above the parts of a help text."""
