"""Problems of cells and of whole sheets; where it stands is said before each of them."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # -- issues: the cell and the column's title stand before these ----------------------------
    "required": (
        "expected a value, found a blank cell. Fill it in.",
        "必填，但单元格为空。请填写。",
    ),
    "required_when": (
        "expected a value because {when}, found a blank cell. Fill it in.{because_en}",
        "因为 {when}，此处必填，但单元格为空。请填写。{because_zh}",
    ),
    "want_integer": (
        "expected a whole number, found {found}. Type the number without other characters.",
        "应为整数，实际为 {found}。请只填数字。",
    ),
    "want_number": (
        "expected a number, found {found}. Type the number without unit or other characters.",
        "应为数字，实际为 {found}。请只填数字，不带单位。",
    ),
    "want_choice": (
        "expected one of {allowed}; found {found}. Choose one of these.",
        "应为以下之一：{allowed}；实际为 {found}。请选择其中之一。",
    ),
    "postcode_short": (
        "a postcode of {country} has {digits} digits, found {found}: leading zeros may be lost. "
        "Look it up; format the column as text and type it with its zeros.",
        "{country} 的邮编为 {digits} 位数字，实际为 {found}，可能丢失了开头的 0。"
        "请核对，把该列设为文本格式后补上 0。",
    ),
    "want_country": (
        "expected a country such as US, 美国 or United States, found {found}. "
        "Type the two-letter code.",
        "应为国家，例如 US、美国；实际为 {found}。请填写二字代码。",
    ),
    "want_currency": (
        "expected a currency such as USD or 美元, found {found}. Type the three-letter code.",
        "应为币种，例如 USD、美元；实际为 {found}。请填写三字代码。",
    ),
    "want_datetime": (
        "expected a date such as 2025-12-01 10:20:00, found {found}. "
        "Write year, month, day in this order.",
        "应为日期，例如 2025-12-01 10:20:00；实际为 {found}。请按年-月-日填写。",
    ),
    "too_long": (
        "expected at most {max} characters, found {length}: {found}. Shorten it.",
        "最多 {max} 个字符，实际 {length} 个：{found}。请缩短。",
    ),
    "want_above": (
        "expected more than {bound}, found {found}. Correct the number.",
        "应大于 {bound}，实际为 {found}。请更正。",
    ),
    "want_at_least": (
        "expected {bound} or more, found {found}. Correct the number.",
        "不得小于 {bound}，实际为 {found}。请更正。",
    ),
    "want_at_most": (
        "expected {bound} or less, found {found}. Correct the number.",
        "不得大于 {bound}，实际为 {found}。请更正。",
    ),
    "want_digits": (
        "expected digits only, found {found}. Remove the other characters.",
        "只能是数字，实际为 {found}。请去掉其他字符。",
    ),
    "want_phone": (
        "expected a phone number of digits, blanks, + and -, found {found}. Correct it.",
        "应为电话号码（数字、空格、+、-），实际为 {found}。请更正。",
    ),
    "want_latin": (
        "the provider wants this in English, found {found}. Translate it.",
        "此处应填英文，实际为 {found}。请翻译。",
    ),
    "want_email": (
        "expected an email address, found {found}. Correct it.",
        "应为邮箱地址，实际为 {found}。请更正。",
    ),
    "want_url": (
        "expected a web address that begins with http:// or https://, found {found}. Correct it.",
        "应为以 http:// 或 https:// 开头的网址，实际为 {found}。请更正。",
    ),
    "want_hex32": (
        "expected 32 characters of 0-9 and a-f, found {found}. "
        "Copy it again from the product page.",
        "应为 32 位 0-9、a-f 字符，实际为 {found}。请重新复制。",
    ),
    "want_base64": (
        "expected Base64 text, found {found}. Paste the encoded content again.",
        "应为 Base64 文本，实际为 {found}。请重新粘贴。",
    ),
    "control_character": (
        "found a character that cannot be seen or printed in {found}. Type the text again.",
        "含有不可见的控制字符：{found}。请重新输入。",
    ),
    "cell_error": (
        "found an Excel error (such as #N/A) instead of a value. "
        "Repair the formula or type the value.",
        "单元格是 Excel 错误值（如 #N/A）。请修正公式或直接填写。",
    ),
    "cell_no_value": (
        "found a formula that was never calculated. Open the file in Excel and save it again.",
        "公式没有计算结果。请在 Excel 中打开并重新保存。",
    ),
    "cell_rounded": (
        "found a number of more than 15 digits, which Excel has already rounded. "
        "Set the cell to text and type the number again.",
        "数字超过 15 位，Excel 已丢失精度。请将单元格设为文本后重新输入。",
    ),
    "exponent": (
        "found {found}: a long number of which Excel has kept only the first digits. "
        "Set the cells to text and type or copy the number again.",
        "发现 {found}：这是长数字，Excel 只保留了前几位。请将单元格设为文本后重新输入。",
    ),
    "cell_date": (
        "found a date where text is wanted; Excel may have turned the typed text into a date. "
        "Set the cell to text and type it again.",
        "此处应为文本，但单元格是日期，可能被 Excel 自动转换。请设为文本后重新输入。",
    ),
    "want_file": (
        "expected a picture in the cell, a file's name with its ending or Base64 text "
        "({types}), found {found}. Give one of these.",
        "应为单元格内的图片、带扩展名的文件名或 Base64 文本（{types}），实际为 {found}。请更正。",
    ),
    "file_missing": (
        "expected the file {found} in the folder {folder}, found none. "
        "Put it there, or say --files DIR.",
        "文件夹 {folder} 中没有文件 {found}。请把文件放到该处，或用 --files 指定文件夹。",
    ),
    "file_outside": (
        "expected a file inside the folder {folder}, found {found}, which leads out of it. "
        "Put the file into the folder and write its name alone.",
        "文件必须在文件夹 {folder} 内，而 {found} 指向其外。请把文件放入该文件夹，只填文件名。",
    ),
    "file_link": (
        "expected a file inside the folder {folder}, found {found}, which is or passes a link. "
        "Put the file itself there.",
        "文件必须在文件夹 {folder} 内，而 {found} 是链接或经过链接。请放入文件本身。",
    ),
    "file_not_plain": (
        "expected a file, found that {found} in the folder {folder} is a folder or a device. "
        "Write the name of a file.",
        "应为文件，但文件夹 {folder} 中的 {found} 是文件夹或设备。请填写文件名。",
    ),
    "file_unreadable": (
        "expected a file that may be read, found that {found} in the folder {folder} may not. "
        "Change its permissions, or copy it.",
        "文件夹 {folder} 中的 {found} 没有读取权限。请修改权限或复制一份。",
    ),
    "file_large": (
        "expected a file of at most {max}, found {found} with {size}. Make it smaller.",
        "文件最大 {max}，而 {found} 为 {size}。请压缩。",
    ),
    "file_type": (
        "expected a file with the content of {types}, found {found} with the content of {kind}. "
        "Save it as one of these.",
        "文件内容应为 {types}，而 {found} 的内容为 {kind}。请另存为其中一种格式。",
    ),
    "file_ending": (
        "expected a name that ends as its content does, found {found} with the content of "
        "{kind}. Rename the file, or take the right one.",
        "文件扩展名应与内容一致，而 {found} 的内容为 {kind}。请改名或换成正确的文件。",
    ),
    "picture_large": (
        "expected a picture of at most {max}, found one of {size}. "
        "Compress the pictures in Excel or WPS.",
        "图片最大 {max}，实际为 {size}。请在 Excel 或 WPS 中压缩图片。",
    ),
    "picture_type": (
        "expected a picture of {types}, found one of {kind}. Save it as one of these and "
        "insert it again.",
        "图片格式应为 {types}，实际为 {kind}。请另存为其中一种格式后重新插入。",
    ),
    "picture_several": (
        "expected one picture in the cell, found {count}. Delete or move the others.",
        "单元格内应只有一张图片，实际有 {count} 张。请删除或移开多余的图片。",
    ),
    "picture_and_text": (
        "expected a picture or a text, found a picture and {found} in one cell. Remove one.",
        "单元格内同时有图片和文字 {found}，只能保留一个。请删除其中之一。",
    ),
    "picture_lost": (
        "expected a picture, found one that is not in this workbook: it was only linked, or was "
        "lost on copying. Insert it again.",
        "图片不在本工作簿中（只是链接，或复制时丢失）。请重新插入图片。",
    ),
    "picture_address": (
        "found the web address {found}; the provider takes only the content, so this is not "
        "sent. Insert the picture, or write a file's name.",
        "此处是网址 {found}；服务商只接收内容本身，因此不会发送。请插入图片或填写文件名。",
    ),
    "base64_doubt": (
        "{found} is sent as Base64, but is not the content of {types}. If it is the name of a "
        "file, write it with its ending, such as .{ending}.",
        "{found} 将按 Base64 发送，但其内容不是 {types}。如果是文件名，请写上扩展名，"
        "例如 .{ending}。",
    ),
    "ending_disagrees": (
        "expected .{kind} as the content is, found {found}. Correct it, or leave it blank.",
        "内容为 {kind}，应填 .{kind}，实际为 {found}。请更正或留空。",
    ),
    "row_ragged": (
        "the row has more or fewer cells than the header and the other rows, so its values may "
        "stand in the wrong columns. Put texts that hold the separator in quotation marks, and "
        "see that no separator is missing.",
        "该行的单元格数与表头及其他行不一致，数据可能错列。含分隔符的文本请加引号，并检查是否漏了分隔符。",
    ),
    "no_reference": (
        "expected the order's reference, found a blank cell in a row with data that cannot be "
        "told to belong to the order above. Fill it in.",
        "该行有数据但没有单号，无法确定属于上方哪个订单。请填写单号。",
    ),
    "joins_nothing": (
        "expected a reference that stands in column {column} of the sheet {sheet}, found {found}, "
        "which is not there. Correct it, or add the order.",
        "单号 {found} 不在工作表 {sheet} 的 {column} 列中。请更正，或补上该订单。",
    ),
    "currency_disagrees": (
        "expected {currency} as the title of column {column} {title} says, found {found}. "
        "Correct the title or the currency.",
        "{column} 列标题 {title} 表示币种为 {currency}，实际为 {found}。请更正标题或币种。",
    ),
    "merged_across": (
        "the cells {cells} are merged over several columns, so nobody can tell which of them the "
        "value is for. Unmerge them and fill in each.",
        "单元格 {cells} 跨列合并，无法确定数值属于哪一列。请取消合并并分别填写。",
    ),
    "merged_count": (
        "expected a number on every line, found one for the merged cells {cells}. "
        "Unmerge them and fill in each.",
        "每行应各有一个数字，但 {cells} 已合并为一个。请取消合并并分别填写。",
    ),
    "disagrees": (
        "expected {first} as in {cell} of the same order, found {found}. Make them equal, "
        "or give the rows different references.",
        "同一订单应与 {cell} 的 {first} 一致，实际为 {found}。请改为一致，或使用不同的单号。",
    ),
    "want_one_of": (
        "expected one of {names}, found both blank. Fill in one of them.{because_en}",
        "{names} 至少填一个，现在都为空。请填写其中之一。{because_zh}",
    ),
    "want_only_one_of": (
        "expected only one of {names}, found more. Empty the others.{because_en}",
        "{names} 只能填一个，现在填了多个。请清空多余的。{because_zh}",
    ),
    "not_among": (
        "expected one of the numbers in {names} of the same order, found {found}. "
        "Correct the number, or add the missing line.{because_en}",
        "应为同一订单 {names} 中的一个，实际为 {found}。请更正，或补上缺少的行。{because_zh}",
    ),
    "rule_equal": (
        "expected {left} to equal {right}. Correct one of the two.{because_en}",
        "{left} 应等于 {right}。请更正其中之一。{because_zh}",
    ),
    "rule_at_least": (
        "expected {left} to be at least {right}. Correct it.{because_en}",
        "{left} 不得小于 {right}。请更正。{because_zh}",
    ),
    "rule_at_most": (
        "expected {left} to be at most {right}. Correct it.{because_en}",
        "{left} 不得大于 {right}。请更正。{because_zh}",
    ),
    "rule_near": (
        "expected {left} to be within {within} % of {right}. Check both.{because_en}",
        "{left} 与 {right} 相差不应超过 {within}%。请核对。{because_zh}",
    ),
    "no_entries": (
        "expected at least one line with {list} for this order, found none. Add one.",
        "该订单至少要有一行 {list}，现在没有。请补充。",
    ),
    "no_key": (
        "expected a number because the order has several of these, found a blank cell. "
        "Number them: rows with the same number are one.",
        "该订单有多个，必须编号，但单元格为空。请编号：编号相同的行视为同一个。",
    ),
    "no_split_name": (
        "expected a name because the order has lines of several, found a blank cell. Fill it in: "
        "the order is sent in one part for each.",
        "该订单涉及多个，此行为空。请填写：订单将按此拆分发送。",
    ),
    "part_collides": (
        "this order is sent in parts, and one of them would be called {found}, which is another "
        "order's reference. Rename one of the two.",
        "该订单需拆分发送，其中一部分的单号 {found} 与另一订单重复。请修改其中之一。",
    ),
    "alike": (
        "the reference {found} differs from {other} only in case or width. "
        "Check that they are two orders.",
        "单号 {found} 与 {other} 仅大小写或全半角不同。请确认是两个订单。",
    ),
    "row_repeats": (
        "the row repeats row {row} exactly. Delete it if it was copied by mistake.",
        "该行与第 {row} 行完全相同。若为误复制请删除。",
    ),
    # -- notes on the whole sheet --------------------------------------------------------------
    "note_unknown": (
        "Column {column} {title} is not known and was not used.",
        "{column} 列 {title} 无法识别，未使用。",
    ),
    "note_unknown_near": (
        "Column {column} {title} is not known and was not used. Did you mean '{near}'? "
        "Then rename the column.",
        "{column} 列 {title} 无法识别，未使用。是否为“{near}”？如是请改列名。",
    ),
    "layout_rows": (
        "One row per item, order number in {column}: {orders} orders, {items} items.",
        "每行一个明细，单号在 {column}：共 {orders} 个订单，{items} 条明细。",
    ),
    "layout_numbered": (
        "Numbered columns with several items in a row, order number in {column}: "
        "{orders} orders, {items} items.",
        "一行多个带编号的明细列，单号在 {column}：共 {orders} 个订单，{items} 条明细。",
    ),
    "layout_form": (
        "Labels with their values above the table, one row per item, order number in {column}: "
        "{orders} orders, {items} items.",
        "表格上方为标签和内容，每行一个明细，单号在 {column}：共 {orders} 个订单，{items} 条明细。",
    ),
    "layout_sheets": (
        "Orders and their lists on several sheets ({sheets}), order number in {column}: "
        "{orders} orders, {items} items.",
        "订单与明细分布在多个工作表（{sheets}），单号在 {column}："
        "共 {orders} 个订单，{items} 条明细。",
    ),
    "note_hint_row": (
        "Row {rows} ({text} …) explains the columns and is no order; it was passed over.",
        "第 {rows} 行（{text} …）为填写说明，不是订单，已跳过。",
    ),
    "note_repeated_header": (
        "Row {rows} repeats the header and was passed over.",
        "第 {rows} 行重复表头，已跳过。",
    ),
    "note_total_row": (
        "Row {rows} ({text} …) is a total and was passed over.",
        "第 {rows} 行（{text} …）为合计行，已跳过。",
    ),
    "note_hidden_included": (
        "{count} rows with data are hidden in the sheet and were taken too, as you said: {rows}.",
        "按您的选择，{count} 个隐藏的数据行也已读取：{rows}。",
    ),
    "note_hidden_excluded": (
        "{count} rows with data are hidden in the sheet and were left out, as you said: {rows}.",
        "按您的选择，{count} 个隐藏的数据行未读取：{rows}。",
    ),
    "note_hidden_column": (
        "Column {column} {title} is hidden in the sheet; its values are used all the same.",
        "{column} 列 {title} 在表中是隐藏的，其内容仍已使用。",
    ),
    "note_merged": (
        "The value of merged cells counts for every row that they cover: {cells}.",
        "合并单元格的内容用于其覆盖的每一行：{cells}。",
    ),
    "note_continued": (
        "Rows without a reference were taken as further lines of the order above them: {rows}.",
        "没有单号的行视为上方订单的后续行：{rows}。",
    ),
    "note_numbered_rows": (
        "Rows without a reference were taken as lines of the order with their number, or of the "
        "one above: {rows}.",
        "没有单号的行按序号或上方订单归属：{rows}。",
    ),
    "note_converted": (
        "Column {column} {title} is in {unit}; its numbers were converted to {wanted}.",
        "{column} 列 {title} 的单位是 {unit}，已换算为 {wanted}。",
    ),
    "note_currency": (
        "The currency is {currency} where no other is given, as the title of column {column} "
        "{title} says.",
        "未另填币种时按 {column} 列标题 {title} 取 {currency}。",
    ),
    "note_shared": (
        "Column {column} {title} has no number: it counts for every numbered item of its row.",
        "{column} 列 {title} 不带编号，用于同一行的每个明细。",
    ),
    "note_not_needed": (
        "Column {column} {title} was not used, because {other} is what it may stand in for.",
        "{column} 列 {title} 未使用，因为已有 {other}。",
    ),
    "note_labels": (
        "{count} values stand above the table and count for every row of it: {cells}.",
        "表格上方的 {count} 项内容用于表中每一行：{cells}。",
    ),
    "note_unknown_label": (
        "{cell} {title} above the table is not known and was not used.",
        "表格上方的 {cell} {title} 无法识别，未使用。",
    ),
    "note_choices_written": (
        "{file} now lists every column and what it was taken for. Correct it there, and give the "
        "same file the next time.",
        "{file} 已列出每一列及其识别结果。可在其中更正，下次使用同一文件。",
    ),
    "note_pictures_unused": (
        "Pictures in columns that take none ({count} of them, the first in {cell}) are not sent. "
        "If they should be, call their column {title}.",
        "有 {count} 张图片不在图片列中（第一张在 {cell}），不会发送。如需发送，"
        "请把该列标题改为 {title}。",
    ),
    "note_pictures_unread": (
        "The workbook holds pictures, which are read from .xlsx only. "
        "Save it as .xlsx if the orders need them.",
        "工作簿中有图片，但只能从 .xlsx 中读取。如果订单需要图片，请另存为 .xlsx。",
    ),
    "note_text": (
        "The file is called {suffix} but holds plain text; it was read as such.",
        "文件名为 {suffix}，但内容是纯文本，已按文本读取。",
    ),
    "note_encoding": (
        "The text is not UTF-8; by its letters it was read as {encoding}. If they look wrong, "
        "choose another with --encoding.",
        "文本不是 UTF-8，已根据文字按 {encoding} 读取。如有乱码，请用 --encoding 另行指定。",
    ),
    "note_macros": (
        "The workbook has macros. They were not run.",
        "工作簿含有宏，未运行。",
    ),
    "note_links": (
        "The workbook takes values from other workbooks. They were not opened: the values are "
        "those of the last time it was saved in Excel.",
        "工作簿引用了其他工作簿的数据，未打开这些文件：所用的是上次在 Excel 中保存的值。",
    ),
    "note_untitled": (
        "Column {column} has values but no title and was not used.",
        "{column} 列有数据但没有标题，未使用。",
    ),
    "note_no_supplier": (
        "The sheet has no supplier column ({title}); the provider takes one supplier per order.",
        "表中没有供应商列（{title}）；该服务商每单只能有一个供应商。",
    ),
}
