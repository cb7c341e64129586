"""A call that does not return is ended: in each thread, and on systems without alarms."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from support import configurations
from support.checkout import ROOT
from support.own_code import KNOBS, TEXT, config, use

from experiments import own
from experiments.errors import ConfigError
from experiments.own import executing
from experiments.process import limits
from experiments.process.limits import TookTooLong, Watched, limited
from experiments.schema import own_calls


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(limits, "AGAIN", 0.02)
    limits._watchdog.thread = None  # the one that there is may sleep for a second


class Late(Exception):
    pass


def for_ever():
    while True:
        pass


def in_a_thread(call):
    """What a call raises in a thread that is not the main one."""
    raised = []

    def run():
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    return raised


def limited_call(seconds, function, error=Late):
    with limited(seconds, error):
        return function()


def test_a_call_that_was_interrupted_while_it_began_ends_with_the_call_around_it():
    """An alarm may ring when a call is on the list and nobody has begun to watch over it."""
    with Watched(60.0, "outer"):
        Watched(60.0, "inner").__enter__()
    assert not limits._calls


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no alarms")
def test_no_alarm_outlives_its_limit_however_soon_it_rings():
    for _ in range(300):
        with pytest.raises(Late):
            limited_call(1e-6, for_ever)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0) and not limits._calls


def test_a_call_in_a_thread_is_ended():
    [error] = in_a_thread(lambda: limited_call(0.1, for_ever))
    assert isinstance(error, Late)


def test_a_system_without_alarms_has_limits_too(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    with pytest.raises(Late):
        limited_call(0.1, for_ever)
    assert not limits._calls
    time.sleep(5 * limits.AGAIN)  # nothing is raised later


def test_code_that_catches_all_errors_is_interrupted_again_and_again():
    caught = []

    def stubborn():
        while len(caught) < 3:
            try:
                for_ever()
            except:  # noqa: E722
                caught.append(1)
        for_ever()

    assert [type(error) for error in in_a_thread(lambda: limited_call(0.1, stubborn))] == [Late]


def test_a_limit_inside_a_limit_is_that_of_the_outer_one_in_a_thread():
    def limits_both(outer, inner):
        def both():
            with limited(outer, Late if outer < inner else TookTooLong):
                limited_call(inner, for_ever, Late if inner < outer else TookTooLong)

        return [type(error) for error in in_a_thread(both)]

    assert limits_both(0.1, 60.0) == limits_both(60.0, 0.1) == [Late]


@pytest.mark.parametrize("is_worker", [True, False])
def test_a_call_that_hears_nothing_is_said_and_a_worker_is_ended(is_worker):
    code = f"""
import time
from experiments.process import limits
limits.AGAIN, limits.DEAF = 0.02, 0.1
{"limits.may_end_this_process()" if is_worker else ""}
try:
    with limits.Watched(0.1, "mine.py, line 3: activation x"):
        time.sleep(60 if {is_worker} else 0.6)
except limits.TookTooLong:
    pass
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50)
    end = ", and its worker is ended" if is_worker else "; Ctrl-C stops the command"
    assert done.stderr == f"mine.py, line 3: activation x has not returned for 0 s{end}\n"
    assert done.returncode == is_worker


HANGS = {
    ("    s = sigmoid(BETA * z)", "    while True: z = z"):
        "mine.py, line 17: the derivative of activation swish has not returned for 0 s",
    ("theta -= lr * np.sign(gradient)", "while True: lr = lr"):
        "mine.py, line 42: optimizer signs has not returned for 0 s",
    ("return np.abs(evaluation.theta).max(axis=1)", "while True: pass"):
        "mine.py, line 50: measure largest has not returned for 0 s",
    ("X = rng.uniform(-1.0, 1.0, (n_samples, 2))", "while True: pass"):
        "mine.py, line 23: dataset plaid has not returned for 0 s",
}  # fmt: skip


@pytest.mark.usefixtures("own_command")
@pytest.mark.parametrize("edit", HANGS, ids=lambda edit: edit[1])
def test_a_function_of_ones_own_that_hangs_is_said_with_its_line(edit, monkeypatch):
    monkeypatch.setattr(own_calls, "SECONDS", 0.2)
    monkeypatch.setattr(own_calls, "LONGEST", {})
    assert edit[0] in TEXT
    with pytest.raises(Exception) as raised:
        use(TEXT.replace(*edit))
        configurations.train(config(**KNOBS | {"seeds": 2, "epochs": 3}))
    assert str(raised.value) == HANGS[edit]


def test_a_file_that_does_not_end_is_said_with_its_line(monkeypatch):
    monkeypatch.setattr(executing, "LONGEST", 0.1)
    said = "^mine.py, line 2: mine.py is not executed within 0 s$"
    with pytest.raises(ConfigError, match=said):
        own.executed(own.of_text("mine.py", "x = 1\nwhile True: x = 1\n"))


def test_no_error_comes_after_a_call_that_returns_just_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(limits, "AGAIN", 1e-4)
    limits._watchdog.thread = None
    late = 0
    for _ in range(100):
        call = Watched(2e-4, "")
        try:
            with call:
                while call.waited < 2.5e-4:
                    pass
        except TookTooLong:
            call.leave()
            late += 1
        sum(range(200))  # an error that was still on its way would be raised here
    assert late and not limits._calls


def test_a_limit_costs_a_call_little():
    def loop():
        for _ in range(2000):
            with Watched(60.0, ""):
                pass

    loop()
    assert min(_seconds(loop) for _ in range(5)) / 2000 < 2e-5  # 1 us on a machine at rest


def _seconds(call):
    began = time.process_time()
    call()
    return time.process_time() - began
