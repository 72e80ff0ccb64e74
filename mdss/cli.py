"""The command line: each command gathers its inputs, calls one verb, prints what came back.

Exit codes: 0 done; 1 a defect of mdss; 2 bad input; 3 a burn is called for, or cannot be ruled
out, and none is feasible.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mdss import __version__
from mdss.errors import MdssError

if TYPE_CHECKING:
    from mdss.loading import Scenario
    from mdss.orbit_files import OrbitFile
    from mdss.planner.options import Plan
    from mdss.policy import Policy
    from mdss.risk.methods import Effort
    from mdss.screening import Screening

DONE, DEFECT, BAD_INPUT, NO_FEASIBLE_MANEUVER = 0, 1, 2, 3
DEMO_SCENARIO = "observer7_fragment49863"

app = typer.Typer(
    name="mdss",
    help="Maneuver decision support: conjunction message in, verified maneuver options out.",
    epilog="Exit codes: 0 done, 2 bad input, 3 a burn is called for and none is feasible.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(
    help="Rules of operators: list, show, compare on one event.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(policy_app, name="policy")


class Form(StrEnum):
    """How `convert` writes; the same as `mdss.messages.collection.Form`, which costs imports."""

    KVN = "kvn"
    XML = "xml"
    JSON = "json"


class SchemaName(StrEnum):
    """Outputs that have a JSON Schema."""

    RISK = "risk"
    PLAN = "plan"
    FIND = "find"
    POLICY = "policy"
    POLICY_COMPARE = "policy-compare"


AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output, nothing else.")]
HardBodyRadius = Annotated[
    float | None,
    typer.Option("--hbr", metavar="M", help="Combined hard-body radius [m]; overrides all else."),
]
SpacecraftFile = Annotated[
    Path | None, typer.Option("--spacecraft", metavar="F", help="Spacecraft, TOML.")
]
OperationsFile = Annotated[
    Path | None,
    typer.Option("--operations", metavar="F", help="Windows, payload, contacts, leads, TOML."),
]
PolicyName = Annotated[
    str | None,
    typer.Option(
        "--policy", metavar="F|PRESET", help="Policy, TOML, or a preset (mdss policy list)."
    ),
]
Maneuvering = Annotated[
    str | None,
    typer.Option(
        "--maneuvering", metavar="D", help="Designator of the object that can burn, or OBJECT2."
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="UTC",
        help="Deadlines are judged against it: 2026-03-01T12:00:00Z. Without it the clock, or "
        "the newest message's creation when TCA is past.",
    ),
]
SecondOpinion = Annotated[
    bool,
    typer.Option(
        "--second-opinion",
        help="Fly no burn and the recommended burn again with boinor's dynamics, and compare.",
    ),
]
FrontWanted = Annotated[
    bool,
    typer.Option(
        "--front",
        help="Also the trade-off: plans of which none beats another in fuel, payload, risk, "
        "deviation and decision lead.",
    ),
]
WeightsText = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="NAME=X,...",
        help="Prices in minutes of payload, over those of the policy: fuel (a gram), "
        "interruption (a minute), risk (a Pc target), deviation (a box), lateness (an hour).",
    ),
]
RobustnessWanted = Annotated[
    bool,
    typer.Option(
        "--robustness",
        help="Also what is left of each option when burns, covariances or the radius turn out "
        "otherwise; the worst case named.",
    ),
]
RobustSet = Annotated[
    str | None,
    typer.Option(
        "--robust",
        metavar="SET",
        help="Size burns so that they hold in every case of a set: hot-cold, timing, covariance, "
        "hbr, all.",
    ),
]
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="CDMs (KVN, XML), folders of them, scenarios.")
]


# --- commands -----------------------------------------------------------------------------


@app.command("risk")
def risk_command(
    files: Files,
    hbr: HardBodyRadius = None,
    spacecraft: SpacecraftFile = None,
    policy: PolicyName = None,
    maneuvering: Maneuvering = None,
    ephemeris: Annotated[
        list[str] | None,
        typer.Option(
            "--ephemeris",
            metavar="OBJECT=FILE",
            help="Take this object (designator, OBJECT1 or OBJECT2) from an OEM, OPM, TLE or OMM: "
            "TCA is found again and the differences are told. May be given for both.",
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="All sides of the newest message of each event: methods, 2D Pc in every way, "
            "maximum, dilution, sensitivity, density error, data quality, consequence.",
        ),
    ] = False,
    methods: Annotated[
        bool,
        typer.Option(
            "--methods",
            help="Compute every method for the newest message of each event, Monte Carlo too.",
        ),
    ] = False,
    history: Annotated[
        bool,
        typer.Option(
            "--history",
            help="Each event from its first message to its newest: rows, whether the updates "
            "agree, and a forecast of Pc.",
        ),
    ] = False,
    together: Annotated[
        bool,
        typer.Option(
            "--together", help="Also the collision risk of all events together, 1 − Π(1 − Pc)."
        ),
    ] = False,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            metavar="N",
            min=0,
            help="Most trials of Monte Carlo, 200000 by default; 0 forbids it.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Seed of Monte Carlo.")
    ] = 1,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Collision probability of each message, and how far it can be trusted."""
    with _busy("Reading and assessing …") as progress:
        from mdss.details import Wanted, detailed
        from mdss.inbox import assess_files
        from mdss.units import as_utc

        common: dict[str, Any] = {
            "hard_body_radius_m": _checked_radius(hbr),
            "spacecraft": _spacecraft(spacecraft),
            "policy": _policy(policy),
            "maneuvering": maneuvering,
            "effort": _effort(trials, seed, progress),
        }
        found = detailed(
            assess_files(files, orbits=_orbits(ephemeris or ()), **common),
            Wanted(full=full, methods=methods, history=history, together=together),
            now_utc=None if now is None else as_utc(now),
            **common,
        )
    if as_json:
        from mdss.report.as_json import details_json, dumps

        print(dumps(details_json(found)))
    else:
        from mdss.report.risk_tables import risk_tables

        _show(risk_tables(found))
    problems = [one for one in found.entries if one.problem is not None]
    for one in problems:
        _complain(f"{one.problem}")
    raise typer.Exit(BAD_INPUT if problems else DONE)


@app.command("plan")
def plan_command(
    what: Annotated[
        str, typer.Argument(metavar="FILE|SCENARIO", help="CDM, folder of one event, scenario.")
    ],
    spacecraft: SpacecraftFile = None,
    operations: OperationsFile = None,
    policy: PolicyName = None,
    maneuvering: Maneuvering = None,
    hbr: HardBodyRadius = None,
    now: Now = None,
    front: FrontWanted = False,
    weights: WeightsText = None,
    robustness: RobustnessWanted = False,
    robust: RobustSet = None,
    second_opinion: SecondOpinion = False,
    as_json: AsJson = False,
) -> None:
    """Burn or not, when, how much, in which direction: verified options, ranked."""
    made = _planned(
        what,
        spacecraft=spacecraft,
        operations=operations,
        policy=policy,
        maneuvering=maneuvering,
        hard_body_radius_m=_checked_radius(hbr),
        now=now,
        weights=weights,
        front=front,
        robust=robust,
    )
    if robustness:
        made = _with_robustness(made)
    if second_opinion:
        made = _with_second_opinion(made)
    _print_plan(made, as_json)
    raise typer.Exit(_plan_code(made))


@app.command("find")
def find_command(
    first: Annotated[
        str,
        typer.Argument(
            metavar="A", help="OEM, OPM, TLE or OMM; FILE#DESIGNATOR where it has several objects."
        ),
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="The same for the other object.")],
    window: Annotated[
        str | None,
        typer.Option(
            "--window",
            metavar="START/END|LENGTH",
            help="ISO 8601, or a length (24h, 7d) from the later of both first epochs. Default: "
            "what both files cover, a week where they are states or elements only.",
        ),
    ] = None,
    max_distance: Annotated[
        float | None,
        typer.Option(
            "--max-distance",
            metavar="M",
            help="List every approach within it [m]; without it the ten closest.",
        ),
    ] = None,
    hbr: HardBodyRadius = None,
    sigma: Annotated[
        str | None,
        typer.Option(
            "--sigma",
            metavar="R,T,N",
            help="Assumed 1-sigma of an object without covariance [m]; for TLE and OMM also "
            "'usual' (of such orbits), or 'series' (grown from at least three sets in the file).",
        ),
    ] = None,
    policy: PolicyName = None,
    write_cdm: Annotated[
        Path | None,
        typer.Option(
            "--write-cdm", metavar="FOLDER", help="Write the listed approaches as CDMs, KVN."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite CDMs in FOLDER.")] = False,
    as_json: AsJson = False,
) -> None:
    """All close approaches of two objects in a window, from two orbit files."""
    with _busy("Reading and searching …"):
        from mdss.orbit_files import parsed_sigmas
        from mdss.screening import screen

        found = screen(
            first,
            second,
            window_text=window,
            max_distance_m=max_distance,
            hard_body_radius_m=_checked_radius(hbr),
            assumed=None if sigma is None else parsed_sigmas(sigma),
            policy=_policy(policy),
        )
    if write_cdm is not None:
        _write_cdms(found, write_cdm, force)
    if as_json:
        from mdss.report.approaches import find_json
        from mdss.report.as_json import dumps

        print(dumps(find_json(found)))
    else:
        from mdss.report.approaches import find_tables

        _show(find_tables(found))


@app.command("convert")
def convert_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CDM, OEM, OPM or OMM (KVN, XML), OMM as JSON or CSV, TLE, cdm_public JSON.",
        ),
    ],
    to: Annotated[Form, typer.Option("--to", help="What to write.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", "--output", metavar="OUT", help="Default: standard output."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT.")] = False,
) -> None:
    """Write the messages of a file as KVN, XML or JSON; a TLE becomes an OMM.

    The kind of message is told from the content. What would lose data is refused.
    """
    from mdss.messages.collection import Form as MessageForm
    from mdss.messages.collection import write_messages
    from mdss.messages.detect import read_messages
    from mdss.notices import in_brief

    messages = read_messages(file)
    text = write_messages(messages, MessageForm(to), datetime.now(UTC))
    for line in in_brief(notice for one in messages for notice in one.notices):
        _complain(f"warning: {line}")
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text, force)


@app.command("demo")
def demo_command(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="See mdss scenarios.")
    ] = DEMO_SCENARIO,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Print the options and stop.")
    ] = False,
    port: Annotated[int | None, typer.Option("--port", metavar="N", min=1, max=65535)] = None,
) -> None:
    """Plan a bundled scenario, print the options, then serve the screens on localhost."""
    made = _planned(scenario)
    _print_plan(made, as_json=False)
    if no_serve:
        raise typer.Exit(_plan_code(made))
    _serve(scenario, port)


@app.command("serve")
def serve_command(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Shown first; see mdss scenarios.")
    ] = DEMO_SCENARIO,
    port: Annotated[int | None, typer.Option("--port", metavar="N", min=1, max=65535)] = None,
) -> None:
    """Serve the screens on localhost."""
    _serve(scenario, port)


@app.command("scenarios")
def scenarios_command() -> None:
    """List the bundled scenarios, each with its verdict."""
    from mdss.loading import load_scenario, scenario_names
    from mdss.report.tables import scenarios_table

    _show(scenarios_table(load_scenario(name) for name in scenario_names()))


@app.command("schema")
def schema_command(
    name: Annotated[SchemaName, typer.Argument(help="Of which command's --json output.")],
) -> None:
    """Print the JSON Schema of an output."""
    from mdss.report.as_json import dumps, schema

    print(dumps(schema(name)))


@policy_app.command("list")
def policy_list_command() -> None:
    """List the presets: thresholds, targets, criteria."""
    from mdss.policy import Policy, preset_names
    from mdss.report.policies import policies_table

    _show(policies_table(Policy.preset(name) for name in preset_names()))


@policy_app.command("show")
def policy_show_command(
    policy: Annotated[str, typer.Argument(metavar="F|PRESET", help="Preset or TOML file.")],
    as_json: AsJson = False,
) -> None:
    """Every value of a policy, with its source."""
    from mdss.policy import Policy

    shown = Policy.load(policy)
    if as_json:
        from mdss.report.as_json import dumps
        from mdss.report.policy_json import policy_json

        print(dumps(policy_json(shown)))
    else:
        from mdss.report.policies import policy_table

        _show(policy_table(shown))


@policy_app.command("compare")
def policy_compare_command(
    what: Annotated[
        str, typer.Argument(metavar="FILE|SCENARIO", help="CDM, folder of one event, scenario.")
    ],
    policies: Annotated[
        list[str] | None,
        typer.Option(
            "--policy",
            metavar="F|PRESET",
            help="Policy, TOML, or a preset; may be repeated. Default: the event's own, if its "
            "folder has one, and every preset.",
        ),
    ] = None,
    spacecraft: SpacecraftFile = None,
    maneuvering: Maneuvering = None,
    hbr: HardBodyRadius = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """The same event under several policies: verdict, limit crossed, target of a burn."""
    from mdss.loading import load_planning
    from mdss.risk.verdict import compare_policies, judged_at
    from mdss.units import as_utc

    case = load_planning(what)
    ours = _spacecraft(spacecraft) or case.spacecraft
    designator = maneuvering or (ours.designator if ours is not None else "OBJECT1")
    newest = case.event.latest.oriented(designator)
    at, source = judged_at(newest, None if now is None else as_utc(now))
    verdicts = compare_policies(
        newest,
        policies or _policies_of(case),
        now_utc=at,
        hard_body_radius_m=_checked_radius(hbr),
        spacecraft=ours,
    )
    if as_json:
        from mdss.report.as_json import dumps
        from mdss.report.policy_json import comparison_json

        print(dumps(comparison_json(case.event.event_id, newest, verdicts, at, source)))
    else:
        from mdss.report.policies import comparison_table

        _show(comparison_table(newest, verdicts, at, source))


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"mdss {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    # --debug is taken out of the arguments by `main`, so that it may stand anywhere
    del version, debug


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error becomes one message on standard error.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process when not given.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    _write_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in given:
        app([one for one in given if one != "--debug"], prog_name="mdss")
    else:
        _run(given)


def _run(arguments: list[str]) -> None:
    try:
        app(arguments, prog_name="mdss")
    except (MdssError, OSError) as problem:
        _complain(f"error: {problem}")
        raise SystemExit(BAD_INPUT) from None
    except Exception as problem:
        said = f"{type(problem).__name__}: {problem}".splitlines()[0]
        _complain(
            f"error: a defect in mdss, {said}. Add --debug to see where, and please report it"
        )
        raise SystemExit(DEFECT) from None


def _write_utf8() -> None:
    """JSON is UTF-8, and σ, Δ and ★ have no place in older encodings."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


# --- gathering inputs ---------------------------------------------------------------------


def _planned(
    what: str,
    *,
    spacecraft: Path | None = None,
    operations: Path | None = None,
    policy: str | None = None,
    now: str | None = None,
    weights: str | None = None,
    **others: Any,
) -> Plan:
    """The plan of a file, folder or scenario, its own TOML files used unless others are given."""
    with _busy("Planning: sweep of burn times, then each option flown …"):
        from mdss.loading import load_planning
        from mdss.planner.plan import plan
        from mdss.units import as_utc

        case = load_planning(what)
        return plan(
            case.event,
            _spacecraft(spacecraft) or case.spacecraft,
            _operations(operations) or case.operations,
            _weighted(_policy(policy) or case.policy, weights),
            now_utc=None if now is None else as_utc(now),
            **others,
        )


def _with_robustness(made: Plan) -> Plan:
    with _busy("Letting one thing after the other turn out otherwise …"):
        from mdss.planner.robustness.table import robustness

        names = [str(one.name) for one in made.options if one.feasible]
        return replace(made, robustness=tuple(robustness(made, name) for name in names))


def _with_second_opinion(made: Plan) -> Plan:
    with _busy("Flying the recommended option again with another model …"):
        from mdss.planner.second_opinion import second_opinion

        return replace(made, second_opinion=second_opinion(made))


def _spacecraft(path: Path | None) -> Any:
    from mdss.spacecraft import Spacecraft

    return None if path is None else Spacecraft.from_toml(path)


def _operations(path: Path | None) -> Any:
    from mdss.operations import Operations

    return None if path is None else Operations.from_toml(path)


def _policy(name: str | None) -> Any:
    from mdss.policy import Policy

    return None if name is None else Policy.load(name)


def _weighted(policy: Policy | None, weights: str | None) -> Policy | None:
    """The policy, the default one where there is none, with the prices of the command line."""
    if weights is None:
        return policy
    from mdss.policy import Policy

    policy = policy or Policy.preset("nasa")
    sources = {**policy.sources, "weights": "the command line"}
    return replace(policy, weights=policy.weights.changed(weights), sources=sources)


def _policies_of(case: Scenario) -> tuple[Policy | str, ...]:
    """The policy of the event's folder and every preset."""
    from mdss.policy import preset_names

    return (*([] if case.policy is None else [case.policy]), *preset_names())


def _effort(trials: int | None, seed: int, progress: Callable[[int, int], None] | None) -> Effort:
    """What Monte Carlo may cost."""
    from mdss.risk.methods import Effort

    effort = Effort(seed=seed, progress=progress)
    return effort if trials is None else replace(effort, most_trials=trials)


def _orbits(given: Sequence[str]) -> dict[str, OrbitFile]:
    """The orbit files of OBJECT=FILE."""
    from mdss.orbit_files import read_orbit

    orbits = {}
    for one in given:
        which, sign, file = one.partition("=")
        if not (which.strip() and sign and file.strip()):
            raise MdssError(f"--ephemeris {one!r}: write OBJECT=FILE, as OBJECT1=ours.oem")
        if which.strip() in orbits:
            raise MdssError(f"--ephemeris: {which.strip()} is given twice; give one file for it")
        orbits[which.strip()] = read_orbit(file.strip())
    return orbits


def _checked_radius(radius_m: float | None) -> float | None:
    """The radius; ConjunctionError at once when it is none, not once for every message."""
    from mdss.risk.assess import HardBodyRadius as Radius
    from mdss.risk.assess import HbrSource

    if radius_m is not None:
        Radius(radius_m=radius_m, source=HbrSource.COMMAND_LINE)
    return radius_m


# --- showing ------------------------------------------------------------------------------


def _print_plan(made: Plan, as_json: bool) -> None:
    if as_json:
        from mdss.report.as_json import dumps, plan_json

        print(dumps(plan_json(made)))
    else:
        from mdss.report.tables import plan_tables

        _show(plan_tables(made))
    if made.recommended is None:
        _complain(made.recommendation)


def _plan_code(made: Plan) -> int:
    return NO_FEASIBLE_MANEUVER if made.burn_needed and not made.maneuver_feasible else DONE


def _show(renderable: Any) -> None:
    from mdss.report.tables import console

    console().print(renderable)


def _complain(text: str) -> None:
    print(text, file=sys.stderr)


@contextmanager
def _busy(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A line that moves on standard error while something runs, on a terminal only.

    Gives a function that fills the bar when it is called with trials done and their cap, else None.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, done="")

        def progress(done: int, most: int) -> None:
            bar.update(
                task, completed=done, total=most, done=f"Monte Carlo, {done:,} of {most:,} trials"
            )

        yield progress


def _write(out: Path, text: str, force: bool) -> None:
    try:
        with out.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise MdssError(f"{out} exists already; choose another name or add --force") from None


def _write_cdms(found: Screening, folder: Path, force: bool) -> None:
    from mdss.messages import write_kvn
    from mdss.screening import cdms

    made = cdms(found, datetime.now(UTC))
    folder.mkdir(parents=True, exist_ok=True)
    for name, cdm in made.items():
        _write(folder / name, write_kvn(cdm), force)
    _complain(f"{len(made)} CDM{'' if len(made) == 1 else 's'} written to {folder}")


def _serve(scenario: str, port: int | None) -> None:
    """Run the screens until interrupted."""
    from mdss.loading import app_file, load_planning
    from mdss.ui.theme import streamlit_options

    load_planning(scenario)  # a wrong name is told here, not on the page
    command = [sys.executable, "-m", "streamlit", "run", str(app_file()), *streamlit_options()]
    command += ["--server.address=localhost"]
    command += [f"--server.port={port}"] if port is not None else []
    sys.stdout.flush()
    code = _run_until_stopped(command, {**os.environ, "MDSS_SCENARIO": scenario})
    if code > 0:
        raise MdssError(
            f"the screens could not be served (Streamlit ended with {code}); try another --port"
        )


def _run_until_stopped(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Exit code of a child that ends when we are interrupted or terminated."""
    process = subprocess.Popen(command, env=environment)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child was interrupted too, and is tidying up
            continue


if __name__ == "__main__":
    main()
