"""A server that lets nobody in, or is no server of MLflow's, is said as it is."""

import http.server
import socketserver
import threading

import pytest

from experiments import ui
from experiments.tracking.errors import StoreError
from experiments.tracking.reader import Reader
from experiments.tracking.store import open_store


@pytest.fixture
def serve():
    """A function that starts a server with a handler; returns its address with a login."""
    servers = []

    def start(handler):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://ada:s3cret@127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answering(status):
    """A handler of requests that answers as MLflow's basic-auth does."""

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"Permission denied")

        do_POST = do_GET

        def log_message(self, *_):
            pass

    return Refuses


class NoHttp(socketserver.StreamRequestHandler):
    """Says what it is, and it is no server of pages: as SSH does."""

    def handle(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


def used(uri):
    yield lambda: open_store(uri)
    yield lambda: Reader(uri).sweep("xor")


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_password_is_called_one(serve, status, capsys):
    uri = serve(answering(status))
    for use in used(uri):
        with pytest.raises(StoreError, match="refuses the name or the password.*give the right"):
            use()
    with pytest.raises(SystemExit, match="3"):
        ui.main(["--no-open", "--uri", uri])
    said = capsys.readouterr()
    assert "refuses the name or the password" in said.err and "s3cret" not in said.err + said.out


def test_what_is_no_server_of_mlflows_is_said(serve):
    for use in used(serve(NoHttp)):
        with pytest.raises(StoreError, match="does not answer as MLflow's server does; name"):
            use()
