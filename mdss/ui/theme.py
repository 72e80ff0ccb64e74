"""How the screens look: options for Streamlit, and one style sheet from the palette."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files

from mdss.report.palette import DARK, LIGHT, Palette

PAGE_TITLE = "mdss"

Option = str | int | bool


def options() -> dict[str, Option]:
    """Streamlit's configuration, by dotted name; `.streamlit/config.toml` says the same."""
    return {**_BEHAVIOUR, **_SIZES, **_colors("dark", DARK), **_colors("light", LIGHT)}


def streamlit_options() -> list[str]:
    """The configuration as options for `streamlit run`, so that it holds in any folder.

    Examples
    --------
    >>> "--browser.gatherUsageStats=false" in streamlit_options()
    True
    """
    return [f"--{name}={_plain(value)}" for name, value in options().items()]


def _plain(value: Option) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def config_toml() -> str:
    """The text of `.streamlit/config.toml`."""
    sections: dict[str, list[str]] = {}
    for name, value in options().items():
        section, key = name.rsplit(".", 1)
        text = f'"{value}"' if isinstance(value, str) else _plain(value)
        sections.setdefault(section, []).append(f"{key} = {text}")
    head = "# Written by mdss.ui.theme.config_toml; a test keeps both equal.\n"
    return head + "".join(
        f"\n[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items()
    )


_BEHAVIOUR: dict[str, Option] = {
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 10,
}

_SIZES: dict[str, Option] = {
    "theme.base": "dark",
    "theme.font": "sans-serif",
    "theme.codeFont": "monospace",
    "theme.baseFontSize": 14,
    "theme.baseRadius": "4px",
    "theme.buttonRadius": "4px",
    "theme.paddingTop": "0.5rem",
    "theme.paddingBottom": "1rem",
    "theme.showWidgetBorder": True,
    "theme.linkUnderline": True,
}


def _colors(theme: str, colors: Palette) -> dict[str, Option]:
    named = {
        "primaryColor": colors.selection,
        "backgroundColor": colors.page,
        "secondaryBackgroundColor": colors.panel,
        "textColor": colors.text,
        "borderColor": colors.border,
        "linkColor": colors.selection,
        "codeTextColor": colors.text,
        "codeBackgroundColor": colors.panel,
        "redColor": colors.act,
        "yellowColor": colors.caution,
        "greenColor": colors.ok,
        "blueColor": colors.info,
        "grayColor": colors.off,
    }
    return {f"theme.{theme}.{name}": value for name, value in named.items()}


def style_sheet(colors: Palette) -> str:
    """One `<style>` block: the palette as variables, then the rules."""
    variables = "".join(
        f"--m-{name.replace('_', '-')}:{value};"
        for name, value in asdict(colors).items()
        if isinstance(value, str)
    )
    rules = files("mdss.ui").joinpath("style.css").read_text(encoding="utf-8")
    return f"<style>:root{{{variables}}}\n{rules}</style>"
