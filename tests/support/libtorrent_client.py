"""libtorrent 2 (what qBittorrent is made of) for the tests: makes torrents, or takes part in one
swarm until it is killed, with everything that reaches further than it is told turned off.

libtorrent_client.py create SOURCE TORRENT v1|hybrid|v2 PIECE_LENGTH
libtorrent_client.py hashes SOURCE PIECE_LENGTH...
libtorrent_client.py share TORRENT|MAGNET FOLDER [options, see below]

`share` prints, a line each as they come about: "port N" (where it listens), "metadata", "complete"
(it has everything, verified), "dht N" (nodes known), each "error ..." and each "banned ...".
"""

import argparse
import json
import os
import sys
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import libtorrent as lt  # noqa: E402

LIFETIME = 180  # seconds: nothing outlives a test for long


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


def hashes(source, *piece_lengths):
    """Info hashes of one source, by kind and piece length; v1 with files sorted by path."""
    found = {}
    for kind, flags in (("v1", lt.create_torrent.v1_only), ("hybrid", 0),
                        ("v2", lt.create_torrent.v2_only)):
        for length in piece_lengths:
            files = lt.file_storage()
            if kind == "v1" and os.path.isdir(source):
                top = os.path.dirname(source)
                paths = [os.path.join(where, name)
                         for where, _, names in os.walk(source) for name in names]
                for path in sorted(paths, key=os.fsencode):
                    files.add_file(os.path.relpath(path, top), os.path.getsize(path))
            else:
                lt.add_files(files, source)
            maker = lt.create_torrent(files, int(length), flags)
            lt.set_piece_hashes(maker, os.path.dirname(source))
            both = lt.torrent_info(maker.generate()).info_hashes()
            found[f"{kind} {length}"] = {
                "v1": str(both.v1) if both.has_v1() else None,
                "v2": str(both.v2) if both.has_v2() else None,
            }
    print(json.dumps(found))


def say(*words):
    print(*words, flush=True)


def options(args):
    parser = argparse.ArgumentParser()
    parser.add_argument("what")
    parser.add_argument("folder")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--peer", action="append", default=[], help="HOST:PORT to dial")
    parser.add_argument("--dht", action="store_true")
    parser.add_argument("--dht-node", action="append", default=[], help="HOST:PORT to begin with")
    parser.add_argument("--lsd", action="store_true")
    parser.add_argument("--watch", action="store_true", help='say "peer has N" as that changes')
    parser.add_argument("--utp", action="store_true", help="uTP alone; else TCP alone")
    parser.add_argument("--encrypted", action="store_true", help="RC4 both ways, nothing else")
    return parser.parse_args(args)


def address_of(text):
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


def settings_of(wanted):
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    settings = {
        "listen_interfaces": f"{host}:{wanted.port}",
        "outgoing_interfaces": wanted.host,
        "enable_dht": wanted.dht,
        "dht_bootstrap_nodes": ",".join(wanted.dht_node),
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_ignore_dark_internet": False,
        "enable_lsd": wanted.lsd,
        "enable_upnp": False,
        "enable_natpmp": False,
        # One of the two, so that it is known which one worked.
        "enable_outgoing_utp": wanted.utp,
        "enable_incoming_utp": wanted.utp,
        "enable_outgoing_tcp": not wanted.utp,
        "enable_incoming_tcp": not wanted.utp,
        "allow_multiple_connections_per_ip": True,
        "min_reconnect_time": 1,
        # The log is for people alone: it is long.
        "alert_mask": lt.alert.category_t.all_categories if os.environ.get("VERBOSE") else
        lt.alert.category_t.error_notification | lt.alert.category_t.storage_notification,
    }
    if wanted.encrypted:
        settings |= {"in_enc_policy": 0, "out_enc_policy": 0, "allowed_enc_level": 2}
    return settings


def share(*args):
    wanted = options(args)
    session = lt.session(settings_of(wanted))
    say("port", session.listen_port())
    if wanted.what.startswith("magnet:"):
        params = lt.parse_magnet_uri(wanted.what)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(wanted.what)
    params.save_path = wanted.folder
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    handle = session.add_torrent(params)
    peers = [address_of(text) for text in wanted.peer]
    end = time.monotonic() + LIFETIME
    asked = 0
    said = set()
    nodes = -1
    has = ""
    while time.monotonic() < end:
        session.wait_for_alert(200)
        for alert in session.pop_alerts():
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert,
                                  lt.hash_failed_alert, lt.peer_error_alert,
                                  lt.metadata_failed_alert)):
                say("error", alert.message())
            elif isinstance(alert, lt.peer_ban_alert):
                say("banned", alert.message())
            elif isinstance(alert, lt.cache_flushed_alert) and "complete" not in said:
                said.add("complete")
                say("complete")
            elif os.environ.get("VERBOSE") and "log" in type(alert).__name__:
                say(alert.message())
        if wanted.watch:
            for peer in handle.get_peer_info():
                word = f"peer has {sum(peer.pieces)}"
                if word != has:
                    has = word
                    say(word)
        status = handle.status()
        # libtorrent refuses to remember a peer before it has checked its files.
        if peers and time.monotonic() - asked > 2 and "complete" not in said:
            if status.num_connections < len(peers):
                for peer in peers:
                    handle.connect_peer(peer)
            asked = time.monotonic()
        if status.has_metadata and "metadata" not in said:
            said.add("metadata")
            say("metadata")
        # A piece counts before it is written: complete is what others can read.
        if status.is_seeding and "flush" not in said:
            said.add("flush")
            handle.flush_cache()
        if wanted.dht and session.status().dht_nodes != nodes:
            nodes = session.status().dht_nodes
            say("dht", nodes)


if __name__ == "__main__":
    {"create": create, "hashes": hashes, "share": share}[sys.argv[1]](*sys.argv[2:])
