"""A small BitTorrent peer of one file, as a student may write it: BEP 3 and nothing else.

small_peer.py TORRENT FOLDER PORT
It downloads what is missing, gives to whoever asks, and runs until it is ended.
"""

import hashlib
import os
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse
import urllib.request

BLOCK = 16384
LOCK = threading.Lock()


def decode(data, at=0):
    """One bencoded value and where it ends."""
    if data[at:at + 1] == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if data[at:at + 1] in (b"l", b"d"):
        items, is_dict, at = [], data[at:at + 1] == b"d", at + 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        return (dict(zip(items[::2], items[1::2])) if is_dict else items), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


class Peer:
    def __init__(self, torrent, folder, port):
        data = open(torrent, "rb").read()
        self.announce = decode(data)[0][b"announce"].decode()
        start = data.index(b"4:info") + 6
        info, end = decode(data, start)
        self.info_hash = hashlib.sha1(data[start:end]).digest()
        self.size, self.piece_length = info[b"length"], info[b"piece length"]
        self.hashes = [info[b"pieces"][i:i + 20] for i in range(0, len(info[b"pieces"]), 20)]
        self.path, self.port = os.path.join(folder, info[b"name"].decode()), int(port)
        self.id = b"-PY0001-" + bytes(random.choices(range(97, 123), k=12))
        self.pieces = [None] * len(self.hashes)
        self.taken, self.links, self.known = {}, [], set()
        if os.path.exists(self.path):
            content = open(self.path, "rb").read()
            for i, hash_ in enumerate(self.hashes):
                piece = content[i * self.piece_length:(i + 1) * self.piece_length]
                if hashlib.sha1(piece).digest() == hash_:
                    self.pieces[i] = piece

    def left(self):
        return sum(self.length(i) for i, piece in enumerate(self.pieces) if piece is None)

    def length(self, i):
        return min(self.piece_length, self.size - i * self.piece_length)

    def ask_tracker(self, event=""):
        query = urllib.parse.urlencode({
            "info_hash": self.info_hash, "peer_id": self.id, "port": self.port, "uploaded": 0,
            "downloaded": 0, "left": self.left(), "compact": 1, "event": event})
        reply, _ = decode(urllib.request.urlopen(self.announce + "?" + query, timeout=10).read())
        peers = reply[b"peers"]
        for i in range(0, len(peers), 6):
            where = socket.inet_ntoa(peers[i:i + 4]), struct.unpack(">H", peers[i + 4:i + 6])[0]
            if where not in self.known and self.left() > 0:
                self.known.add(where)
                threading.Thread(target=self.call, args=(where,), daemon=True).start()
        return reply[b"interval"]

    def call(self, where):
        try:
            Link(self, socket.create_connection(where, timeout=10)).run()
        except OSError:
            pass
        self.known.discard(where)

    def listen(self):
        server = socket.create_server(("127.0.0.1", self.port))
        while True:
            sock, _ = server.accept()
            threading.Thread(target=Link(self, sock).run, daemon=True).start()

    def next_piece(self, link):
        """The rarest piece that the link's other end has and nobody fetches."""
        now = time.monotonic()
        wanted = [i for i in link.has if self.pieces[i] is None and self.taken.get(i, 0) < now]
        if not wanted:
            return None
        i = min(wanted, key=lambda i: (sum(i in one.has for one in self.links), random.random()))
        self.taken[i] = now + 20
        return i

    def got(self, i, piece):
        if hashlib.sha1(piece).digest() != self.hashes[i]:
            self.taken.pop(i, None)
            return
        self.pieces[i] = piece
        if self.left() == 0:
            with open(self.path, "wb") as out:
                out.write(b"".join(self.pieces))
            print("complete", flush=True)
        for link in list(self.links):
            link.say(4, struct.pack(">I", i))


class Link:
    def __init__(self, peer, sock):
        self.peer, self.sock, self.has, self.choked, self.greeted = peer, sock, set(), True, False
        self.interested, self.piece, self.blocks, self.unchokes = False, None, {}, False
        self.sock.settimeout(150)

    def say(self, kind, body=b""):
        if self.greeted:
            try:
                self.sock.sendall(struct.pack(">IB", len(body) + 1, kind) + body)
            except OSError:
                pass

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            if not part:
                raise OSError("closed")
            data += part
        return data

    def run(self):
        peer = self.peer
        try:
            self.sock.sendall(b"\x13BitTorrent protocol" + bytes(8) + peer.info_hash + peer.id)
            if self.read(68)[28:48] != peer.info_hash:
                return
            with LOCK:
                self.greeted = True
                bits = "".join("0" if piece is None else "1" for piece in peer.pieces)
                bits += "0" * (-len(bits) % 8)
                self.say(5, int(bits, 2).to_bytes(len(bits) // 8, "big"))
                peer.links.append(self)
            while True:
                length = struct.unpack(">I", self.read(4))[0]
                if length > 0:
                    body = self.read(length)
                    with LOCK:
                        self.heard(body[0], body[1:])
        except OSError:
            pass
        finally:
            with LOCK:
                if self in peer.links:
                    peer.links.remove(self)
                peer.taken.pop(self.piece, None)
            self.sock.close()

    def heard(self, kind, body):
        peer = self.peer
        if kind == 0:
            self.choked, self.blocks = True, {}
            peer.taken.pop(self.piece, None)
            self.piece = None
        elif kind == 1:
            self.choked = False
        elif kind == 2 and not self.unchokes:
            self.unchokes = True
            self.say(1)
        elif kind == 4:
            self.has.add(struct.unpack(">I", body)[0])
        elif kind == 5:
            self.has |= {i for i in range(len(peer.hashes)) if body[i // 8] >> (7 - i % 8) & 1}
        elif kind == 6 and self.unchokes:
            i, begin, length = struct.unpack(">III", body)
            if peer.pieces[i] is not None:
                self.say(7, body[:8] + peer.pieces[i][begin:begin + length])
        elif kind == 7:
            i, begin = struct.unpack(">II", body[:8])
            if i == self.piece:
                self.blocks[begin] = body[8:]
            if self.piece is not None and sum(map(len, self.blocks.values())) == peer.length(i):
                self.piece = None
                peer.got(i, b"".join(self.blocks[at] for at in sorted(self.blocks)))
        self.ask()

    def ask(self):
        peer = self.peer
        wants = any(peer.pieces[i] is None for i in self.has)
        if wants != self.interested:
            self.interested = wants
            self.say(2 if wants else 3)
        if wants and not self.choked and self.piece is None:
            self.piece, self.blocks = peer.next_piece(self), {}
            if self.piece is not None:
                for begin in range(0, peer.length(self.piece), BLOCK):
                    length = min(BLOCK, peer.length(self.piece) - begin)
                    self.say(6, struct.pack(">III", self.piece, begin, length))


def main():
    peer = Peer(*sys.argv[1:4])
    threading.Thread(target=peer.listen, daemon=True).start()
    event = "started"
    while True:
        try:
            time.sleep(min(2, peer.ask_tracker(event)))
            event = ""
        except OSError:
            time.sleep(1)


main()
