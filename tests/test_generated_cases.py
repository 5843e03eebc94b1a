"""Generated cases: they are what the tables say, they can be put to any implementation, and they find what is wrong."""

import json
import subprocess
import sys
from collections import Counter
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.case import find_cases
from conformance.dialogue import put
from conformance.results import Result, Verdict
from tests.complete_cases import InProcess
from tests.mutants import seen_in, table_mutants
from tests.reachable_states import reachable
from tests.support import ROOT
from tests.wire_clients import SERVE
from vss_sim.cli.suite import case_of
from vss_sim.engine.desk import Step
from vss_sim.engine.ruling import Verdict as Ruled
from vss_sim.engine.ruling import rule_on
from vss_sim.generate.chance import AREA, Call, Chance, Drawn, made_of
from vss_sim.generate.made import Made, Program
from vss_sim.generate.pairs import Pair, pairs
from vss_sim.generate.pairs import case_of as case_of_pair
from vss_sim.generate.refused_arguments import argument_cases
from vss_sim.generate.restores import branches, restore_cases
from vss_sim.generate.shortened import shortened
from vss_sim.generate.ways import ways
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.restoring import METHODS as RESTORE_METHODS
from vss_sim.spec.rules import rules
from vss_sim.spec.state import START, Phase
from vss_sim.spec.table import Profile

CONFORM: Final = [sys.executable, "-m", "vss_sim", "conform"]


def conform(*words: str) -> subprocess.CompletedProcess[str]:
    """The command."""
    return subprocess.run([*CONFORM, *words], capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


def test_the_help_names_what_is_generated() -> None:
    """Who reads `--help` finds every suite that is made of the tables."""
    said = conform("--help").stdout
    assert all(f"vss-sim conform {word} " in said for word in ("pairs", "arguments", "restores", "fuzz"))


def test_a_word_that_is_no_suite_is_told() -> None:
    """With those that there are, and the one that was probably meant."""
    done = conform("pars", "--", "true")
    assert done.returncode == 2
    assert "expected pairs, arguments, restores, fuzz, or options (did you mean pairs?)" in done.stderr


@cache
def _pairs() -> tuple[Pair, ...]:
    return tuple(pairs())


def test_a_way_leads_into_every_state_there_is() -> None:
    """The shortest ways reach what a plain search reaches."""
    assert set(ways()) == reachable()


def test_every_pair_of_state_and_method_has_one_that_stands_for_it() -> None:
    """Every need of the method sees both alike; but for the objects that are gone, which have no answer to give."""
    living = [state for state in reachable() if not state & Phase.RELEASED.bit]
    groups: dict[str, set[int]] = {}
    for pair in _pairs():
        groups.setdefault(pair.method, set()).add(pair.state)
    for name, states in groups.items():
        seen = reduce(or_, (need.machines for need in METHODS[name].needs), 0)
        assert {state & seen for state in states} == {state & seen for state in living}
    assert set(groups) == {name for name, method in METHODS.items() if method.interface != "IUnknown"} | {"Release"}


def test_nearly_every_pair_is_a_case() -> None:
    """The simulated computer leads into the state; what the table refuses there is refused (or this would raise)."""
    sample = _pairs()[::7]
    lost = [pair for pair in sample if case_of_pair(pair, 1) is None]
    assert len(lost) * 100 < len(sample)
    verdicts = Counter(rule_on(pair.method, pair.state).verdict for pair in sample)
    assert verdicts[Ruled.REFUSED] > 100
    assert verdicts[Ruled.ALLOWED] > 100


@pytest.mark.parametrize("profile", list(Profile))
def test_the_simulator_passes_the_pairs(profile: Profile) -> None:
    """Through its wire, as any implementation: every tenth of them here, all by `vss-sim conform pairs`."""
    partner = InProcess()
    for number, pair in enumerate(list(pairs(profile))[3::10]):
        made = case_of_pair(pair, number, profile)
        if made is not None:
            assert put(case_of(made), partner.say).verdict is Verdict.PASSED


def test_pairs_are_put_by_the_command() -> None:
    """With the options of the suite; a wrong implementation fails them."""
    wrong = conform(
        "pairs", "--run", "pairs/windows/SetContext-*", "--", sys.executable, "-m", "tests.unsteady", "crashes", "9"
    )
    assert wrong.returncode == 1


def test_the_simulator_passes_the_broken_arguments() -> None:
    """In the state where the call is allowed, and before it: arguments come first, with the same code."""
    made = list(argument_cases())
    assert len(made) > 50
    ids = [one.header["id"] for one in made]
    assert len(set(ids)) == len(ids)
    assert {place in name for name in ids for place in ("-first-", "-allowed-")} == {True, False}
    assert {put(case_of(one), InProcess().say).verdict for one in made} == {Verdict.PASSED}


@pytest.mark.parametrize("profile", list(Profile))
def test_arguments_come_before_a_state_that_refuses_the_call(profile: Profile) -> None:
    """A call that begins the life of an object shows nothing of that: its state refuses nothing."""
    before = "obs-arguments-before-state"
    for made in argument_cases(profile):
        name = made.lines[-1]["call"].rpartition("::")[2]
        first = "-first-" in made.header["id"]
        assert first is (before in made.header["rules"]) is (before in made.lines[-1]["rules"])
        assert not first or rule_on(name, START, profile).verdict is Ruled.REFUSED
        assert ("before the object is initialised" in made.header["about"]) is first


def test_every_branch_of_the_restore_methods_is_a_case() -> None:
    """Each end of each tree under each target, with its rules; all nine methods, and every outcome there is."""
    found = list(branches())
    ends = {(branch.method, branch.outcome.name) for branch in found}
    assert {method for method, _ in ends} == set(RESTORE_METHODS)
    made = list(restore_cases())
    assert len(made) == len(found) == len({one.header["id"] for one in made})
    assert all(set(one.header["rules"]) <= set(rules()) for one in made)
    assert all(line.get("returns", "S_OK") == "S_OK" for one in made for line in one.lines)
    assert {put(case_of(one), InProcess().say).verdict for one in made[::7]} == {Verdict.PASSED}


def test_the_same_seed_gives_the_same_programs() -> None:
    """So that a seed is enough to come back to what was found; another one gives others."""

    def first(seed: int) -> list[str]:
        chance = Chance(seed)
        return [chance.draw()[1].text() for _ in range(5)]

    assert first(7) == first(7)
    assert not set(first(7)) & set(first(8))


def test_a_program_can_be_made_again_of_its_calls() -> None:
    """What was drawn is what is kept: the case that comes of the calls is the one that was put."""
    chance = Chance(2)
    for _ in range(20):
        drawn, made = chance.draw()
        assert made_of(drawn) == made
        assert made.header["id"] == f"{AREA}/found"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_programs_of_a_run_ask_for_every_need(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each need, forgotten by an implementation or shifted to other phases, is seen in 300 programs."""
    asked: dict[str, set[Pair]] = {}
    call = Program.call

    def noted(run: Program, name: str, *more: Any) -> Step:
        state = run.state
        done = call(run, name, *more)
        broken = rule_on(name, state).broken
        if done.refusal is None or (broken is not None and done.refusal.rule in broken.rules):
            asked.setdefault(name, set()).add(Pair(name, state, ()))
        return done

    monkeypatch.setattr(Program, "call", noted)
    chance = Chance(seed)
    for _ in range(300):
        chance.draw()
    came = reduce(or_, (pair.state for some in asked.values() for pair in some))
    assert {phase for phase in Phase if not came & phase.bit} == {Phase.RELEASED}
    forgetting = [
        mutant
        for mutant in table_mutants()
        if mutant.name.endswith(("dropped", "shifted"))
        and METHODS[mutant.method].interface.startswith("IVssBackupComponents")
    ]
    shown = [mutant for mutant in forgetting if seen_in(mutant)]
    assert len(shown) >= 132
    assert [mutant.name for mutant in shown if not seen_in(mutant, asked.get(mutant.method, ()))] == []


def _answering(made: Made, place: int, instead: str) -> Result:
    """A case put to the simulator, which answers its call at a place otherwise."""
    partner, calls = InProcess(), iter(range(1000))

    def say(message: dict[str, Any]) -> dict[str, Any]:
        reply = partner.say(message)
        return {**reply, "returns": instead, "out": {}} if "call" in message and next(calls) == place else reply

    return put(case_of(made), say)


def test_what_nothing_settles_condemns_nobody() -> None:
    """A line of a program whose answer rests on a disputed or inferred rule is told, whichever way it goes."""
    chance, told = Chance(3), 0
    for _ in range(25):
        _, made = chance.draw()
        calls = [line for line in made.lines if "call" in line]
        for place, line in enumerate(calls):
            if "open" in line:
                result = _answering(made, place, "E_FAIL" if line["returns"] == "S_OK" else "S_OK")
                assert result.verdict is Verdict.PASSED, (line, result.fault)
                told += 1
    assert told > 25


def test_a_call_that_is_wrong_twice_is_refused_rightly_by_either_code() -> None:
    """An argument that is not valid, on an object that is not initialised."""
    made = made_of(Drawn((Call("SetContext", odd=("lContext", 0x41)),)))
    assert made.lines[-1]["returns"] == ["E_INVALIDARG", "VSS_E_BAD_STATE"]
    for code, verdict in (("VSS_E_BAD_STATE", Verdict.PASSED), ("S_OK", Verdict.FAILED)):
        assert _answering(made, 1, code).verdict is verdict


def test_a_program_that_fails_names_the_rule() -> None:
    """A refusal that is missing, by the rules that demand it; one of a call in order, by those it keeps to."""
    calls = Call("InitializeForBackup", "no document"), Call("StartSnapshotSet"), Call("StartSnapshotSet")
    made = made_of(Drawn(calls))
    for place, instead, rule in (
        (3, "S_OK", "start-set-one-at-a-time"),
        (1, "VSS_E_BAD_STATE", "init-backup-not-in-restore"),
    ):
        fault = _answering(made, place, instead).fault
        assert fault is not None
        assert rule in fault.breaks


def test_a_program_is_shortened_to_what_it_fails_by() -> None:
    """Calls, scripted answers and odd values that do not matter go; what matters stays, in its order."""
    wanted = Call("B"), Call("D", odd=("a", 1))
    answers = tuple(ScriptedAnswer(to=name, result="VSS_E_UNEXPECTED") for name in ("DoSnapshotSet", "BackupComplete"))
    drawn = Drawn((Call("A"), Call("B", odd=("b", 2)), Call("C"), Call("D", odd=("a", 1)), Call("E")), answers)

    def fails(one: Drawn) -> bool:
        names = [call.name for call in one.calls]
        late = [call for call in one.calls if call.name == "D" and call.odd]
        return "B" in names and bool(late) and names.index("B") < names.index("D") and answers[1] in one.answers

    assert shortened(drawn, fails) == Drawn(wanted, answers[1:])


def test_fuzz_finds_nothing_against_the_simulator() -> None:
    """It is what the programs are made on."""
    done = conform("fuzz", "--examples", "40", "--", *SERVE)
    assert done.returncode == 0, done.stdout
    assert done.stdout == "40 programs, 40 judged: none failed\n"


@pytest.mark.parametrize("seed", ["3", "4", "5"])
def test_fuzz_shortens_what_it_finds_to_a_case(seed: str, tmp_path: Path) -> None:
    """The shortest failing program comes out as a file that the suite reads and that fails again; with any seed."""
    found = tmp_path / "found.jsonl"
    wrong = [sys.executable, "-m", "tests.forgetful"]
    done = conform("fuzz", "--seed", seed, "--examples", "300", "--seconds", "90", "--write", str(found), "--", *wrong)
    assert done.returncode == 1, done.stdout
    (case,) = find_cases([found])
    calls = [line["call"].rpartition("::")[2] for _, line in case.lines if "call" in line]
    assert calls[-1] == "StartSnapshotSet"
    assert len(calls) <= 4
    again = conform("--cases", str(found), "--format", "json", "--", *wrong)
    assert json.loads(again.stdout)["cases"][0]["verdict"] == "failed"
    assert conform("--cases", str(found), "--", *SERVE).returncode == 0


def test_fuzz_goes_by_what_an_implementation_can_do() -> None:
    """What it skips is left out of later programs; one that has no writers gets a computer without."""
    done = conform("fuzz", "--examples", "60", "--", sys.executable, "conformance/adapters/adapter.py")
    assert done.returncode == 1, done.stdout
    assert '"machines": [{}]' in done.stdout
    assert "sn-ctx-all-no-create (must-not, documented)" in done.stdout


def test_fuzz_says_why_every_program_was_skipped() -> None:
    """A verdict of nothing says what was missing."""
    reply = "{'id': json.loads(line)['id'], 'skipped': 'no VSS'}"
    skips = f"import json, sys\nfor line in sys.stdin: print(json.dumps({reply}), flush=True)"
    done = conform("fuzz", "--examples", "3", "--", sys.executable, "-c", skips)
    assert done.returncode == 2
    assert done.stdout.startswith("3 programs, 0 judged: none failed; skipped: no VSS\n")


def test_fuzz_says_what_it_needs() -> None:
    """A command."""
    assert conform("fuzz").returncode == 2
    assert "expected -- COMMAND" in conform("fuzz").stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--limit", "-3"], "expected seconds, more than 0"),
        (["--seconds", "nan"], "expected seconds, more than 0"),
        (["--examples", "0"], "expected a number of programs, 1 or more"),
        (["--write", "nowhere/found.jsonl"], "there is no folder nowhere"),
    ],
)
def test_fuzz_refuses_what_would_judge_nobody(words: list[str], says: str) -> None:
    """Before anything is put: with no time every implementation would fail, and a find would have no place."""
    done = conform("fuzz", *words, "--", sys.executable, "-c", "")
    assert done.returncode == 2
    assert says in done.stderr
