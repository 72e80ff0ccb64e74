"""The screens: Streamlit pages over the verbs of mdss; no formula lives here.

`run` is all that `app.py` needs. Streamlit is imported by the page modules only, so that the
command line can read `mdss.ui.theme` at no cost.
"""

from __future__ import annotations


def run() -> None:
    """Draw the page that the browser asks for."""
    import streamlit as st

    from mdss.ui.event import page
    from mdss.ui.theme import PAGE_TITLE

    st.set_page_config(page_title=PAGE_TITLE, layout="wide")
    st.navigation([st.Page(page, title="Event & options", default=True)], position="hidden").run()
