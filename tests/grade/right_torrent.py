"""Bencode, torrents, links and trackers of the right peer (right_peer.py)."""

import hashlib
import ipaddress
import os
import re
import struct
from urllib.parse import parse_qs, quote, quote_plus

# Seconds that others may take: a busy machine is slow.
PATIENCE = 60
PEER_ID = b"-RP0001-" + os.urandom(6).hex().encode()
# What a connection may end with; the others continue.
BROKEN = (OSError, EOFError, ValueError, IndexError, KeyError, struct.error, TimeoutError)
PLANTED = set()


def bug(name):
    """Whether this mistake is planted."""
    return name in PLANTED


# Bencode


def decode(b, at=0, spans=None):
    """The value at `at`, and where it ends; `spans` gets where the values of keys stand."""
    kind = b[at : at + 1]
    if kind == b"i":
        end = b.index(b"e", at)
        text = b[at + 1 : end].decode()
        form = r"-?\d+" if bug("leading-zeros") else r"0|-?[1-9]\d*"
        if bug("digits-only"):
            form = r"0|[1-9]\d*"
        if not re.fullmatch(form, text):
            raise ValueError(f"i{text}e is no integer")
        return int(text), end + 1
    if kind == b"l":
        values, at = [], at + 1
        while b[at : at + 1] != b"e":
            value, at = decode(b, at)
            values.append(value)
        if bug("empty-list") and not values:
            raise ValueError("a list without values")
        if bug("first-e-ends-all") and values and isinstance(values[-1], list):
            return values, at
        return values, at + 1
    if kind == b"d":
        values, at = {}, at + 1
        while b[at : at + 1] != b"e":
            key, at = decode(b, at)
            start = at
            value, at = decode(b, at)
            values[key] = value
            if spans is not None:
                spans[key] = (start, at)
        return values, at + 1
    colon = b.index(b":", at)
    digits = b[at : at + 1] if bug("one-digit") else b[at:colon]
    start = at + 2 if bug("one-digit") else colon + 1
    end = start + int(digits)
    if end > len(b):
        raise ValueError("the string is cut off")
    return b[start:end], end


def decode_whole(b, spans=None):
    value, end = decode(b, 0, spans)
    if end != len(b) and not bug("junk-behind"):
        raise ValueError("something stands behind the value")
    return value


def encode(value, sort=True):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(encode(one) for one in value) + b"e"
    keys = sorted(value) if sort else value
    return b"d" + b"".join(encode(key) + encode(value[key]) for key in keys) + b"e"


def plain(value):
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    return value


# Torrents and links


class Torrent:
    def __init__(self, info, info_hash, trackers):
        self.info = info
        self.hash = info_hash
        self.trackers = trackers
        self.name = info.get(b"name", b"").decode()
        self.piece_length = info.get(b"piece length", 1)
        hashes = info.get(b"pieces", b"")
        self.hashes = [hashes[at : at + 20] for at in range(0, len(hashes), 20)]
        self.count = len(self.hashes)
        self.files = info.get(b"files", [])
        self.length = info.get(b"length", sum(one[b"length"] for one in self.files))
        if bug("length-of-one-file") and self.files:
            self.length = info.get(b"length")
        if bug("length-32"):
            self.length &= 0xFFFFFFFF

    def size(self, piece):
        """Bytes of a piece: the last one may be shorter."""
        if bug("last-piece-long"):
            return self.piece_length
        if bug("remainder") and piece == self.count - 1:
            return self.length % self.piece_length
        return min(self.piece_length, self.length - piece * self.piece_length)


def read_torrent(path):
    with open(path, "rb") as file:
        b = file.read()
    spans = {}
    meta = decode_whole(b, spans)
    info = meta[b"info"]
    start, end = spans[b"info"]
    raw = b[start:end]
    if bug("search-info"):
        start = b.index(b"4:info") + 6
        raw = b[start : decode(b, start)[1]]
    if bug("known-keys"):
        known = (b"files", b"length", b"name", b"piece length", b"pieces")
        raw = encode({key: info[key] for key in known if key in info})
    if bug("sorted-again"):
        raw = encode(info)
    if bug("unsorted"):
        order = (b"name", b"length", b"files", b"piece length", b"pieces")
        mine = {key: info[key] for key in order if key in info}
        raw = encode({**mine, **info}, sort=False)
    tiers = meta.get(b"announce-list", [])
    trackers = [one.decode() for tier in tiers for one in tier] or [meta[b"announce"].decode()]
    if bug("first-tracker"):
        trackers = trackers[:1]
    return Torrent(info, hashlib.sha1(raw).digest(), trackers)


def read_link(link):
    query = parse_qs(link.split("?", 1)[1])
    trackers = query.get("tr", [])
    if bug("link-undecoded"):
        trackers = re.findall(r"tr=([^&]*)", link)
    return Torrent({}, bytes.fromhex(query["xt"][0].rsplit(":", 1)[1]), trackers)


# The tracker


def announce_query(torrent, port, left, event=None):
    peer_id = PEER_ID if not bug("two-peer-ids") else b"-RP0001-" + os.urandom(6).hex().encode()
    info_hash = quote(torrent.hash, safe="")
    if bug("plus-for-space"):
        info_hash = quote_plus(torrent.hash)
    if bug("hash-as-digits"):
        info_hash = torrent.hash.hex()
    if bug("hash-as-text"):
        info_hash = quote(torrent.hash.decode("latin1"))
    if bug("nul-ends"):
        info_hash = quote(torrent.hash.split(b"\0")[0], safe="")
    if bug("left-zero"):
        left = 0
    if bug("no-port"):
        port = ""
    query = f"info_hash={info_hash}&peer_id={quote(peer_id, safe='')}&port={port}"
    query += f"&uploaded=0&downloaded=0&left={left}&compact=1"
    return query if event is None else f"{query}&event={event}"


def http_get(url):
    if bug("one-read-of-http"):
        import socket

        host, port, path = re.match(r"http://([^:/]+):(\d+)(.*)", url).groups()
        with socket.create_connection((host, int(port)), PATIENCE) as s:
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            return s.recv(4096).split(b"\r\n\r\n", 1)[1]
    import urllib.request

    if bug("no-redirect"):

        class Stays(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        return urllib.request.build_opener(Stays).open(url, timeout=PATIENCE).read()
    return urllib.request.urlopen(url, timeout=PATIENCE).read()


class Refused(Exception):
    """What a tracker said in place of peers."""


def ask_tracker(torrent, port=6881, left=None, event=None):
    """Addresses, from the first tracker that answers."""
    query = announce_query(torrent, port, (torrent.length or 1) if left is None else left, event)
    problem = "no tracker is named"
    for url in torrent.trackers:
        joint = "&" if "?" in url and not bug("second-question-mark") else "?"
        try:
            body = http_get(url + joint + query)
            if bug("reply-as-text"):
                body = body.decode("utf-8", "replace").encode("utf-8")
            if bug("nul-ends-reply"):
                body = body.split(b"\0")[0]
            reply = decode_whole(body)
        except BROKEN as error:
            problem = error
            continue
        if b"failure reason" in reply and not bug("failure-ignored"):
            raise Refused(reply[b"failure reason"].decode("utf-8", "replace"))
        return addresses(reply)
    raise Refused(f"no tracker answers: {problem}")


def addresses(reply):
    found = []
    peers = reply.get(b"peers", b"")
    if isinstance(peers, list):
        if bug("no-list"):
            raise SystemExit("peers is no string")
        if bug("needs-peer-id"):
            peers = [one for one in peers if b"peer id" in one]
        found += [(one[b"ip"].decode(), one[b"port"]) for one in peers]
    else:
        order = "<" if bug("port-little-endian") else ">"
        for host, port in struct.iter_unpack(f"{order}4sH", peers[: len(peers) // 6 * 6]):
            found.append((str(ipaddress.IPv4Address(host)), port))
    if not bug("no-ipv6"):
        for host, port in struct.iter_unpack(">16sH", reply.get(b"peers6", b"")):
            found.append((str(ipaddress.IPv6Address(host)), port))
    return found
