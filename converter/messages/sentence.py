"""What is said to a person, in English and in Chinese at once.

A sentence is written in English where it is needed, as a template; its Chinese stands in a
catalogue under that template, as gettext would have it.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from converter.messages import answers_in_chinese, errors_in_chinese

_NAME = re.compile(r"\{(\w+)\}")


class Sentence(str):
    """The English text, which also knows its Chinese one."""

    __slots__ = ("chinese",)
    chinese: str

    def __new__(cls, english: str, chinese: str) -> Sentence:
        made = super().__new__(cls, english)
        made.chinese = chinese
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str]]:
        return Sentence, (str(self), self.chinese)

    def changed(self, change: Callable[[str], str]) -> Sentence:
        """The same change made to both texts."""
        return Sentence(change(str(self)), change(self.chinese))


def t(template: str, **facts: object) -> Sentence:
    """The sentence of an English template. Facts are put in as they are, never read as a format,
    and those that are sentences themselves in the language of the whole."""
    chinese = answers_in_chinese.SENTENCES.get(template)
    chinese = chinese or errors_in_chinese.SENTENCES.get(template, template)
    return Sentence(filled(template, "en", facts), filled(chinese, "zh", facts))


def filled(template: str, lang: str, facts: Mapping[str, object]) -> str:
    """A template with its `{names}` replaced; a name without a fact stays."""
    text = _NAME.sub(lambda found: in_language(facts.get(found[1], found[0]), lang), template)
    return text.strip() if "" in facts.values() else text  # a blank fact leaves its space


def in_language(text: object, lang: str) -> str:
    """A text as it is said in a language; one that is no sentence is the same in all."""
    return text.chinese if lang == "zh" and isinstance(text, Sentence) else str(text)


def joined(between: str, texts: Iterable[str]) -> Sentence:
    """Several texts, each in its language, as one; no blank follows a Chinese full stop."""
    kept = list(texts)
    chinese = ""
    for place, text in enumerate(kept):
        is_close = not place or (between == " " and chinese.endswith(("。", "？", "！")))
        chinese += ("" if is_close else between) + in_language(text, "zh")
    return Sentence(between.join(kept), chinese)


# -- what others say -----------------------------------------------------------------------------

_SYSTEM = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.EEXIST: "文件已存在",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中有一部分不是文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘为只读",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正被其他程序占用",
    errno.EMFILE: "打开的文件过多",
    errno.ENAMETOOLONG: "名称过长",
    errno.EADDRINUSE: "端口已被占用",
}
if hasattr(errno, "EDQUOT"):  # Windows may not know it
    _SYSTEM[errno.EDQUOT] = "磁盘配额已用完"


_DATABASE = {
    "attempt to write a readonly database": "数据库为只读",
    "database disk image is malformed": "数据库内容已损坏",
    "database is locked": "数据库正被占用",
    "database or disk is full": "磁盘已满",
    "disk I/O error": "磁盘读写出错",
    "file is not a database": "不是数据库文件",
    "unable to open database file": "无法打开数据库文件",
}


def of_system(error: Exception) -> Sentence:
    """What the operating system, or SQLite, has against it."""
    english = getattr(error, "strerror", None) or str(error)
    chinese = _SYSTEM.get(getattr(error, "errno", None) or 0) or _DATABASE.get(english)
    return Sentence(english, chinese or english)


# -- what was said in English --------------------------------------------------------------------


class Known:
    """Tells English texts by their templates, and says them in Chinese too."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = sentences
        self._patterns: list[tuple[str, re.Pattern[str]]] = []

    @lru_cache(1024)  # noqa: B019 - the few that are made live as long as the program
    def __call__(self, text: str) -> str:
        """The text as a sentence, and so its facts; one that is not known stays as it is."""
        # Short templates fit more, and those that begin with a fact fit most.
        self._patterns = self._patterns or [
            (chinese, re.compile("".join(_pieces(template)), re.DOTALL))
            for template, chinese in sorted(
                self._sentences.items(), key=lambda one: (one[0].startswith("{"), -len(one[0]))
            )
        ]
        for chinese, pattern in self._patterns:
            if found := pattern.fullmatch(text):
                facts = {name: self(fact or "") for name, fact in found.groupdict().items()}
                return Sentence(text, filled(chinese, "zh", facts))
        return text


def _pieces(template: str) -> Iterator[str]:
    """A blank fact at an end takes its space along: `{message} Not created` fits `Not created`."""
    parts = re.split(r"(^\{\w+\} | \{\w+\}$|\{\w+\})", template)
    for place, part in enumerate(parts):
        name = part.strip(" {}")
        if place % 2 == 0:
            yield re.escape(part)
        elif part.startswith(" ") or part.endswith(" "):
            yield "(?:" + part.replace(f"{{{name}}}", f"(?P<{name}>.*?)") + ")?"
        else:
            yield f"(?P<{name}>.*?)"


recognised = Known({**answers_in_chinese.SENTENCES, **answers_in_chinese.SYSTEM})
"""What the journal has kept in English of an order. What a provider said stays as it is."""
