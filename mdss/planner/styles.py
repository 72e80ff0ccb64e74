"""Plans of more than one impulse, where they have something to offer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mdss.planner.box.deviation import BOX
from mdss.planner.box.out_and_back import out_and_back
from mdss.planner.candidates import Sweep
from mdss.planner.draft import Draft
from mdss.planner.linear_pc import LONG_SHARE
from mdss.planner.options import Option, OptionName
from mdss.planner.several_draft import several_burns
from mdss.planner.thrust_arcs import thrust_arcs

_WORTH_IT = 0.999  # of the delta-v of one burn: sizes are set to Pc within 1 %

Answer = tuple[OptionName, Draft | None, str, str]
"""Name, draft, and where there is none what binds and why."""


def other_styles(found: Sweep, single: Sequence[Option], period_s: float) -> Iterator[Answer]:
    """Drafts of several burns, thrust arcs and out-and-back, where each applies.

    Several burns where the largest burn is too small at a time that is open; thrust arcs where
    the least burn takes long; both only if that takes less than one burn. Out and back where
    the spacecraft has a box to return to.

    Parameters
    ----------
    found : Sweep
        Of single burns, all directions.
    single : sequence of Option
        Those that were flown.
    period_s : float
        Orbital period [s].
    """
    setting = found.setting
    least = min((one.dv_total_m_s for one in single if one.feasible and one.burns), default=np.inf)
    works = np.isfinite(least)
    if _cap_binds(found):
        draft, why = several_burns(setting)
        hopeless = not works and not np.any(found.possible)  # else one burn would do, but for more
        if hopeless if draft is None else draft.dv_m_s < _WORTH_IT * least:
            yield OptionName.SEVERAL_BURNS, draft, "maximum delta-v", why
    if _lasts_long(found, period_s):
        draft, why = thrust_arcs(setting)
        if draft and draft.dv_m_s < _WORTH_IT * least:
            yield OptionName.THRUST_ARCS, draft, "thrust", why
    if setting.spacecraft.station_keeping is not None:
        answer = out_and_back(setting, found)
        yield OptionName.OUT_AND_BACK, answer.draft, answer.binds or BOX, answer.reason


def _cap_binds(found: Sweep) -> bool:
    timing = found.schedule
    closed = timing.too_late | timing.closed | ~np.isfinite(found.optimum.dv_m_s)
    return bool(np.any((found.too_large | found.too_long) & ~closed))


def _lasts_long(found: Sweep, period_s: float) -> bool:
    """Whether the least burn, allowed or not, is too long to count as an impulse."""
    dv = found.optimum.dv_m_s
    least = int(np.argmin(np.where(np.isfinite(dv), dv, np.inf)))
    return bool(np.isfinite(dv[least]) and found.lasts_s[least] > LONG_SHARE * period_s)
