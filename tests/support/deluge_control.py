"""Gives Deluge's daemon one torrent by its RPC, and says what becomes of it, a line each: its state
as that changes, and "complete" (it has everything, verified, and seeds).

deluge_control.py PORT TORRENT|MAGNET FOLDER
"""

import base64
import sys

from deluge.ui.client import client
from twisted.internet import defer, reactor, task

LIFETIME = 180  # seconds: nothing outlives a test for long

port, what, folder = sys.argv[1:]


def say(*words):
    print(*words, flush=True)


def later(seconds):
    return task.deferLater(reactor, seconds, lambda: None)


@defer.inlineCallbacks
def run():
    while not client.connected():
        try:
            yield client.connect("127.0.0.1", int(port), "localclient", "test")
        except Exception:  # It does not listen yet.
            yield later(0.2)
    options = {"download_location": folder, "add_paused": False}
    if what.startswith("magnet:"):
        added = yield client.core.add_torrent_magnet(what, options)
    else:
        with open(what, "rb") as file:
            content = base64.b64encode(file.read())
        added = yield client.core.add_torrent_file("it.torrent", content, options)
    say("added", added)
    state = None
    while True:
        torrents = yield client.core.get_torrents_status({}, ["state", "progress", "message"])
        for torrent in torrents.values():
            if torrent["state"] != state:
                state = torrent["state"]
                say(state, torrent["message"])
                if state == "Seeding":
                    say("complete")
        yield later(0.2)


def failed(failure):
    say("error", failure.getErrorMessage())
    reactor.stop()


reactor.callLater(LIFETIME, reactor.stop)
reactor.callWhenRunning(lambda: run().addErrback(failed))
reactor.run()
