"""libtorrent with one torrent or magnet link, on 127.0.0.1, until it is killed.

python3 libtorrent_peer.py TORRENT|MAGNET DIR PORT [--peer PORT]... [--dht] [--dht-node PORT]... [--lsd] [--pex] [--utp] [--encrypted]

Prints "listening", "metadata", "complete" and "dht N" (nodes known), one a line, as they come about.
"""

import sys
import time

import libtorrent as lt

source, folder, port, *rest = sys.argv[1:]
flags = {word for word in rest if word.startswith("--")}


def values(flag):
    return [int(rest[i + 1]) for i, word in enumerate(rest) if word == flag]


settings = {
    "listen_interfaces": f"127.0.0.1:{port}",
    "outgoing_interfaces": "",
    "enable_dht": "--dht" in flags,
    "dht_bootstrap_nodes": ",".join(f"127.0.0.1:{node}" for node in values("--dht-node")),
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_ignore_dark_internet": False,
    "enable_lsd": "--lsd" in flags,
    "enable_upnp": False,
    "enable_natpmp": False,
    # One of the two, so that it is known which one worked.
    "enable_outgoing_utp": "--utp" in flags,
    "enable_incoming_utp": "--utp" in flags,
    "enable_outgoing_tcp": "--utp" not in flags,
    "enable_incoming_tcp": "--utp" not in flags,
    "allow_multiple_connections_per_ip": True,
    "min_reconnect_time": 1,
    "alert_mask": lt.alert.category_t.error_notification | lt.alert.category_t.dht_notification,
}
if "--encrypted" in flags:
    # Forced both ways, and RC4 for everything.
    settings |= {"in_enc_policy": 0, "out_enc_policy": 0, "allowed_enc_level": 2}
session = lt.session(settings)
if "--pex" in flags:
    session.add_extension("ut_pex")
session.add_extension("ut_metadata")

if source.startswith("magnet:"):
    params = lt.parse_magnet_uri(source)
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(source)
params.save_path = folder
handle = session.add_torrent(params)
for peer in values("--peer"):
    handle.connect_peer(("127.0.0.1", peer))
print("listening", flush=True)

said = set()
nodes = -1


def say(word):
    if word not in said:
        said.add(word)
        print(word, flush=True)


while True:
    status = handle.status()
    if status.has_metadata:
        say("metadata")
    if status.is_seeding:
        say("complete")
    if "--dht" in flags:
        known = session.status().dht_nodes
        if known != nodes:
            nodes = known
            print(f"dht {nodes}", flush=True)
    session.pop_alerts()
    time.sleep(0.1)
