"""The screens of mdss; start them with `mdss serve` or `streamlit run app.py`."""

from mdss.ui import run

run()
