"""A BitTorrent peer for one file, as a student may write it: BEP 3 and nothing else.

small_peer.py TORRENT FOLDER PORT: fetches what is missing, and gives until it is ended.
"""

import asyncio
import os
import random
import struct
import sys
from contextlib import suppress
from hashlib import sha1
from urllib.parse import urlencode
from urllib.request import urlopen

CHOKE, UNCHOKE, INTERESTED, NOT_INTERESTED, HAVE, BITFIELD, REQUEST, PIECE = range(8)
BLOCK = 16384  # bytes of a request: nobody gives more at once


def decode(data, at=0):
    """One bencoded value and where it ends."""
    kind = data[at:at + 1]
    if kind in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        return (items if kind == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
    start = data.index(b"e" if kind == b"i" else b":", at) + 1
    if kind == b"i":
        return int(data[at + 1:start - 1]), start
    end = start + int(data[at:start - 1])
    return data[start:end], end


class Peer:
    """What all connections share: the pieces, the tracker, and who else is there."""
    def __init__(self, torrent, folder, port):
        data = open(torrent, "rb").read()
        self.tracker = decode(data)[0][b"announce"].decode()
        start = data.index(b"4:info") + 6
        info, end = decode(data, start)
        self.info_hash = sha1(data[start:end]).digest()  # of the bytes as they are
        self.id = b"-PY0002-" + bytes(random.choices(range(97, 123), k=12))
        self.port, self.links, self.calls = int(port), set(), {}
        size, length, hashes = info[b"length"], info[b"piece length"], info[b"pieces"]
        self.lengths = [min(length, size - begin) for begin in range(0, size, length)]
        self.hashes = [hashes[at:at + 20] for at in range(0, len(hashes), 20)]
        path = os.path.join(folder, os.path.basename(info[b"name"].decode()))
        self.file = open(path, "r+b" if os.path.exists(path) else "w+b", buffering=0)
        self.pieces = [self.file.read(length) for length in self.lengths]
        self.have = {i for i, one in enumerate(self.pieces) if sha1(one).digest() == self.hashes[i]}

    async def run(self):
        await asyncio.start_server(lambda *ends: Link(self).run(*ends), "127.0.0.1", self.port)
        event, interval = "started", 1
        while True:
            left = sum(length for i, length in enumerate(self.lengths) if i not in self.have)
            url = f"{self.tracker}?" + urlencode({
                "info_hash": self.info_hash, "peer_id": self.id, "port": self.port, "left": left,
                "uploaded": 0, "downloaded": 0, "compact": 1, "event": event})
            with suppress(OSError, KeyError, ValueError):  # A tracker that fails is asked again.
                reply, _ = decode((await asyncio.to_thread(urlopen, url, None, 10)).read())
                event, interval = "", reply[b"interval"]
                for host, port in struct.iter_unpack(">4sH", reply[b"peers"] if left else b""):
                    where = ".".join(map(str, host)), port
                    if where not in self.calls or self.calls[where].done():
                        self.calls[where] = asyncio.create_task(Link(self).call(*where))
            await asyncio.sleep(interval)

    def keep(self, i, piece):
        if i not in self.have and sha1(piece).digest() == self.hashes[i]:
            self.pieces[i] = piece
            self.have.add(i)
            self.file.seek(sum(self.lengths[:i]))
            self.file.write(piece)
            for link in self.links:
                link.say(HAVE, i)


class Link:
    """One connection with another peer."""
    def __init__(self, peer):
        self.peer, self.has, self.is_choked = peer, set(), True  # as the other end says
        self.is_interested, self.unchokes = False, False  # as we have said
        self.piece, self.blocks = None, {}  # the piece that is fetched here; begin: block

    def say(self, kind, *numbers, data=b""):
        body = struct.pack(f">B{len(numbers)}I", kind, *numbers) + data
        self.writer.write(struct.pack(">I", len(body)) + body)

    async def call(self, host, port):
        with suppress(OSError):  # Nobody is there: the tracker may name it again.
            await self.run(*await asyncio.open_connection(host, port))

    async def run(self, reader, writer):
        peer, self.writer = self.peer, writer
        writer.write(b"\x13BitTorrent protocol" + bytes(8) + peer.info_hash + peer.id)
        with suppress(OSError, EOFError, IndexError, struct.error):  # It hangs up, or is no peer.
            if (await reader.readexactly(68))[28:48] == peer.info_hash:
                bits = "".join("01"[i in peer.have] for i in range(-(-len(peer.hashes) // 8) * 8))
                self.say(BITFIELD, data=int(bits, 2).to_bytes(len(bits) // 8, "big"))
                peer.links.add(self)
            while self in peer.links:
                length, = struct.unpack(">I", await reader.readexactly(4))
                message = await reader.readexactly(length if length < 1 << 20 else 0)
                if length > 0:  # 0: a keep-alive
                    self.heard(message[0], message[1:])
                for link in peer.links:  # It may change what others are asked for, too.
                    link.ask()
                await writer.drain()
        peer.links.discard(self)
        writer.close()

    def heard(self, kind, body):
        peer = self.peer
        if kind in (CHOKE, UNCHOKE):
            self.is_choked, self.piece = kind == CHOKE, None  # A choke drops our requests.
        elif kind == INTERESTED and not self.unchokes:
            self.unchokes = True
            self.say(UNCHOKE)
        elif kind == HAVE:
            self.has |= {*struct.unpack(">I", body)} & {*range(len(peer.hashes))}
        elif kind == BITFIELD:
            self.has = {i for i in range(len(peer.hashes)) if body[i // 8] >> 7 - i % 8 & 1}
        elif kind == REQUEST and self.unchokes:
            i, begin, length = struct.unpack(">III", body)
            if i in peer.have and length <= BLOCK:
                self.say(PIECE, i, begin, data=peer.pieces[i][begin:begin + length])
        elif kind == PIECE and struct.unpack_from(">I", body)[0] == self.piece:
            self.blocks[struct.unpack_from(">I", body, 4)[0]] = body[8:]
            if sum(map(len, self.blocks.values())) >= peer.lengths[self.piece]:
                peer.keep(self.piece, b"".join(block for _, block in sorted(self.blocks.items())))
                self.piece = None

    def ask(self):
        peer, wanted = self.peer, self.has - self.peer.have
        if bool(wanted) != self.is_interested:
            self.is_interested = bool(wanted)
            self.say(INTERESTED if wanted else NOT_INTERESTED)
        if wanted and not self.is_choked and self.piece is None:
            # The rarest of those that nobody is asked for; at the end, also those that somebody is.
            free = wanted - {link.piece for link in peer.links} or wanted
            copies = {i: sum(i in link.has for link in peer.links) for i in free}
            self.piece, self.blocks = min(free, key=lambda i: (copies[i], random.random())), {}
            for begin in range(0, peer.lengths[self.piece], BLOCK):
                self.say(REQUEST, self.piece, begin, min(BLOCK, peer.lengths[self.piece] - begin))


asyncio.run(Peer(*sys.argv[1:]).run())
