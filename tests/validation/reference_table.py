"""What the reference says, what we say, and how far apart: lines of a table that tests print."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """One published number."""

    case: str
    quantity: str
    reference: float | str
    ours: float | str
    bar: float | None
    remark: str = ""

    @property
    def difference(self):
        """Relative; None between texts."""
        if isinstance(self.reference, str):
            return None
        if self.reference == self.ours:
            return 0.0
        return self.ours / self.reference - 1 if self.reference else float("inf")

    @property
    def verdict(self):
        """ "ok", "NOT MET", or "" where there is no bar."""
        if self.bar is None:
            return ""
        off = self.difference
        met = self.reference == self.ours if off is None else abs(off) <= self.bar
        return "ok" if met else "NOT MET"

    def __str__(self):
        def shown(value):
            return f"{value:.8g}" if isinstance(value, float) else str(value)

        off = "" if self.difference is None else f"{self.difference:+.1e}"
        bar = "" if not self.bar else f"{self.bar:.1e}"
        return (
            f"{self.case:46s} {self.quantity:22s} {shown(self.reference):>15s} "
            f"{shown(self.ours):>15s} {off:>9s} {bar:>8s}  {self.verdict:8s}{self.remark}"
        ).rstrip()


@dataclass
class Table:
    """Lines with a title; printed once at the end of a test module (`pytest -s`)."""

    title: str
    lines: list[Line] = field(default_factory=list)

    def add(self, *args, **kwargs):
        """A line; returns it, for assertions. The same case and quantity count once."""
        line = Line(*args, **kwargs)
        known = [(one.case, one.quantity) for one in self.lines]
        if (line.case, line.quantity) not in known:
            self.lines.append(line)
        return line

    def __str__(self):
        head = (
            f"{'case':46s} {'quantity':22s} {'reference':>15s} {'ours':>15s} "
            f"{'relative':>9s} {'bar':>8s}"
        )
        met = sum(one.verdict == "ok" for one in self.lines)
        judged = sum(one.bar is not None for one in self.lines)
        rows = "\n".join(str(one) for one in self.lines)
        return f"\n{self.title}\n{head}\n{rows}\n{met} of {judged} within their bar\n"
