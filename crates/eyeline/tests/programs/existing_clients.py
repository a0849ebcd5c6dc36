"""Programs in the manner of those that were written for other servers.

    existing_clients.py opencv URL COUNT    reads frames as scripts for IP cameras do, and prints their sizes
    existing_clients.py ustreamer BASE      looks at a µStreamer and finds itself in its state
    existing_clients.py camera URL          sends pictures while it is told to, and prints what it is told
    existing_clients.py site URL COUNT      takes pictures, one a message, and prints their sizes
"""

import json
import sys
import threading
import time
import urllib.request

import cv2
import numpy
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE = 60


def check(condition, what):
    if not condition:
        sys.exit(f"wrong: {what}")


def size_of(jpeg):
    picture = cv2.imdecode(numpy.frombuffer(jpeg, numpy.uint8), cv2.IMREAD_COLOR)
    check(picture is not None, "no JPEG")
    return f"{picture.shape[1]}x{picture.shape[0]}"


def opencv(url, count):
    video = cv2.VideoCapture(url)
    last = None
    for _ in range(int(count)):
        ok, frame = video.read()
        check(ok, "the stream ended")
        check(last is None or (frame != last).any(), "the same frame twice")
        last = frame
        print(f"{frame.shape[1]}x{frame.shape[0]}", flush=True)


def ustreamer(base):
    key = "a1b2c3"
    url = f"{base}/stream?extra_headers=1&advance_headers=1&key={key}"
    stream = urllib.request.urlopen(url, timeout=PATIENCE)
    cookie = stream.headers["Set-Cookie"].split(";")[0]
    name, _, value = cookie.partition("=")
    found_key, _, client = value.partition("/")
    check((name, found_key) == ("stream_client", key), cookie)
    boundary = stream.headers["Content-Type"].split("boundary=")[1].encode()

    deadline = time.monotonic() + PATIENCE
    body = b""
    while True:
        body += stream.read1(65536)
        state = json.load(urllib.request.urlopen(f"{base}/state", timeout=PATIENCE))
        result = state["result"]
        mine = result["stream"]["clients_stat"][client]
        if mine["fps"] > 0 and result["source"]["captured_fps"] > 0 and body.count(boundary) > 3:
            break
        check(time.monotonic() < deadline, f"nothing flows: {state}")
    check(state["ok"] is True and result["source"]["online"] is True, state)
    check(mine["key"] == key and mine["advance_headers"] is True, state)
    check(result["stream"]["clients"] == 1, state)
    check(result["encoder"]["type"] and 1 <= result["encoder"]["quality"] <= 100, state)

    # Between two boundaries stand headers and a picture.
    part = body.split(b"--" + boundary)[2]
    print(size_of(part.split(b"\r\n\r\n", 1)[1]))
    snapshot = urllib.request.urlopen(f"{base}/snapshot", timeout=PATIENCE)
    check(snapshot.headers["X-UStreamer-Online"] == "true", snapshot.headers)
    print(size_of(snapshot.read()))
    size = result["source"]["resolution"]
    print(f"{size['width']}x{size['height']}")


def camera(url):
    wanted = threading.Event()
    wanted.set()

    def send(socket):
        try:
            for number in range(1_000_000):
                time.sleep(0.04)
                if wanted.is_set():
                    picture = numpy.full((48, 64, 3), number % 256, numpy.uint8)
                    socket.send(cv2.imencode(".jpg", picture)[1].tobytes())
        except ConnectionClosed:
            pass

    with connect(url, open_timeout=PATIENCE) as socket:
        threading.Thread(target=send, args=(socket,), daemon=True).start()
        for message in socket:
            check(message in (b"0", b"1"), f"heard {message!r}")
            if message == b"0":
                wanted.clear()
            else:
                wanted.set()
            print(message.decode(), flush=True)


def site(url, count):
    with connect(url, open_timeout=PATIENCE) as socket:
        for _ in range(int(count)):
            print(size_of(socket.recv(timeout=PATIENCE)), flush=True)


what, *arguments = sys.argv[1:]
{"opencv": opencv, "ustreamer": ustreamer, "camera": camera, "site": site}[what](*arguments)
