"""Every error that mdss raises on purpose.

    MdssError
    ├── MessageError        a CDM or other message that cannot be trusted or read
    ├── ConfigError         a spacecraft, operations or policy file
    │   ├── SpacecraftError
    │   ├── OperationsError
    │   └── PolicyError
    ├── ConjunctionError    objects and hard-body radius that make no conjunction
    ├── CovarianceError     a covariance that no probability can be computed from
    ├── FrameError          a frame, central body or epoch that cannot be converted
    │   └── EpochError      a text that is no instant, or a time scale that is not known
    ├── PropagationError    an orbit that cannot be propagated
    └── PlanningError       a question to the planner that has no meaning

"No safe maneuver exists" is an answer and not in this list.
"""

from __future__ import annotations


class MdssError(Exception):
    """Base of all errors raised by mdss; its text tells what to do."""


class MessageError(MdssError):
    """A message that cannot be read or must not be trusted.

    Parameters
    ----------
    problem : str
        What is wrong.
    file : str, optional
        Name of the file.
    line : int, optional
        Line number, from 1.
    field : str, optional
        CCSDS keyword.
    value : str, optional
        The value seen.
    remedy : str, optional
        What the operator can do.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        value: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.field = field
        self.value = value
        self.remedy = remedy
        super().__init__(self._text())

    def _text(self) -> str:
        place = self.file or "message"
        if self.line is not None:
            place += f", line {self.line}"
        if self.field is not None:
            place += f", {self.field}"
        seen = f" (seen: {self.value!r})" if self.value is not None else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}: {self.problem}{seen}.{remedy}"


class ConfigError(MdssError):
    """A spacecraft, operations or policy file that says something impossible."""


class SpacecraftError(ConfigError):
    """A spacecraft description that is not possible."""


class OperationsError(ConfigError):
    """An operations plan that is not possible."""


class PolicyError(ConfigError):
    """A policy that contradicts itself."""


class ConjunctionError(MdssError):
    """Objects and hard-body radius that do not make a conjunction."""


class CovarianceError(MdssError):
    """A covariance that no probability can be computed from."""


class FrameError(MdssError):
    """A frame, central body or epoch that cannot be converted."""


class EpochError(FrameError, ValueError):
    """A text that is no instant, or a time scale that is not known.

    Parameters
    ----------
    problem : str
        What is wrong, with the text.
    index : int
        Which of several texts, from 0.
    """

    def __init__(self, problem: str, *, index: int = 0) -> None:
        self.index = index
        super().__init__(problem)


class PropagationError(MdssError):
    """An orbit that cannot be propagated."""


class PlanningError(MdssError):
    """A question to the planner that has no meaning."""
