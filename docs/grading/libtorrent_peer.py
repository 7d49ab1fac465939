"""libtorrent with the commands that `vtorrent grade peer` starts a program with: see libtorrent.jsonc.

Nothing but a torrent's tracker tells it of peers.
"""
import json
import os
import shutil
import sys
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import libtorrent as lt  # noqa: E402

SETTINGS = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    # All scripted peers have the same address, and speak plainly.
    "allow_multiple_connections_per_ip": True,
    "out_enc_policy": int(lt.enc_policy.disabled),
    # Rarest first from the first piece on: it begins with random ones, and these torrents are small.
    "initial_picker_threshold": 0,
    "alert_mask": int(lt.alert.category_t.error_notification | lt.alert.category_t.tracker_notification
                      | lt.alert.category_t.connect_notification
                      | lt.alert.category_t.status_notification),
}

LONG = 85  # seconds: the grader waits no longer for a command


class Swarm:
    """One torrent, and what happens in its swarm."""

    def __init__(self, params, folder=".", port=0):
        self.session = lt.session(dict(SETTINGS, listen_interfaces=f"127.0.0.1:{port}"))
        params.save_path = folder
        params.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
        self.handle = self.session.add_torrent(params)

    def alerts(self, seconds=LONG):
        """What happens, as it happens; None where nothing did for a moment."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.session.wait_for_alert(50)
            yield from self.session.pop_alerts()
            yield None

    def wait(self, is_done):
        for _ in self.alerts():
            if is_done():
                return
        sys.exit("it took too long")


def of_file(path):
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(path)
    return params


def plain(value):
    """A value of bencode as one of JSON."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return value


def decode(text):
    try:
        print(json.dumps(plain(lt.bdecode(text.encode()))))
    except RuntimeError as error:
        sys.exit(str(error))


def tell(torrent, trackers):
    for tracker in trackers:
        print("Tracker URL:", tracker)
    print("Length:", torrent.total_size())
    print("Info Hash:", torrent.info_hash())
    print("Piece Length:", torrent.piece_length())
    print("Piece Hashes:")
    for piece in range(torrent.num_pieces()):
        print(torrent.hash_for_piece(piece).hex())


def info(path):
    torrent = lt.torrent_info(path)
    tell(torrent, [tracker.url for tracker in torrent.trackers()])


def peers(path):
    """It shows a peer when it calls it."""
    params = of_file(path)
    swarm = Swarm(params)
    silent = {tracker.url for tracker in params.ti.trackers()}
    left = None
    for alert in swarm.alerts(10):
        if isinstance(alert, lt.tracker_error_alert):
            silent.discard(alert.url)
            if not silent:
                sys.exit(f"{alert.message()} {alert.error_message()}")
        if isinstance(alert, lt.tracker_reply_alert):
            left = (left or 0) + alert.num_peers
        if isinstance(alert, (lt.peer_connect_alert, lt.peer_disconnected_alert, lt.peer_error_alert)):
            host, port = alert.ip
            print(f"{host}:{port}", flush=True)
    sys.exit(0 if left else 1)


def handshake(path, address):
    swarm = Swarm(of_file(path))
    swarm.handle.replace_trackers([])
    host, port = address.rsplit(":", 1)
    swarm.handle.connect_peer((host, int(port)))

    def told():
        for peer in swarm.handle.get_peer_info():
            if not peer.pid.is_all_zeros():
                print("Peer ID:", peer.pid)
                return True
        return False

    swarm.wait(told)


def download(params, output):
    swarm = Swarm(params)
    swarm.wait(lambda: swarm.handle.status().is_seeding)
    shutil.copyfile(swarm.handle.torrent_file().name(), output)


def download_piece(params, output, piece):
    swarm = Swarm(params)
    swarm.wait(lambda: swarm.handle.status().has_metadata)
    count = swarm.handle.torrent_file().num_pieces()
    swarm.handle.prioritize_pieces([int(index == piece) for index in range(count)])
    swarm.wait(lambda: swarm.handle.have_piece(piece))
    swarm.handle.read_piece(piece)
    for alert in swarm.alerts():
        if isinstance(alert, lt.read_piece_alert):
            with open(output, "wb") as file:
                file.write(alert.buffer)
            return
    sys.exit("the piece cannot be read")


def magnet_parse(link):
    params = lt.parse_magnet_uri(link)
    for tracker in params.trackers:
        print("Tracker URL:", tracker)
    print("Info Hash:", params.info_hashes.v1)


def magnet_info(link):
    params = lt.parse_magnet_uri(link)
    swarm = Swarm(params)
    swarm.wait(lambda: swarm.handle.status().has_metadata)
    tell(swarm.handle.torrent_file(), params.trackers)


def seed(port, folder, path):
    swarm = Swarm(of_file(path), folder, int(port))
    for _ in swarm.alerts():
        pass


def main(word, *rest):
    if word == "seed":
        _, port, _, folder, path = rest
        return seed(port, folder, path)
    if "download" in word:
        _, output, what = rest[:3]
        params = lt.parse_magnet_uri(what) if what.startswith("magnet:") else of_file(what)
        if word.endswith("piece"):
            return download_piece(params, output, int(rest[3]))
        return download(params, output)
    return {"decode": decode, "info": info, "peers": peers, "handshake": handshake,
            "magnet_parse": magnet_parse, "magnet_info": magnet_info}[word](*rest)


main(*sys.argv[1:])
sys.stdout.flush()
# Tear-down announces that it leaves, and waits for the answer.
os._exit(0)
