"""The published rules of several operators, each value with its source and date.

"Reported" marks what is known from others than the operator, or from a document whose text
could not be compared; "ours" what nobody published. docs/policies.md says what is disputed.
"""

from __future__ import annotations

from types import MappingProxyType

from mdss.policy import DEFAULT_SOURCES, Criterion, Level, Policy, Regime

_NASA_HANDBOOK = (
    "NASA Spacecraft Conjunction Assessment and Collision Avoidance Best Practices Handbook,"
    " NASA/SP-20205011318 (2020) and NASA/SP-20230002470 Rev 1 (2023)"
)
_NASA_PAGE = "NASA, Space Debris and Human Spacecraft, 2021-05-26"
_OUTPOST = "NASA, The International Space Station: Operating an Outpost in the New Frontier, 2017"
_ESA_SLIDES = (
    "Q. Funke et al., Operational Collision Avoidance at ESOC, ESA Space Debris Office, 2018-11-09"
)
_ESA_PAPER = (
    "K. Merz et al., Current Collision Avoidance Service by ESA's Space Debris Office,"
    " 7th European Conference on Space Debris, 2017"
)
_METOP = "EUMETSAT on the Metop-A maneuver of 2012-03-02, reported by the press of that month"
_SPACEX_2023 = "SpaceX semi-annual constellation status report to the FCC, 2023-06-30"
_SPACEX_2025 = "SpaceX semi-annual constellation status report to the FCC, 2025-12-31"
_NRC = (
    "National Research Council, Limiting Future Collision Risk to Spacecraft, 2011, chapter 9:"
    " JSpOC reports LEO approaches within 1 km overall and 200 m radially, 3 days ahead"
)

_BY_PC = "probability decides: as the source of pc_act"
_TWO_ORDERS = "ours, 2026: two orders of magnitude below pc_act; no source gives a value"

_NASA = Policy(
    name="nasa",
    title="NASA robotic missions",
    pc_watch=1e-7,
    pc_act=1e-4,
    pc_target=3e-6,
    sources={
        "by_pc": _BY_PC,
        "pc_watch": (
            f"{_NASA_HANDBOOK}, reported: events are worked from 1e-7; other accounts start the"
            " yellow band at 1e-5"
        ),
        "pc_act": f"{_NASA_HANDBOOK}: robotic missions act at 1e-4",
        "pc_target": (
            f"{_NASA_HANDBOOK}, reported: reduce by 1.5 orders of magnitude, a factor 0.03"
        ),
        **DEFAULT_SOURCES,
    },
)

_CREWED = Policy(
    name="crewed",
    title="Crewed station, after the flight rules of the ISS",
    pc_act=1e-5,
    pc_act_always=1e-4,
    pc_target=3e-7,
    criteria=(
        Criterion(
            name="notification box",
            level=Level.NOTIFY,
            box_half_rtn_m=(750.0, 25e3, 25e3),
            source=f"{_NASA_PAGE}: 1.5 x 50 x 50 km; disputed, ±0.5 km radially in {_OUTPOST}",
        ),
    ),
    sources={
        "by_pc": _BY_PC,
        "pc_act": f"{_NASA_PAGE}: above 1e-5 a maneuver unless it harms mission objectives",
        "pc_act_always": f"{_NASA_PAGE}: above 1e-4 a maneuver unless it adds risk to the crew",
        "pc_target": "ours, 2026: NASA's 1.5 orders of magnitude below pc_act; none published",
        "criteria": (
            f"{_NASA_PAGE}: ±0.75 km radially, ±25 km in the other two; {_OUTPOST}: ±0.5 km. The"
            " wider, newer one is taken"
        ),
        **DEFAULT_SOURCES,
    },
)

_ESA = Policy(
    name="esa",
    title="ESA missions in low orbit",
    pc_act=1e-4,
    act_within_h=24.0,
    pc_target=1e-6,
    sources={
        "by_pc": _BY_PC,
        "pc_act": f"{_ESA_PAPER} and {_ESA_SLIDES}: typically 1e-4 at one day before TCA",
        "act_within_h": (
            f"{_ESA_SLIDES}: the threshold holds at one day to TCA, for 90 % less risk at 1 to 3"
            " maneuvers a year; each mission decides on its own"
        ),
        "pc_target": _TWO_ORDERS,
        **DEFAULT_SOURCES,
    },
)

_EUMETSAT = Policy(
    name="eumetsat",
    title="EUMETSAT, as reported for Metop-A",
    pc_act=1e-4,
    pc_target=1e-6,
    sources={
        "by_pc": _BY_PC,
        "pc_act": f"{_METOP}: a maneuver is started above 1 in 10,000 (that one stood at 1:1260)",
        "pc_target": _TWO_ORDERS,
        **DEFAULT_SOURCES,
    },
)

_CONSTELLATION = Policy(
    name="constellation",
    title="Large constellation, as Starlink in 2023",
    pc_act=1e-5,
    pc_target=1e-7,
    sources={
        "by_pc": _BY_PC,
        "pc_act": f"{_SPACEX_2023}, reported: 1e-5; lower since (1e-6 reported for 2024)",
        "pc_target": _TWO_ORDERS,
        **DEFAULT_SOURCES,
    },
)

_CONSTELLATION_2025 = Policy(
    name="constellation-2025",
    title="Large constellation, as Starlink in 2025",
    pc_act=3e-7,
    pc_target=3e-9,
    sources={
        "by_pc": _BY_PC,
        "pc_act": f"{_SPACEX_2025}, reported: 3 in 10 million",
        "pc_target": _TWO_ORDERS,
        **DEFAULT_SOURCES,
    },
)

_EMERGENCY_2010 = Policy(
    name="emergency-2010",
    title="Emergency notification by JSpOC in 2010, by distance only",
    by_pc=False,
    pc_act=1e-4,
    pc_target=3e-6,
    criteria=(
        Criterion(
            name="LEO emergency",
            level=Level.NOTIFY,
            miss_m=1000.0,
            radial_m=200.0,
            within_h=72.0,
            regime=Regime.LEO,
            source=_NRC,
        ),
        Criterion(
            name="GEO emergency",
            level=Level.NOTIFY,
            miss_m=10e3,
            within_h=72.0,
            regime=Regime.GEO,
            source="reported for 2010: 10 km; disputed, 5 km in the Research Council's of 2011",
        ),
    ),
    sources={
        "by_pc": f"{_NRC}; no probability in it",
        "pc_act": "ours, 2026: NASA's robotic value, for planning only; the rule has none",
        "pc_target": "ours, 2026: NASA's robotic value, for planning only; the rule has none",
        "criteria": f"{_NRC}, and 5 km in GEO, where 10 km is reported for 2010",
        **DEFAULT_SOURCES,
    },
)

PRESETS = MappingProxyType(
    {
        one.name: one
        for one in (
            _NASA,
            _CREWED,
            _ESA,
            _EUMETSAT,
            _CONSTELLATION,
            _CONSTELLATION_2025,
            _EMERGENCY_2010,
        )
    }
)
"""Every preset by its name, in the order in which they are listed."""
