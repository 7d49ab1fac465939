"""libtorrent 2 for the tests: makes torrents, or takes part in one swarm on 127.0.0.1 until killed.

libtorrent_client.py create SOURCE TORRENT v1|hybrid|v2 PIECE_LENGTH
libtorrent_client.py share TORRENT|MAGNET FOLDER [HOST:PORT]

`share` prints "port N" when it listens, "complete" when it has everything, and each error.
"""

import json
import os
import sys
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import libtorrent as lt  # noqa: E402

LIFETIME = 120  # seconds: nothing outlives a test for long

SETTINGS = {
    "listen_interfaces": "127.0.0.1:0",
    "outgoing_interfaces": "127.0.0.1",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    "allow_multiple_connections_per_ip": True,
    "out_enc_policy": 2,
    "min_reconnect_time": 1,
    "alert_mask": lt.alert.category_t.all_categories,
}


def create(source, torrent, kind, piece_length):
    files = lt.file_storage()
    lt.add_files(files, source)
    flags = {"v1": lt.create_torrent.v1_only, "hybrid": 0, "v2": lt.create_torrent.v2_only}[kind]
    maker = lt.create_torrent(files, int(piece_length), flags)
    lt.set_piece_hashes(maker, os.path.dirname(source))
    made = maker.generate()
    with open(torrent, "wb") as out:
        out.write(lt.bencode(made))
    hashes = lt.torrent_info(made).info_hashes()
    print(json.dumps({
        "v1": str(hashes.v1) if hashes.has_v1() else None,
        "v2": str(hashes.v2) if hashes.has_v2() else None,
    }))


def say(*words):
    print(*words, flush=True)


def share(what, folder, peer=None):
    session = lt.session(SETTINGS)
    say("port", session.listen_port())
    if what.startswith("magnet:"):
        params = lt.parse_magnet_uri(what)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(what)
    params.save_path = folder
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    handle = session.add_torrent(params)
    address = peer and tuple(peer.rsplit(":", 1))
    end = time.monotonic() + LIFETIME
    asked = 0
    is_complete = False
    while time.monotonic() < end:
        session.wait_for_alert(200)
        for alert in session.pop_alerts():
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert,
                                  lt.hash_failed_alert, lt.peer_error_alert,
                                  lt.metadata_failed_alert)):
                say("error", alert.message())
            elif os.environ.get("VERBOSE") and "log" in type(alert).__name__:
                say(alert.message())
        # libtorrent refuses to remember a peer before it has checked its files.
        if address and time.monotonic() - asked > 2 and not is_complete:
            handle.connect_peer((address[0], int(address[1])))
            asked = time.monotonic()
        if not is_complete and handle.status().is_seeding:
            is_complete = True
            say("complete")


if __name__ == "__main__":
    {"create": create, "share": share}[sys.argv[1]](*sys.argv[2:])
