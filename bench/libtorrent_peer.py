"""A peer made of libtorrent, for the transfers of `deno task bench`.

    libtorrent_peer.py seed|leech TORRENT DIR PORT [--open] [--upload-limit=BYTES]
    libtorrent_peer.py verify TORRENT DIR
    libtorrent_peer.py create PATH OUTPUT PIECE_LENGTH ANNOUNCE

A peer runs until SIGTERM and takes lines "dial PORT" on its input. It prints
"first EPOCH_SECONDS" when the first byte of a file has moved. Without --open it runs with
libtorrent's own settings, as a client to be measured; --open lifts every limit, for the peer
that the others are measured against. Both stay on 127.0.0.1: no DHT, local discovery, port
mapping or uTP.
"""
import os
import signal
import sys
import threading
import time

import libtorrent as lt

LOOPBACK_ONLY = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    # All peers of a benchmark share one address.
    "allow_multiple_connections_per_ip": True,
    # Plain connections: that is what the others speak.
    "out_enc_policy": int(lt.enc_policy.disabled),
    "in_enc_policy": int(lt.enc_policy.enabled),
}

OPEN = {
    "aio_threads": 4,
    "hashing_threads": 2,
    "connections_limit": 1000,
    "unchoke_slots_limit": -1,
    "mixed_mode_algorithm": int(lt.bandwidth_mixed_algo_t.prefer_tcp),
    "max_allowed_in_request_queue": 8000,
    "max_out_request_queue": 2000,
    "request_queue_time": 1,
    "max_queued_disk_bytes": 128 << 20,
    "send_buffer_watermark": 8 << 20,
    "send_buffer_low_watermark": 2 << 20,
}


def transfer(role, torrent, folder, port, is_open, upload_limit):
    settings = dict(LOOPBACK_ONLY, listen_interfaces=f"127.0.0.1:{port}")
    settings["alert_mask"] = lt.alert.category_t.error_notification
    if is_open:
        settings.update(OPEN)
    settings["upload_rate_limit"] = upload_limit
    session = lt.session(settings)
    if upload_limit > 0:
        # Peers of the own network would have no limit.
        everybody = lt.ip_filter()
        everybody.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
        session.set_peer_class_filter(everybody)
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    params.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
    if role == "seed":
        # The files are known to be good: begin without reading them all.
        params.have_pieces = [True] * params.ti.num_pieces()
    handle = session.add_torrent(params)

    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())

    def listen():
        for line in sys.stdin:
            word, port = line.split()
            if word == "dial":
                handle.connect_peer(("127.0.0.1", int(port)))

    threading.Thread(target=listen, daemon=True).start()

    moved = False
    while not ended.wait(0.5 if moved else 0.005):
        if not moved:
            status = handle.status()
            moved = status.total_payload_upload + status.total_payload_download > 0
            if moved:
                print("first", time.time(), flush=True)
        for alert in session.pop_alerts():
            print(alert.message(), flush=True)
    # Tear-down is not part of a transfer.
    os._exit(0)


def verify(torrent, folder):
    session = lt.session(dict(LOOPBACK_ONLY, listen_interfaces="",
                              alert_mask=lt.alert.category_t.status_notification))
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    params.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
    params.flags |= lt.torrent_flags.stop_when_ready
    handle = session.add_torrent(params)
    while True:
        session.wait_for_alert(1000)
        if any(isinstance(alert, lt.torrent_checked_alert) for alert in session.pop_alerts()):
            return 0 if handle.status().is_seeding else 32


def create(path, output, piece_length, announce):
    files = lt.file_storage()
    lt.add_files(files, path)
    made = lt.create_torrent(files, int(piece_length), lt.create_torrent.v1_only)
    made.add_tracker(announce)
    lt.set_piece_hashes(made, os.path.dirname(path))
    with open(output, "wb") as file:
        file.write(lt.bencode(made.generate()))
    return 0


def main(role, *rest):
    if role == "create":
        return create(*rest)
    if role == "verify":
        return verify(*rest)
    torrent, folder, port = rest[:3]
    limits = [int(flag.split("=")[1]) for flag in rest if flag.startswith("--upload-limit=")]
    return transfer(role, torrent, folder, int(port), "--open" in rest, (limits or [0])[0])


sys.exit(main(*sys.argv[1:]))
