"""`python -m mdss` is `mdss`."""

from mdss.cli import main

if __name__ == "__main__":
    main()
