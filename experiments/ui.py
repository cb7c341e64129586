"""Opens MLflow's pages on the store: a small server on this machine only, and links into it."""

import argparse
import os
import signal
import sys
import webbrowser
from contextlib import suppress

from experiments import console
from experiments.process import streams
from experiments.tracking import connection, copies, database
from experiments.tracking.causes import patiently
from experiments.tracking.errors import StoreError
from experiments.tracking.pages import all_experiments, links, login_of, relink
from experiments.tracking.places import default_uri, figures, is_default
from experiments.tracking.server import PORT, server
from experiments.tracking.text import printable
from experiments.tracking.uris import SERVERS, absolute, scheme, shown

WANTS_LOGIN = 401  # the status of HTTP

# Ctrl-C, a closed terminal (a signal that Windows has not), and a plain `kill`.
ENDINGS = [getattr(signal, n) for n in ("SIGINT", "SIGHUP", "SIGTERM") if hasattr(signal, n)]


def main(arguments=None):
    """The command; returns the exit status."""
    # Each of them stops the server as Ctrl-C does, in the background too.
    for number in ENDINGS:
        signal.signal(number, signal.default_int_handler)
    options = _parse(arguments)
    with console.clean_exit(), suppress(KeyboardInterrupt):
        _show(options.uri or default_uri(), options.port, options.open, options.all)
    return 0


def _parse(arguments):
    parser = argparse.ArgumentParser("scratchml ui", description=__doc__)
    parser.add_argument("--port", type=_port, help=f"default: {PORT}, or a free one if it is taken")
    parser.add_argument(
        "--uri",
        "--tracking",
        metavar="URI",
        help="the store; default: MLFLOW_TRACKING_URI, or mlflow.db in this project",
    )
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=_has_display(),
        help="whether to open a browser; default: where there is a display",
    )
    parser.add_argument("--all", action="store_true", help="a link for every experiment")
    return parser.parse_args(arguments)


def _port(text):
    if not (text.isdecimal() and 0 < int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535; got {text!r}")
    return int(text)


def _has_display():
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(display) or sys.platform in ("darwin", "win32")


def _show(uri, port, browser, every=False):
    if scheme(uri) in SERVERS:
        _present(uri, shown(uri).rstrip("/"), browser, every, login_of(uri))
        return
    named = uri = absolute(uri)
    patiently(uri, connection.check_file, uri)
    print("MLflow's server is starting, which takes some seconds", file=sys.stderr, flush=True)
    copy = copies.Owner()
    uri = copies.readable(uri, copy)
    patiently(uri, connection.check_database, uri)  # MLflow's server would migrate it
    patiently(uri, connection.find_files, uri)
    database.analyze(uri)
    with server(uri, port) as (process, base):
        if is_default(named):  # the report's page is of this store, and is made for PORT
            relink(figures() / "index.html", base)
        if uri != named:
            print("The store lies on a read-only disk, so what is shown is a copy, as it is now.")
        _present(named, base, browser, every)
        print("Ctrl-C stops the server", flush=True)
        process.wait()
        raise StoreError(f"MLflow's server for {shown(named)} has ended by itself")


def _present(uri, base, browser, every=False, login=None):
    print(f"{shown(uri)} is shown at {base}\n")
    for title, link in _links(uri, base, every, login):
        print(f"  {printable(title)}\n    {link}")
    print(flush=True)
    if browser:
        webbrowser.open(base)


def _links(uri, base, every, login):
    """The links; of a server that wants a password which nobody has given, one alone."""
    try:
        return patiently(uri, lambda: list(links(base, login, every)))
    except StoreError as error:
        if login or getattr(error.__cause__, "code", None) != WANTS_LOGIN:
            raise
    print("The server wants a name and a password, and your browser will ask for them. Links to "
          "the newest sweep\nare listed if you set MLFLOW_TRACKING_USERNAME and "
          "MLFLOW_TRACKING_PASSWORD.\n")  # fmt: skip
    return [all_experiments(base)]


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
