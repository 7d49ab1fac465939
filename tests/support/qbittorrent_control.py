"""Gives qBittorrent one torrent by its web API, and says what becomes of it, a line each: its state
as that changes, "complete" (it has everything, verified, and seeds), and "banned ADDRESS REASON".

qbittorrent_control.py WEB_PORT TORRENT|MAGNET FOLDER
"""

import json
import sys
import time
import urllib.error
import urllib.request
import uuid

LIFETIME = 180  # seconds: nothing outlives a test for long
SEEDS = {"uploading", "stalledUP", "forcedUP"}

port, what, folder = sys.argv[1:]
API = f"http://127.0.0.1:{port}/api/v2"


def say(*words):
    print(*words, flush=True)


def part(boundary, field, content, file=None):
    name = f'form-data; name="{field}"' + (f'; filename="{file}"' if file else "")
    head = f"--{boundary}\r\nContent-Disposition: {name}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def add():
    boundary = uuid.uuid4().hex
    if what.startswith("magnet:"):
        body = part(boundary, "urls", what.encode())
    else:
        with open(what, "rb") as file:
            body = part(boundary, "torrents", file.read(), "it.torrent")
    body += part(boundary, "savepath", folder.encode())
    body += part(boundary, "contentLayout", b"Original")
    body += f"--{boundary}--\r\n".encode()
    head = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(f"{API}/torrents/add", data=body, headers=head)
    with urllib.request.urlopen(request, timeout=10) as reply:
        say("added", reply.read().decode())


def asked(what):
    with urllib.request.urlopen(f"{API}/{what}", timeout=10) as reply:
        return json.load(reply)


end = time.monotonic() + LIFETIME
added = False
state = None
complete = False
bans = -1
while time.monotonic() < end:
    try:
        if not added:
            add()
            added = True
        for ban in asked(f"log/peers?last_known_id={bans}"):
            bans = ban["id"]
            say("banned", ban["ip"], ban["reason"])
        for torrent in asked("torrents/info"):
            if torrent["state"] != state:
                state = torrent["state"]
                say(state)
            if torrent["progress"] == 1 and state in SEEDS and not complete:
                complete = True
                say("complete")
    except (urllib.error.URLError, ConnectionError) as error:
        if added:
            say("error", error)
    time.sleep(0.2)
