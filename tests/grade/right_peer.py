"""A small right peer, for the tests of `vtorrent grade peer`, in Python's standard library alone.

    python3 right_peer.py [--bug NAME] download -o OUTPUT TORRENT

It knows the commands of CodeCrafters' course and `seed`. `--bug NAME` plants one mistake that
students make; mutants.ts says which probe has to find it.
"""

import hashlib
import json
import os
import random
import struct
import sys
import time
import traceback

sys.dont_write_bytecode = True
from right_torrent import (  # noqa: E402
    BROKEN,
    PATIENCE,
    PEER_ID,
    PLANTED,
    Refused,
    Torrent,
    ask_tracker,
    bug,
    decode,
    decode_whole,
    encode,
    plain,
    read_link,
    read_torrent,
)

BLOCK = 16384
PLACES = 4
PIPELINE = 5
(CHOKE, UNCHOKE, INTERESTED, NOT_INTERESTED, HAVE, BITFIELD, REQUEST, PIECE, CANCEL) = range(9)
EXTENDED = 20


# Connections


class Peer:
    """A connection, and what the other side said of itself."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.id = b""
        self.has = set()
        self.choked = not bug("never-waits")
        self.interested = False
        self.asked = set()
        self.lies = 0
        self.last = time.monotonic()

    async def read(self, count):
        return await self.reader.readexactly(count)

    def send(self, kind, payload=b""):
        self.writer.write(struct.pack(">IB", len(payload) + 1, kind) + payload)

    def say_handshake(self, info_hash):
        name = b"\x14BitTorrent protocol\n" if bug("name-length") else b"\x13BitTorrent protocol"
        reserved = bytes(8) if bug("no-extension-bit") else bytes([0, 0, 0, 0, 0, 0x10, 0, 0])
        self.writer.write(name + reserved + info_hash + PEER_ID)

    async def hear_handshake(self, info_hash, checks=True):
        if bug("one-read-of-handshake"):
            answer = await self.reader.read(68)
        elif bug("id-to-the-end"):
            answer = await self.read(68)
            answer += await asyncio.wait_for(self.reader.read(4096), 0.1) if self.buffered() else b""
        else:
            answer = await self.read(68)
        if bug("rest-thrown-away") and self.buffered():
            await self.reader.read(4096)
        if answer[:20] != b"\x13BitTorrent protocol":
            raise ValueError("it speaks another protocol")
        if bug("reserved-zero") and answer[20:28] not in (bytes(8), bytes([0, 0, 0, 0, 0, 16, 0, 0])):
            raise ValueError("reserved bytes")
        if checks and answer[28:48] != info_hash:
            raise ValueError("it has another torrent")
        self.id = answer[48:]
        if self.id[:20] == PEER_ID and not bug("talks-to-itself"):
            raise ValueError("it is this program itself")

    def buffered(self):
        return len(self.reader._buffer) > 0

    async def message(self, one_read=False):
        """The next message: its kind and its payload."""
        if one_read:
            data = await self.reader.read(65536)
            (length,) = struct.unpack(">I", data[:4])
            return data[4], data[5 : 4 + length]
        while True:
            length = int.from_bytes(await self.read(4), "big")
            if length == 0 and not bug("keep-alive"):
                continue
            if length > 1 << 20:
                raise ValueError("a message of more than 1 MiB")
            body = await self.read(length)
            return body[0], body[1:]

    def close(self):
        self.writer.close()


async def call(host, port, info_hash):
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), PATIENCE)
    peer = Peer(reader, writer)
    peer.say_handshake(info_hash)
    try:
        await asyncio.wait_for(peer.hear_handshake(info_hash, not bug("hash-unchecked")), PATIENCE)
    except BaseException:
        peer.close()
        raise
    return peer


def has_bit(bits, piece):
    return bits[piece >> 3] >> (7 - (piece & 7)) & 1


# Downloading


class Work:
    """A piece on its way from one peer."""

    def __init__(self, owner, piece, size):
        self.owner = owner
        self.piece = piece
        self.size = size
        step = size if bug("whole-piece") else BLOCK
        self.open = list(range(0, size, step))
        self.blocks = {}
        self.arrived = []

    def length(self, begin):
        if bug("whole-piece"):
            return self.size
        return BLOCK if bug("last-block-long") else min(BLOCK, self.size - begin)

    def whole(self):
        return sum(len(block) for block in self.blocks.values()) >= self.size

    def content(self):
        blocks = self.arrived if bug("order-of-arrival") else sorted(self.blocks)
        return b"".join(self.blocks[begin] for begin in blocks)


class Download:
    """Some pieces of a torrent, from all its peers at the same time, into a file."""

    def __init__(self, torrent, wanted, output, offset=0):
        self.torrent = torrent
        self.missing = set(wanted)
        self.output = output
        self.offset = offset
        self.works = {}
        self.peers = []
        self.done = asyncio.Event()
        self.resume()

    def resume(self):
        """What lies in the file already, and has the right hash."""
        try:
            with open(self.output, "rb") as file:
                b = file.read()
        except OSError:
            return
        torrent = self.torrent
        for piece in [] if bug("no-resume") else list(self.missing):
            start = piece * torrent.piece_length - self.offset
            if hashlib.sha1(b[start : start + torrent.size(piece)]).digest() == torrent.hashes[piece]:
                self.missing.discard(piece)

    async def run(self, found):
        if not self.missing:
            return
        if bug("first-peer-only"):
            found = found[:1]
        ticking = asyncio.create_task(self.tick())
        if bug("one-at-a-time"):
            for one in found:
                await self.talk(*one)
        else:
            talks = [asyncio.create_task(self.talk(*one, turn)) for turn, one in enumerate(found)]
            over = asyncio.create_task(self.done.wait())
            everybody = asyncio.create_task(asyncio.wait(talks))
            await asyncio.wait([over, everybody], return_when=asyncio.FIRST_COMPLETED)
        ticking.cancel()
        if self.missing:
            raise SystemExit(f"{len(self.missing)} pieces are missing, and no peer is left")

    async def tick(self):
        """Peers that give nothing keep nobody waiting."""
        while True:
            await asyncio.sleep(0.5)
            for peer in self.peers:
                self.ask(peer)

    async def talk(self, host, port, turn=0):
        peer = None
        if bug("dead-ends") or bug("hang-up-ends"):
            await asyncio.sleep(0.3 * turn)
        try:
            peer = await call(host, port, self.torrent.hash)
            self.peers.append(peer)
            await self.listen(peer)
        except BROKEN as error:
            if not self.missing:
                return
            print(f"{host}:{port}: {error!r}", file=sys.stderr)
            is_over = isinstance(error, (OSError, EOFError))
            if is_over and bug("dead-ends" if peer is None else "hang-up-ends"):
                os._exit(1)
        finally:
            if peer is not None:
                self.forget(peer)

    def forget(self, peer):
        peer.close()
        if peer in self.peers:
            self.peers.remove(peer)
        for piece in [one for one, work in self.works.items() if work.owner is peer]:
            del self.works[piece]
        for other in self.peers:
            self.ask(other)

    async def listen(self, peer):
        first = True
        while self.missing:
            if first and bug("gives-up-early"):
                kind, payload = await asyncio.wait_for(peer.message(), 0.8)
            else:
                kind, payload = await peer.message(one_read=bug("one-read"))
            if first and bug("needs-bitfield") and kind != BITFIELD:
                raise ValueError("no bitfield")
            first = False
            if kind == CHOKE and not bug("choke-ignored"):
                peer.choked = True
                self.give_back(peer)
            elif kind == UNCHOKE:
                peer.choked = False
            elif kind == HAVE:
                (piece,) = struct.unpack(">I", payload)
                if piece >= self.torrent.count:
                    if bug("have-unchecked"):
                        traceback.print_stack()
                        os._exit(1)
                    raise ValueError(f"HAVE of piece {piece}")
                peer.has.add(piece)
            elif kind == BITFIELD:
                peer.has = {one for one in range(self.torrent.count) if has_bit(payload, one)}
            elif kind == PIECE:
                self.take(peer, payload)
            elif kind > CANCEL and bug("unknown-ends"):
                raise ValueError(f"unknown message {kind}")
            if not peer.interested and peer.has & self.missing:
                peer.interested = True
                peer.send(INTERESTED)
            self.ask(peer)
            await peer.writer.drain()

    def give_back(self, peer):
        """What was asked for and has not come goes back: a choke drops it."""
        for piece, begin in peer.asked:
            if piece in self.works and self.works[piece].owner is peer:
                self.works[piece].open.append(begin)
        peer.asked.clear()

    def ask(self, peer):
        if peer.choked or not peer.interested:
            return
        while len(peer.asked) < PIPELINE:
            work = self.work_for(peer)
            if work is None:
                return
            begin = work.open.pop(0)
            peer.asked.add((work.piece, begin))
            order = "<" if bug("little-endian") else ">"
            peer.send(REQUEST, struct.pack(f"{order}III", work.piece, begin, work.length(begin)))

    def work_for(self, peer):
        for work in self.works.values():
            if work.owner is peer and work.open:
                return work
        known = self.missing if bug("asks-for-anything") else self.missing & peer.has
        free = [one for one in known if one not in self.works]
        if not free and not bug("waits-for-ever"):
            limit = time.monotonic() - 3
            others = [one for one in known if self.works[one].owner is not peer]
            free = [one for one in others if self.works[one].owner.last < limit]
        if not free:
            return None
        count = {one: sum(one in other.has for other in self.peers) for one in free}
        piece = min(free, key=lambda one: (count[one], random.random()))
        if bug("lowest-first"):
            piece = min(free)
        self.works[piece] = Work(peer, piece, self.torrent.size(piece))
        return self.works[piece]

    def take(self, peer, payload):
        piece, begin = struct.unpack(">II", payload[:8])
        peer.asked.discard((piece, begin))
        peer.last = time.monotonic()
        work = self.works.get(piece)
        if work is None or work.owner is not peer:
            return
        work.blocks[begin] = payload[8:]
        work.arrived.append(begin)
        if not work.whole():
            return
        del self.works[piece]
        if bug("have-before-check"):
            self.tell(piece)
        content = work.content()
        right = hashlib.sha1(content).digest() == self.torrent.hashes[piece]
        if not right and not bug("piece-unchecked"):
            if bug("bad-piece-ends"):
                print(f"piece {piece} is wrong", file=sys.stderr)
                os._exit(1)
            if bug("trusts-for-ever"):
                self.works[piece] = Work(peer, piece, work.size)
                peer.lies += 1
                return os._exit(1) if peer.lies > 20 else None
            raise ValueError(f"piece {piece} is wrong")
        self.keep(piece, content)
        self.tell(piece)

    def tell(self, piece):
        for other in self.peers:
            other.send(HAVE, struct.pack(">I", piece))

    def keep(self, piece, content):
        if piece not in self.missing:
            return
        with open(self.output, "r+b" if os.path.exists(self.output) else "wb") as file:
            file.seek(piece * self.torrent.piece_length - self.offset)
            file.write(content)
        self.missing.discard(piece)
        if not self.missing:
            self.done.set()


# Giving


class Seed:
    """Gives what lies in a folder, to a few at a time."""

    def __init__(self, torrent, folder):
        self.torrent = torrent
        base = os.path.join(folder, torrent.name)
        paths = [[part.decode() for part in one[b"path"]] for one in torrent.files] or [[]]
        self.content = b""
        for path in paths:
            with open(os.path.join(base, *path), "rb") as file:
                self.content += file.read()
        self.given_places = []
        self.waiting = []
        self.lock = asyncio.Lock()

    async def run(self, port):
        server = await asyncio.start_server(self.serve, "127.0.0.1", port)
        told = 6881 if bug("port-6881") else port
        left = self.torrent.length if bug("left-of-a-seed") else 0
        asyncio.create_task(asyncio.to_thread(self.announce, told, left))
        asyncio.create_task(self.turn())
        await server.serve_forever()

    def announce(self, port, left):
        try:
            ask_tracker(self.torrent, port, left, "started")
        except Refused as error:
            print(error, file=sys.stderr)

    async def turn(self):
        """Every ten seconds the next of those that wait gets a place."""
        while not bug("no-turn"):
            await asyncio.sleep(10)
            if self.waiting and self.given_places:
                longest = self.given_places.pop(0)
                longest.choked = True
                longest.send(CHOKE)
                self.waiting.append(longest)
                self.place(self.waiting.pop(0))

    def place(self, peer):
        self.given_places.append(peer)
        peer.choked = False
        if not bug("no-unchoke"):
            peer.send(UNCHOKE)

    async def serve(self, reader, writer):
        peer = Peer(reader, writer)
        peer.choked = True
        peer.queue = asyncio.Queue()
        sending = asyncio.create_task(self.give(peer))
        try:
            if bug("one-caller"):
                async with self.lock:
                    await self.listen(peer)
            else:
                await self.listen(peer)
        except BROKEN:
            pass
        finally:
            sending.cancel()
            peer.close()
            for group in (self.given_places, self.waiting):
                if peer in group:
                    group.remove(peer)
            if self.waiting and len(self.given_places) < PLACES:
                self.place(self.waiting.pop(0))

    async def listen(self, peer):
        torrent = self.torrent
        await peer.hear_handshake(torrent.hash, not bug("any-hash"))
        peer.say_handshake(torrent.hash)
        peer.send(BITFIELD, self.bitfield())
        while True:
            kind, payload = await peer.message(one_read=bug("one-request-a-read"))
            if kind == INTERESTED and peer not in self.given_places + self.waiting:
                if len(self.given_places) < PLACES or bug("unchokes-all"):
                    self.place(peer)
                else:
                    self.waiting.append(peer)
            elif kind == NOT_INTERESTED and peer in self.given_places:
                self.given_places.remove(peer)
                peer.choked = True
                peer.send(CHOKE)
            elif kind == REQUEST and (not peer.choked or bug("gives-choked")):
                block = struct.unpack(">III", payload)
                if bug("request-unchecked") and block[0] >= torrent.count:
                    traceback.print_stack()
                    os._exit(1)
                if block[0] >= torrent.count and not bug("gives-what-is-there"):
                    raise ValueError("a request beyond the end")
                if block[2] > BLOCK or block[1] + block[2] > torrent.size(block[0]):
                    if not bug("gives-what-is-there"):
                        raise ValueError("a request beyond the end")
                peer.queue.put_nowait(block)
            elif kind == CANCEL and not bug("cancel-ignored"):
                block = struct.unpack(">III", payload)
                if block in peer.queue._queue:
                    peer.queue._queue.remove(block)

    def bitfield(self):
        count = self.torrent.count
        bits = bytearray((count + 7) // 8)
        for piece in range(count):
            bits[piece >> 3] |= (1 << (piece & 7)) if bug("bits-reversed") else 0x80 >> (piece & 7)
        if bug("spare-bits"):
            bits[-1] = 0xFF
        return bytes(bits)

    async def give(self, peer):
        """One block after the other, as fast as the other side takes them."""
        while True:
            piece, begin, length = await peer.queue.get()
            start = piece * self.torrent.piece_length + (0 if bug("begin-ignored") else begin)
            block = self.content[start : start + length]
            if bug("block-padded") and length < BLOCK:
                block += bytes(BLOCK - length)
            peer.send(PIECE, struct.pack(">II", piece, begin) + block)
            await peer.writer.drain()


# Metadata by a link


async def metadata_of(link, peer):
    """The info dictionary, from one peer, and the ID under which it wants to be asked for it."""
    peer.send(EXTENDED, b"\0" + encode({b"m": {b"ut_metadata": 3}}))
    hello = None
    while hello is None:
        kind, payload = await asyncio.wait_for(peer.message(), PATIENCE)
        if kind == EXTENDED and payload[0] == 0:
            hello = decode(payload, 1)[0]
    theirs = hello[b"m"][b"ut_metadata"]
    if link is None:
        return None, theirs
    size = hello[b"metadata_size"]
    count = (size + BLOCK - 1) // BLOCK
    if bug("one-part-more"):
        count = size // BLOCK + 1
    if bug("first-part-only"):
        count = 1
    number = 3 if bug("own-number") else theirs
    metadata = b""
    for part in range(count):
        peer.send(EXTENDED, bytes([number]) + encode({b"msg_type": 0, b"piece": part}))
        metadata += await part_of(peer)
    if hashlib.sha1(metadata).digest() != link.hash and not bug("metadata-unchecked"):
        raise ValueError("the metadata is wrong")
    return decode_whole(metadata), theirs


async def part_of(peer):
    while True:
        kind, payload = await asyncio.wait_for(peer.message(), PATIENCE)
        if kind != EXTENDED or payload[0] == 0:
            continue
        answer, end = decode(payload, 1)
        if answer[b"msg_type"] == 2 and bug("reject-ignored"):
            continue
        if answer[b"msg_type"] != 1:
            raise ValueError("it rejects")
        return payload[end:]


async def from_any(link, found, ask):
    """What `ask` gets of the first peer that gives it."""
    for host, port in found:
        peer = None
        try:
            peer = await call(host, port, link.hash)
            return await ask(peer)
        except BROKEN as error:
            print(f"{host}:{port}: {error!r}", file=sys.stderr)
        finally:
            if peer is not None:
                peer.close()
    raise SystemExit("no peer has the metadata")


async def resolve(link):
    """The torrent behind a link."""
    found = ask_tracker(link)
    info, _ = await from_any(link, found, lambda peer: metadata_of(link, peer))
    return Torrent(info, link.hash, link.trackers)


# Commands


def print_info(torrent):
    print("Tracker URL:", torrent.trackers[0])
    print("Length:", torrent.length)
    print("Info Hash:", torrent.hash.hex())
    print("Piece Length:", torrent.piece_length)
    print("Piece Hashes:")
    count = torrent.length // torrent.piece_length if bug("pieces-floor") else torrent.count
    for piece in torrent.hashes[:count]:
        print(piece.hex())


async def handshake(path, address):
    torrent = read_torrent(path)
    host, port = address.rsplit(":", 1)
    peer = await call(host, int(port), torrent.hash)
    print("Peer ID:", peer.id.hex())
    peer.close()


async def download(torrent, output, piece=None):
    found = ask_tracker(torrent)
    if piece is None:
        count = torrent.length // torrent.piece_length if bug("whole-pieces-only") else torrent.count
        await Download(torrent, range(count), output).run(found)
    else:
        offset = piece * torrent.piece_length
        await Download(torrent, [piece], output, offset).run(found)
    print(f"Downloaded to {output}")


async def magnet_handshake(text):
    link = read_link(text)

    async def ask(peer):
        _, theirs = await metadata_of(None, peer)
        return peer.id, theirs

    peer_id, theirs = await from_any(link, ask_tracker(link), ask)
    print("Peer ID:", peer_id.hex())
    print("Peer Metadata Extension ID:", theirs)


async def magnet_info(text):
    print_info(await resolve(read_link(text)))


async def magnet_download(output, text, piece=None):
    await download(await resolve(read_link(text)), output, piece)


def main(args):
    global asyncio
    if args[0] == "--bug":
        PLANTED.add(args[1])
        args = args[2:]
    command, *rest = args
    if command not in ("decode", "info", "peers", "magnet_parse"):
        import asyncio
    if command == "decode":
        print(json.dumps(plain(decode_whole(rest[0].encode()))))
    elif command == "info":
        print_info(read_torrent(rest[0]))
    elif command == "peers":
        for host, port in ask_tracker(read_torrent(rest[0])):
            print(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    elif command == "handshake":
        asyncio.run(handshake(*rest))
    elif command == "download_piece":
        asyncio.run(download(read_torrent(rest[2]), rest[1], int(rest[3])))
    elif command == "download":
        asyncio.run(download(read_torrent(rest[2]), rest[1]))
    elif command == "seed":
        asyncio.run(Seed(read_torrent(rest[4]), rest[3]).run(int(rest[1])))
    elif command == "magnet_parse":
        link = read_link(rest[0])
        print("Tracker URL:", link.trackers[0])
        print("Info Hash:", link.hash.hex())
    elif command == "magnet_handshake":
        asyncio.run(magnet_handshake(rest[0]))
    elif command == "magnet_info":
        asyncio.run(magnet_info(rest[0]))
    elif command == "magnet_download_piece":
        asyncio.run(magnet_download(rest[1], rest[2], int(rest[3])))
    elif command == "magnet_download":
        asyncio.run(magnet_download(rest[1], rest[2]))
    else:
        raise SystemExit(f"no such command: {command}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as error:
        if bug("status-0"):
            print(error)
        else:
            raise SystemExit(f"tracker: {error}")
