"""Everything that is known about one risk, for the person who has to sign."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mdss.errors import CovarianceError
from mdss.policy import Policy
from mdss.risk.assess import Risk
from mdss.risk.consequence import Consequence, consequence
from mdss.risk.distribution import PcDistribution, pc_distribution
from mdss.risk.encounter_pc import EncounterPc, density_turned, encounter_pc
from mdss.risk.family import FamilyValue, family
from mdss.risk.frisbee import FrisbeeMaximum, frisbee_maximum
from mdss.risk.maximum import MaximumPc, maximum_pc
from mdss.risk.methods import Effort
from mdss.risk.quality import DataQuality, data_quality
from mdss.risk.requirements import Requirements, what_would_have_to_be_true
from mdss.risk.sensitivity import Sensitivity, sensitivity
from mdss.spacecraft import Spacecraft


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """One risk from all sides.

    Parameters
    ----------
    risk : Risk
    family : tuple of FamilyValue
        2D Pc in every published way.
    maximum : MaximumPc
        Over the size of the covariances, and whether Pc is diluted.
    frisbee : FrisbeeMaximum
        As if one covariance were unknown.
    density : EncounterPc or None
        The shared density error counted the other way; None unless both objects carry it.
    sensitivity : Sensitivity
        How Pc answers to each input.
    requirements : Requirements
        What would have to be true for the event to be harmless, or red.
    distribution : PcDistribution
        Of Pc, when the sigmas are off by up to a factor two.
    quality : DataQuality
    consequence : Consequence
    """

    risk: Risk
    family: tuple[FamilyValue, ...]
    maximum: MaximumPc
    frisbee: FrisbeeMaximum
    density: EncounterPc | None
    sensitivity: Sensitivity
    requirements: Requirements
    distribution: PcDistribution
    quality: DataQuality
    consequence: Consequence


def picture(
    risk: Risk,
    *,
    policy: Policy | None = None,
    spacecraft: Spacecraft | None = None,
    now_utc: datetime | None = None,
) -> Picture:
    """A risk with all that it rests on.

    Parameters
    ----------
    risk : Risk
    policy : Policy, optional
        NASA robotic when not given.
    spacecraft : Spacecraft, optional
        Its mass counts for the consequence.
    now_utc : datetime, optional
        Ages are judged at it; see `mdss.risk.verdict.judged_at`.

    Notes
    -----
    No Monte Carlo beyond what `risk` itself may have needed.
    """
    return Picture(
        risk=risk,
        family=family(risk),
        maximum=maximum_pc(risk),
        frisbee=frisbee_maximum(risk.conjunction, risk.hbr.radius_m),
        density=_density(risk),
        sensitivity=sensitivity(risk),
        requirements=what_would_have_to_be_true(risk, policy or Policy.preset("nasa")),
        distribution=pc_distribution(risk),
        quality=data_quality(risk.conjunction, now_utc, policy),
        consequence=consequence(risk, spacecraft),
    )


def _density(risk: Risk) -> EncounterPc | None:
    try:
        return density_turned(risk.encounter, Effort(most_trials=0))
    except CovarianceError:  # the notices of the risk say so
        return None


def with_every_method(risk: Risk, effort: Effort | None = None) -> Risk:
    """The risk with every method computed, what each one took included.

    Parameters
    ----------
    risk : Risk
    effort : Effort, optional
        What Monte Carlo may cost; the same as for `risk`, or the recommended value may change.
    """
    found = encounter_pc(risk.conjunction, risk.hbr.radius_m, effort, all_methods=True)
    return replace(risk, encounter=found)
