"""What the blank order sheet says."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "template_order": ("Order", "订单"),
    "template_list": ("List", "明细"),
    "template_type_text": ("text", "文本"),
    "template_type_integer": ("whole number", "整数"),
    "template_type_decimal": ("number", "数字"),
    "template_type_choice": ("choice", "选项"),
    "template_type_country": ("country", "国家"),
    "template_type_currency": ("currency", "币种"),
    "template_type_datetime": ("date and time", "日期时间"),
    "template_longest": ("up to {max} characters", "最多 {max} 个字符"),
    "template_format_digits": ("digits only", "仅限数字"),
    "template_format_phone": ("phone number", "电话号码"),
    "template_format_latin": ("in English", "英文填写"),
    "template_format_email": ("email address", "邮箱地址"),
    "template_format_url": ("http(s) address", "http(s) 网址"),
    "template_format_hex32": ("32 hex digits", "32 位十六进制"),
    "template_format_base64": ("Base64", "Base64 编码"),
    "template_file": (
        "a picture in the cell, or the name of a file beside this sheet ({types}; up to {max} MB)",
        "单元格内的图片，或本表同文件夹中的文件名（{types}；最大 {max} MB）",
    ),
    "template_any_country": (
        "two-letter code such as US, or the name",
        "二字代码（如 US）或国家名称",
    ),
    "template_any_currency": (
        "three-letter code such as USD, or the name",
        "三字代码（如 USD）或币种名称",
    ),
    "template_not_sent": ("not sent", "不发送"),
    "template_allowed": ("Allowed", "可选值"),
    "template_example": ("Example", "示例"),
    "template_default": ("Blank means {value}.", "留空即为 {value}。"),
    "template_fallback": ("If blank, it is made of other columns.", "留空时自动生成。"),
    "template_single": (
        "May be blank where there is only one.",
        "只有一个时可留空。",
    ),
    "template_only_steers": ("Not sent as a field of its own.", "不单独发送。"),
    "template_need_always": ("Required", "必填"),
    "template_need_group": (
        "Required once another cell of its group is filled",
        "填写了同组任一列时必填",
    ),
    "template_need_no": ("Optional", "选填"),
    "template_short_always": ("required", "必填"),
    "template_short_group": ("with its group", "同组必填"),
    "template_short_no": ("optional", "选填"),
    "template_order_help": (
        "Once per order: on its first row, or the same on every row.",
        "每单一次：填在该订单的第一行，或各行填相同内容。",
    ),
    "template_list_help": ("One entry per row.", "每行一条。"),
    "template_key_help": (
        "Rows with the same {key} are one entry; fill it in once.",
        "{key}相同的行是同一条，内容填一次即可。",
    ),
    "template_pick": (
        "Choose from the list. A name or another spelling may do as well: see the sheet Guide.",
        "请从列表中选择；其他写法见 Guide 表。",
    ),
    "template_column": ("Column", "列"),
    "template_title_zh": ("Chinese title", "中文标题"),
    "template_title_en": ("English title", "英文标题"),
    "template_required": ("Required", "是否必填"),
    "template_group": ("Group", "分组"),
    "template_type": ("Type", "类型"),
    "template_limits": ("Limits", "限制"),
    "template_help": ("Meaning", "说明"),
    "template_aliases": ("Titles also understood", "也可识别的标题"),
    "template_path": ("Field", "字段"),
    "template_rules": ("Rules between columns", "列之间的规则"),
    "template_rule_when": ("if {when}: ", "当 {when} 时："),
    "template_rule_given": ("if {when} is given: ", "填写了 {when} 时："),
    "template_rule_require": ("fill in {fields}", "必须填写：{fields}"),
    "template_rule_any_of": ("fill in at least one of {fields}", "至少填写一项：{fields}"),
    "template_rule_not_both": ("fill in only one of {fields}", "只能填写一项：{fields}"),
    "template_rule_in": ("{one} must be one of {other}", "{one} 必须是 {other} 之一"),
    "template_rule_count": ("the number of {list}", "{list} 的条数"),
    "template_rule_warn": (" (only a warning)", "（仅提醒）"),
    "template_step_1": (
        "Fill in the sheet Orders: one row per item. Rows of one order have the same reference.",
        "在 Orders 表中填写，一行一件商品；同一订单的各行填相同的单号。",
    ),
    "template_step_2": (
        "Dark columns with * are required, medium ones once their group is used, pale ones not.",
        "带 * 的深色列必填；中间色的列在填写同组其他列时必填；浅色列选填。",
    ),
    "template_step_3": (
        "Point at a title to read what belongs there. Columns may be deleted, moved or left blank "
        "if they are not required.",
        "鼠标停在标题上可看说明。非必填的列可以留空、移动或删除。",
    ),
    "template_step_4": (
        "Columns for codes are set to text, so leading zeros stay. The sheet Example shows filled "
        "orders and is never sent.",
        "编码类的列已设为文本，前导零不会丢失。Example 表是填写示例，不会被发送。",
    ),
    "template_step_5": (
        "Then check the file: converter check FILE -p {provider}",
        "填好后先检查：converter check 文件 -p {provider}",
    ),
}
