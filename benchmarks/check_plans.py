"""Every option of many plans looked at by the independent checker; run by hand.

    python benchmarks/check_plans.py [scenario or file ...] [--front] [--only=NAME] [--part=K/N]

Scenarios and files with every variant of `tests/validation/plan_variants.py`, or with each N-th
from the K-th on (K counts up from name to name); without names all scenarios as they are. Prints
what is wrong, what was not looked at, and how many options of how many plans were checked. About
4 s of one core a plan, 10 s with a front.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mdss
from mdss.loading import scenario_names

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "validation"))
import plan_variants as variants
from plan_checker import checked_together, front_violations, sky_violations


def questions(names, only, part, of):
    """Names and questions."""
    for number, name in enumerate(names or scenario_names()):
        if name in scenario_names():
            scenario = mdss.load_scenario(name)
            q = variants.Question(
                event=scenario.event,
                craft=scenario.spacecraft or variants.question_of(scenario.event).craft,
                operations=scenario.operations or mdss.Operations(),
                policy=scenario.policy or mdss.Policy.preset("nasa"),
            )
        else:
            q = variants.question_of(mdss.load_event(name))
        q = replace(q, least_m_s=least_of(q))
        changes = (*variants.SINGLE, *variants.TOGETHER) if names else (variants.plain,)
        for change in changes[(part + number) % of :: of]:
            label = variants.names_of(change)
            if only in label:
                yield f"{Path(name).name}: {label}", lambda q=q, c=change: variants.changed(q, c)


def least_of(q):
    """The least burn of the question as it is; 0.02 m/s where there is none."""
    made = mdss.plan(**q.asked(), dynamics="two_body")
    sizes = [one.dv_total_m_s for one in made.options if one.burns]
    return min(sizes, default=0.02)


def main(arguments):
    """Check and print."""
    front = "--front" in arguments
    only = next((one[7:] for one in arguments if one.startswith("--only=")), "")
    share = next((one[7:] for one in arguments if one.startswith("--part=")), "0/1")
    part, of = (int(one) for one in share.split("/"))
    names = [one for one in arguments if not one.startswith("--")]
    count, skipped = Counter(), Counter()
    for label, make in questions(names, only, part, of):
        try:
            plan = mdss.plan(**make().asked(), front=front)
        except mdss.MdssError as problem:
            print(f"{label}: refused, {problem}", flush=True)
            continue
        options = [*plan.options, *(one.option for one in (plan.front.points if front else ()))]
        reports = checked_together(plan, options)
        wrong = [(o, words) for o, r in zip(options, reports, strict=True) for words in r.wrong]
        count["plans"] += 1
        count["options"] += len(options)
        count["with burns"] += sum(bool(one.burns) for one in options)
        feasible = [one for one in options if one.feasible and one.burns]
        count["feasible with burns"] += len(feasible)
        count.update(str(one.style) for one in feasible)
        skipped.update(words for one in reports for words in one.skipped)
        told = [f"{o.name} ({o.style}): {words}" for o, words in wrong]
        told += sky_violations(plan) + front_violations(plan)
        count["violations"] += len(told)
        styles = Counter(str(one.style) for one in feasible)
        print(f"{label}: {dict(styles)}, {len(told)} wrong", flush=True)
        for words in told:
            print(f"    {words}", flush=True)
    print(dict(count))
    print(dict(skipped))


if __name__ == "__main__":
    main(sys.argv[1:])
