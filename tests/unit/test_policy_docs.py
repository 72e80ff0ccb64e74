"""docs/policies.md shows the presets as the code has them.

To renew the tables after an intended change: `python tests/unit/test_policy_docs.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from mdss.policy import Level, Policy, preset_names
from mdss.report.policies import policy_rows
from mdss.report.verdict_words import LEVEL_WORDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policies.md"
BEGIN, END = "<!-- presets: begin -->\n", "<!-- presets: end -->\n"


def tables() -> str:
    """The presets as Markdown, one table each."""
    return "\n".join(_table(Policy.preset(name)) for name in preset_names())


def _table(policy: Policy) -> str:
    rows = [f"| {name} | {value} | {source} |" for name, value, source in policy_rows(policy)]
    head = [
        f"### `{policy.name}`: {policy.title}",
        "",
        "| field | value | source |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def test_the_page_has_the_tables_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    assert shown == tables()


def test_the_page_names_every_verdict_in_its_order() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `([a-z-]+)` \|", PAGE.read_text(encoding="utf-8"), re.M)
    assert rows == [(LEVEL_WORDS[level], str(level)) for level in Level]


def test_the_example_file_of_the_page_loads(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    policy = Policy.from_toml(tmp_path / "policy.toml")
    assert [one.name for one in policy.criteria] == ["notification box", "keep out"]
    assert policy.pc_act_always == Policy.preset("crewed").pc_act_always


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    PAGE.write_text(before + tables() + after, encoding="utf-8")
