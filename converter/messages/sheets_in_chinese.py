"""What makes a file unreadable, in Chinese; the English text stands where it is raised."""

from __future__ import annotations

SENTENCES = {
    # -- what the file is ------------------------------------------------------------------------
    "this is not a file": "这不是文件",
    "Give the name of the order sheet itself.": "请指定订单表文件本身。",
    "this is the lock file of a workbook that is open in Excel": (
        "这是 Excel 打开工作簿时生成的锁文件"
    ),
    "Give the workbook itself: its name is the same without '~$'.": (
        "请指定工作簿本身：文件名去掉开头的“~$”即可。"
    ),
    "the file cannot be opened ({problem})": "无法打开文件（{problem}）",
    "Check the name and that no other program holds it.": (
        "请检查文件名，并确认没有其他程序占用它。"
    ),
    "the file is empty": "文件是空的",
    "Save the sheet again.": "请重新保存订单表。",
    "this is {kind}, although it is called {suffix}": "文件名为 {suffix}，但内容是{kind}",
    "this is {kind}": "这是{kind}",
    "a PDF document": " PDF 文档",
    "a text document (RTF)": " RTF 文档",
    "a picture": "图片",
    "a packed file (gzip)": "压缩文件（gzip）",
    "a packed file (7z)": "压缩文件（7z）",
    "a packed file (RAR)": "压缩文件（RAR）",
    "a packed file (zip)": "压缩文件（zip）",
    "a database": "数据库",
    "a program": "程序",
    "a web page": "网页",
    "a web page (MHT)": "网页（MHT）",
    "an XML spreadsheet of 2003": " 2003 版 XML 电子表格",
    "a flat OpenDocument file": "单一 XML 的 OpenDocument 文件",
    "an XML document": " XML 文档",
    "a Word document": " Word 文档",
    "a PowerPoint presentation": " PowerPoint 演示文稿",
    "an Apple Numbers document": " Apple Numbers 文档",
    "a document of the kind {kind}": "类型为 {kind} 的文档",
    "no workbook that is known": "无法识别的文件",
    "not a workbook": "其他数据，不是工作簿",
    "Open it in the program that made it and save or export it as .xlsx.": (
        "请用生成它的程序打开，另存或导出为 .xlsx。"
    ),
    "Open it in Excel and save it under a new name as .xlsx.": (
        "请用 Excel 打开，另存为新的 .xlsx 文件。"
    ),
    "Unpack it and give {file} itself.": "请解压后指定其中的 {file}。",
    # -- workbooks -------------------------------------------------------------------------------
    "the workbook is damaged and cannot be read": "工作簿已损坏，无法读取",
    "the workbook is protected by a password": "工作簿设有密码",
    "Open it in Excel, remove the password (File, Info, Protect Workbook) and save it.": (
        "请用 Excel 打开，取消密码（文件 → 信息 → 保护工作簿）后保存。"
    ),
    "the workbook has sheets of Excel 4 macros, which are not read": (
        "工作簿含有 Excel 4 宏表，无法读取"
    ),
    "Copy the sheet with the orders into a new workbook.": "请把订单表复制到新的工作簿。",
    "Name one with --sheet: {names}.": "请用 --sheet 指定一个：{names}。",
    "the workbook has only hidden sheets": "工作簿中只有隐藏的工作表",
    "the workbook has no sheets": "工作簿中没有工作表",
    "Save it again.": "请重新保存。",
    "there is no sheet {name}": "没有工作表 {name}",
    "Its sheets are: {names}.": "现有工作表：{names}。",
    "sheet {name}": "工作表 {name}",
    "this is a Strict Open XML workbook whose cells cannot be read": (
        "这是“Strict Open XML”工作簿，无法读取其中的单元格"
    ),
    "the workbook is written in a way that is not known: its cells cannot be read": (
        "工作簿的写法无法识别，不能读取其中的单元格"
    ),
    "Open it in Excel and save it as 'Excel Workbook (*.xlsx)'.": (
        "请用 Excel 打开，另存为“Excel 工作簿 (*.xlsx)”。"
    ),
    "there is a value in {cell}, far outside any table": "{cell} 中有数据，远在表格之外",
    "Delete it (Ctrl+End in Excel leads there) and save the workbook.": (
        "请删除它（在 Excel 中按 Ctrl+End 可跳到该处）并保存工作簿。"
    ),
    "the program that reads workbooks cannot be started: {problem}": "无法启动读取程序：{problem}",
    "Close other programs and try again.": "请关闭其他程序后重试。",
    "reading it took more than {seconds} seconds": "读取时间超过 {seconds} 秒",
    "the program that reads workbooks broke down over this file, or needed too much memory": (
        "读取程序在此文件上出错，或内存不足"
    ),
    "Open it in Excel and save it under a new name as .xlsx; if it is very large, split it, or "
    "raise {time} and {size}.": (
        "请用 Excel 打开，另存为新的 .xlsx 文件；如文件很大，请拆分，或调大 {time} 和 {size}。"
    ),
    # -- hostile zip files -----------------------------------------------------------------------
    "its part {part} declares a document type, which no spreadsheet program writes": (
        "其中的 {part} 声明了文档类型，表格程序不会这样写"
    ),
    "a part is larger than its entry says": "其中有一部分比目录所写的更大",
    "it has {count} parts, more than {most}": "它由 {count} 个部分组成，超过 {most} 个",
    "a part is called {name}": "其中一部分名为 {name}",
    "two parts are called {name}": "其中有两部分都名为 {name}",
    "its parts lie over one another": "其中的各部分相互重叠",
    "its part {part} swells more than {most} times when unpacked": (
        "其中的 {part} 解压后膨胀 {most} 倍以上"
    ),
    "{problem}, which no spreadsheet program writes": "{problem}，表格程序不会这样写",
    # -- limits ----------------------------------------------------------------------------------
    "{name}: expected a whole number above 0, found {found}.": (
        "{name}：应为大于 0 的整数，实际为 {found}。"
    ),
    "it has {size} MB when unpacked, more than the {most} MB that are read": (
        "解压后有 {size} MB，超过可读取的 {most} MB"
    ),
    "Split it into smaller workbooks, or raise {name}.": "请拆成较小的工作簿，或调大 {name}。",
    "it has more than {most} rows": "超过 {most} 行",
    "Split the sheet, or raise {name}.": "请拆分工作表，或调大 {name}。",
    "it has {size} MB, more than the {most} MB that are read": (
        "文件有 {size} MB，超过可读取的 {most} MB"
    ),
    "Split the file, or raise {name}.": "请拆分文件，或调大 {name}。",
    "its header has {count} columns, more than the {most} of Excel": (
        "表头有 {count} 列，超过 Excel 的 {most} 列"
    ),
    "Look whether the separator between the columns is right.": "请检查列之间的分隔符是否正确。",
    # -- text ------------------------------------------------------------------------------------
    "Save the sheet again as CSV UTF-8.": "请重新保存为 CSV UTF-8。",
    "byte {place} is a null byte, so this is not a text file": (
        "第 {place} 字节是空字节，因此这不是文本文件"
    ),
    "no encoding is called {name}": "没有名为 {name} 的编码",
    "Use a name such as utf-8, gb18030, big5 or cp1252 with --encoding.": (
        "请用 --encoding 指定编码，如 utf-8、gb18030、big5 或 cp1252。"
    ),
    "byte {place}, in line {line}, is not text in the encoding {name}": (
        "第 {line} 行（第 {place} 字节）不是编码 {name} 的文本"
    ),
    "the text is not UTF-8, and no header tells in which encoding it is ({shown})": (
        "文本不是 UTF-8，也没有表头能说明它的编码（{shown}）"
    ),
    "Choose one with --encoding NAME, or save the sheet again as CSV UTF-8.": (
        "请用 --encoding 指定其中一种，或重新保存为 CSV UTF-8。"
    ),
    "the row that begins in line {line} cannot be read as comma-separated text ({problem})": (
        "从第 {line} 行开始的一行无法按分隔文本读取（{problem}）"
    ),
    "Look for a quotation mark that is not closed, or a text that is far too long.": (
        "请检查是否有未成对的引号，或过长的文本。"
    ),
    "Look for a quotation mark that is not closed.": "请检查是否有未成对的引号。",
}
