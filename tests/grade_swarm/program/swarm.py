"""A small right program with a protocol of its own: tracker and peer, marked by the tests.

    swarm.py tracker PORT [BUG]
    swarm.py peer IP PORT TRACKER_IP TRACKER_PORT [BUG]     then: share FILE, get FILE, quit

A message is one line of JSON; a chunk follows its line as raw bytes. BUG plants one mistake.
"""
import hashlib, json, os, queue, random, socket, sys, threading, time

CHUNK = 16384
BUG = ""


def bug(name):
    return BUG == name


def send(sock, message, data=b""):
    sock.sendall(json.dumps(message).encode() + b"\n" + data)


def exactly(file, length):
    data = file.read(length)
    if len(data) < length:
        raise ConnectionError("closed in the middle of a chunk")
    return data


def receive(file):
    line = file.readline(1_000_000)
    if not line:
        raise ConnectionError("closed")
    return json.loads(line)


def serve(address, port, handle):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(50)

    def one(sock, caller):
        try:
            with sock, sock.makefile("rb") as file:
                while True:
                    handle(sock, receive(file), caller)
        except (OSError, ValueError):
            pass
        finally:
            busy.clear()

    busy = threading.Event()

    def accept():
        while True:
            sock, (caller, _) = server.accept()
            if bug("one-at-a-time") and address != "" and busy.is_set():
                sock.close()
                continue
            busy.set()
            threading.Thread(target=one, args=(sock, caller), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def tracker(port):
    files, lock, finders = {}, threading.Lock(), set()

    def handle(sock, message, caller):
        name = message["file"]
        with lock:
            if message["do"] == "announce":
                if bug("list-overwritten") and name not in files:
                    if files and not message["new"]:
                        return send(sock, {"ok": True})
                    files.clear()
                entry = files.setdefault(name, {"size": message["size"], "hashes": message["hashes"], "peers": {}})
                entry["peers"][f"{message['ip']}:{message['port']}"] = message["complete"]
                send(sock, {"ok": True})
            elif message["do"] == "bye":
                for entry in files.values():
                    entry["peers"].pop(f"{message['ip']}:{message['port']}", None)
                send(sock, {"ok": True})
            else:
                finders.add(message["ip"])
                if bug("tracker-dies-on-second") and len(finders) > 1:
                    print("TypeError: 'NoneType' object is not subscriptable")
                    os._exit(1)
                send(sock, files.get(name, {}))

    serve("", port, handle)
    print("tracker is running")
    threading.Event().wait()


class Peer:
    def __init__(self, ip, port, tracker):
        self.ip, self.port, self.tracker = ip, port, tracker
        self.files = {}  # name -> what is known of it, "have" among it
        self.downloading = set()
        self.stuck = False
        serve("127.0.0.1" if bug("bind-127") else ip, port, self.give)
        threading.Thread(target=self.announce_again, daemon=True).start()

    def ask_tracker(self, **message):
        with socket.create_connection(self.tracker, 3) as sock, sock.makefile("rb") as file:
            send(sock, {"ip": self.ip, "port": self.port + bug("wrong-port"), **message})
            return receive(file)

    def announce(self, name, new=False):
        info = self.files[name]
        if bug("never-registers") and not info["shared"]:
            return
        complete = len(info["have"]) == len(info["hashes"])
        if bug("one-at-a-time") and not complete:
            return
        self.ask_tracker(do="announce", file=name, size=info["size"], hashes=info["hashes"], complete=complete, new=new)

    def announce_again(self):
        while True:
            time.sleep(2)
            for name in list(self.files):
                try:
                    self.announce(name)
                except (OSError, ValueError):
                    pass

    def give(self, sock, message, caller):
        info = self.files.get(message["file"])
        if message["do"] == "have":
            send(sock, {"have": sorted(info["have"]) if info else []})
        elif info and message["chunk"] in info["have"]:
            with open(info["path"], "rb") as file:
                file.seek(message["chunk"] * CHUNK)
                data = file.read(CHUNK)
            send(sock, {"length": len(data)}, data)
        else:
            send(sock, {"length": -1})

    def share(self, name):
        with open(name, "rb") as file:
            data = file.read()
        if not data and bug("ends-on-empty"):
            os._exit(1)
        if self.stuck or not data and (bug("refuses-empty") or bug("stuck-after-empty")):
            self.stuck = bug("stuck-after-empty")
            raise ValueError("there is nothing in it")
        hashes = [hashlib.sha1(data[at : at + CHUNK]).hexdigest() for at in range(0, len(data), CHUNK)]
        self.files[name] = {"path": name, "size": len(data), "hashes": hashes, "have": set(range(len(hashes))), "shared": True}
        self.announce(name, new=True)
        print("shared", name)

    def get(self, name):
        try:
            found = self.ask_tracker(do="find", file=name)
            if not found:
                return print("failed", name, "nobody has it")
            Download(self, name, found).run()
            self.announce(name)
            print("complete", name)
        except (OSError, ValueError, RuntimeError) as error:
            print("failed", name, error)

    def quit(self):
        if bug("no-quit"):
            return
        for name in list(self.files):
            try:
                self.ask_tracker(do="bye", file=name)
            except (OSError, ValueError):
                pass
        os._exit(0)


class Download:
    def __init__(self, peer, name, found):
        self.peer, self.name = peer, name
        self.size, self.hashes = found["size"], found["hashes"]
        self.part = name + ".part"
        self.lock, self.taken, self.have = threading.Lock(), set(), set()
        self.sources, self.broken, self.dead = {}, None, {}
        if bug("bits-1024"):
            self.hashes = self.hashes[:1024]
        count = len(self.hashes)
        self.all = set(range(count - 1 if bug("short") else count))
        if os.path.exists(self.part):
            with open(self.part, "rb") as file:
                for index in self.all:
                    file.seek(index * CHUNK)
                    if hashlib.sha1(file.read(CHUNK)).hexdigest() == self.hashes[index]:
                        self.have.add(index)
        else:
            open(self.part, "wb").close()
        peer.files[name] = {"path": self.part, "size": self.size, "hashes": self.hashes, "have": self.have, "shared": False}

    def run(self):
        self.peer.announce(self.name)
        end = time.time() + 25
        while self.have < self.all or (bug("no-empty") and not self.all):
            if self.broken:
                raise RuntimeError(self.broken)
            if not self.sources and self.dead and bug("one-at-a-time"):
                raise RuntimeError("no source is left")
            try:
                self.find_sources(self.peer.ask_tracker(do="find", file=self.name).get("peers", {}))
            except (OSError, ValueError):
                pass
            for _ in range(10):
                if self.have >= self.all:
                    break
                time.sleep(0.1)
            if time.time() > end:
                raise RuntimeError("it takes too long")
        if bug("everything-twice"):
            for thread in list(self.sources.values()):
                thread.join()
        os.replace(self.part, self.name)
        self.peer.files[self.name]["path"] = self.name

    def find_sources(self, peers):
        if bug("one-source"):
            complete = [address for address, whole in peers.items() if whole and address not in self.dead]
            peers = complete[-1:] if not self.sources else []
        for address in peers:
            host, port = address.rsplit(":", 1)
            if address in self.sources or address == f"{self.peer.ip}:{self.peer.port}":
                continue
            if time.time() - self.dead.get(address, 0) < 5:
                continue
            thread = threading.Thread(target=self.work, args=(address, (host, int(port))), daemon=True)
            self.sources[address] = thread
            thread.start()

    def work(self, address, target):
        chunk, own = None, set()
        try:
            with socket.create_connection(target, 3) as sock, sock.makefile("rb") as file:
                sock.settimeout(None if bug("in-flight") else 3)
                there = set()
                while self.have < self.all or bug("everything-twice"):
                    with self.lock:
                        missing = self.all - own if bug("everything-twice") else self.all - self.have - self.taken
                        choice = missing & there
                        if choice:
                            chunk = random.choice(list(choice)) if len(choice) < 2000 else choice.pop()
                            self.taken.add(chunk)
                    if not missing and bug("everything-twice"):
                        break
                    if not choice:
                        send(sock, {"do": "have", "file": self.name})
                        there = set(receive(file)["have"])
                        time.sleep(0.05 if there & missing else 0.2)
                        continue
                    data = self.fetch(sock, file, chunk)
                    while bug("retry-for-ever") and hashlib.sha1(data).hexdigest() != self.hashes[chunk]:
                        data = self.fetch(sock, file, chunk)
                    if not self.keep(chunk, data):
                        raise ValueError("a bad chunk")
                    own.add(chunk)
                    chunk = None
        except (ConnectionError, TimeoutError, OSError, ValueError) as error:
            # A connection that could not even be made is of somebody who has left.
            if bug("no-retry") and chunk is not None and not isinstance(error, TimeoutError):
                self.broken = f"{address}: {error}"
        finally:
            with self.lock:
                if chunk is not None:
                    self.taken.discard(chunk)
                self.dead[address] = time.time()
                self.sources.pop(address, None)

    def fetch(self, sock, file, chunk):
        send(sock, {"do": "get", "file": self.name, "chunk": chunk})
        if bug("one-recv"):
            head, _, data = sock.recv(CHUNK + 100).partition(b"\n")
            return data
        length = receive(file)["length"]
        if length < 0:
            raise ValueError("it does not have it")
        return exactly(file, length)

    def keep(self, chunk, data):
        checks = not bug("no-hash") and not bug("one-recv")
        if checks and hashlib.sha1(data).hexdigest() != self.hashes[chunk]:
            return False
        with self.lock, open(self.part, "r+b") as file:
            file.seek(chunk * CHUNK)
            file.write(data)
            file.flush()
            self.have.add(chunk)
            self.taken.discard(chunk)
        return True


def main():
    global BUG
    words = sys.argv[1:]
    if words[0] == "tracker":
        BUG = (words + [""] * 3)[2]
        return tracker(int(words[1]))
    BUG = (words + [""] * 6)[5]
    peer = Peer(words[1], int(words[2]), (words[3], int(words[4])))
    print("peer is ready")
    for line in sys.stdin:
        command, _, name = line.strip().partition(" ")
        if bug("splits-at-blanks"):
            name = name.split()[0] if name else ""
        if command == "share":
            try:
                peer.share(name)
            except (OSError, ValueError) as error:
                print("cannot share", name, error)
        elif command == "get":
            threading.Thread(target=peer.get, args=(name,), daemon=True).start()
        elif command == "quit":
            peer.quit()
        else:
            print("unknown command")
    threading.Event().wait()


main()
