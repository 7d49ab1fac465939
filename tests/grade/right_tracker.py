"""A small right tracker over HTTP, into which a mistake can be planted:

    python3 right_tracker.py [--bug NAME] PORT [INTERVAL]

The mistakes are in tracker_mistakes.ts. It has no UDP and no IPv6, which a tracker need not have.
"""
import json
import os
import socket
import sys
import threading
import time
import traceback
from urllib.parse import unquote_to_bytes

words = sys.argv[1:]
bug = ""
if words[0] == "--bug":
    bug, words = words[1], words[2:]
PORT, INTERVAL = int(words[0]), int(words[1]) if len(words) > 1 else 1800


class Swarm:
    def __init__(self):
        self.peers = {}  # (host, port) -> (peer ID, left, when it was heard)
        self.completed = 0

    def expire(self):
        limit = time.monotonic() - 2.5 * INTERVAL
        self.peers = {key: peer for key, peer in self.peers.items() if peer[2] > limit}

    def counts(self):
        self.expire()
        seeds = sum(left == 0 for _, left, _ in self.peers.values())
        return {b"complete": seeds, b"incomplete": len(self.peers) - seeds,
                b"downloaded": self.completed}


class Refusal(Exception):
    pass


swarms = {}
lock = threading.Lock()


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    keys = sorted(value, reverse=bug == "unsorted")
    return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in keys) + b"e"


def key_of(info_hash):
    return info_hash.decode(errors="replace") if bug == "text-info-hash" else info_hash


def announce(query, host):
    def need(key):
        if key not in query:
            raise KeyError(key) if bug == "dies-of-missing" else Refusal(key + " is missing")
        return query[key]

    info_hash = unquote_to_bytes(need("info_hash"))
    peer_id = unquote_to_bytes(need("peer_id"))
    if len(info_hash) != 20 or len(peer_id) != 20:
        raise Refusal("info_hash and peer_id have 20 bytes each")
    if not need("port").isdigit() or int(query["port"]) > 65535:
        raise Refusal("port is no port")
    port = int(query["port"])
    left = int(query.get("left") or 1) if query.get("left", "").isdigit() else 1
    event = query.get("event", "")
    numwant = query.get("numwant", "")
    wanted = min(int(numwant), 200) if numwant.isdigit() and bug != "ignores-numwant" else 50
    swarm = swarms.setdefault(key_of(info_hash), Swarm())
    swarm.expire()
    own = (host, port)
    before = swarm.peers.get(own)
    others = []
    if event == "stopped":
        if bug == "unknown-goodbye":
            del swarm.peers[own]
        elif bug != "keeps-stopped":
            swarm.peers.pop(own, None)
    else:
        if event == "completed" and (bug == "counts-completed-again" or before and before[1] > 0):
            swarm.completed += 1
        swarm.peers[own] = (peer_id, left, time.monotonic())
        others = [(*key, peer[0]) for key, peer in swarm.peers.items() if key != own][:wanted]
    if bug == "lists-nobody":
        others = []
    reply = {b"interval": b"%d" % INTERVAL if bug == "interval-as-string" else INTERVAL}
    counts = swarm.counts()
    reply[b"complete"], reply[b"incomplete"] = counts[b"complete"], counts[b"incomplete"]
    if query.get("compact") == "0":
        reply[b"peers"] = [
            {b"ip": host.encode(), b"peer id": peer_id,
             b"port": b"%d" % port if bug == "port-as-string" else port}
            for host, port, peer_id in others]
        return reply
    order = "little" if bug == "little-endian-port" else "big"
    compact = b"".join(socket.inet_aton(host) + port.to_bytes(2, order) for host, port, _ in others)
    reply[b"peers"] = compact.decode("latin-1").encode() if bug == "peers-as-text" else compact
    return reply


def scrape(info_hashes):
    files = {}
    for info_hash in map(unquote_to_bytes, info_hashes):
        swarm = swarms[info_hash] if bug == "dies-of-unknown" else swarms.get(key_of(info_hash))
        if swarm is not None:
            key = info_hash.decode("latin-1").encode() if bug == "text-scrape-keys" else info_hash
            files[key] = swarm.counts()
    return {b"files": files}


def answer(target, host):
    path, _, query = target.partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    try:
        with lock:
            if path == "/announce":
                return bencode(announce(dict(reversed(pairs)), host))
            if path == "/scrape":
                return bencode(scrape(value for key, value in pairs if key == "info_hash"))
    except Refusal as refusal:
        return bencode({b"failure reason": str(refusal).encode()})
    return None


def read_head(connection):
    text = b""
    while b"\r\n\r\n" not in text and len(text) < 65536:
        data = connection.recv(1024 if bug == "small-read" else 65536)
        if not data:
            return None
        text += data
        if bug == "one-read" or bug == "small-read" and len(text) >= 1024:
            break
    return text.decode("latin-1")


def serve(connection, host):
    with connection:
        head = read_head(connection)
        if head is None:
            return
        words = head.split("\r\n")[0].split(" ")
        if bug == "dies-of-garbage" and words[1] == "":
            return
        status, body = "200 OK", None
        if len(words) < 2 or words[0] != "GET":
            status = "400 Bad Request"
        else:
            try:
                body = answer(words[1], host)
                status = "200 OK" if body is not None else "404 Not Found"
            except Exception:
                status, body = "500 Internal Server Error", traceback.format_exc().encode()
        body = body or b""
        if bug == "json":
            body = json.dumps({"interval": INTERVAL, "peers": []}).encode()
        if bug == "newline":
            body += b"\n"
        lines = "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        start = b"" if bug == "no-head" else (lines % (status, len(body))).encode()
        connection.sendall(start + body)


def guarded(connection, host):
    try:
        serve(connection, host)
    except OSError:
        pass  # It hung up.
    except IndexError:
        traceback.print_exc()
        os._exit(1)


listener = socket.create_server(("127.0.0.1", PORT), backlog=256)
while True:
    connection, (host, _) = listener.accept()
    if bug == "one-at-a-time":
        guarded(connection, host)
    else:
        threading.Thread(target=guarded, args=(connection, host), daemon=True).start()
