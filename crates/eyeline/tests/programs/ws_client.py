"""An independent client of docs/websocket.md: checks every field, and fails if one is wrong.

    ws_client.py view URL FORMAT COUNT      watches, and prints the frames' numbers and times
    ws_client.py talk URL OTHER             says all that a viewer may say; OTHER is a second stream
    ws_client.py complain URL               reports old pictures until smaller ones come
    ws_client.py produce URL FORM COUNT     publishes pictures, and prints their times
    ws_client.py record URL TYPE FILE       publishes a recording in chunks
"""

import base64
import json
import struct
import sys
import time

import cv2
import numpy
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE = 60
CHUNK = 20_000


def check(condition, what):
    if not condition:
        sys.exit(f"wrong: {what}")


def data_of(message, kind):
    """The data of a text message of this type."""
    check(isinstance(message, str), f"binary where {kind} was expected")
    parsed = json.loads(message)
    check(set(parsed) == {"type", "data"}, f"members of {message[:200]}")
    check(parsed["type"] == kind, f"{message[:200]} where {kind} was expected")
    return parsed["data"]


def wait_for(socket, kind):
    """The data of the next message of this type; frames and others are passed over."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        message = socket.recv(timeout=PATIENCE)
        if isinstance(message, str) and json.loads(message)["type"] == kind:
            return data_of(message, kind)
    sys.exit(f"no {kind} came")


def wait_for_info(socket, stream, **wish):
    """The info that answers a wish; others come when the stream changes by itself."""
    while True:
        info = wait_for(socket, "stream_info")
        check_viewer_info(info, info["stream_id"])
        if info["stream_id"] == stream and info["wish"] == wish:
            return info


def say(socket, kind, **data):
    socket.send(json.dumps({"type": kind, "data": data}))


def check_info(info, stream):
    check(info["stream_id"] == stream, f"stream_id of {info}")
    for name, kind in {"source": str, "quality": str, "is_active": bool,
                       "viewer_count": int, "frame_count": int, "settings": dict}.items():
        check(isinstance(info[name], kind), f"{name} of {info}")
    check({"width", "height", "fps", "jpeg_quality"} <= set(info["settings"]), f"settings of {info}")


def check_viewer_info(info, stream):
    check_info(info, stream)
    check(set(info["wish"]) == {"quality", "fps", "jpeg_quality"}, f"wish of {info}")
    check(set(info["delivered"]) == {"quality", "fps", "reason"}, f"delivered of {info}")


def check_meta(meta, stream):
    names = {"stream_id", "timestamp", "frame_number", "quality"}
    check(set(meta) - {"slate"} == names, f"members of {meta}")
    check(meta["stream_id"] == stream, f"stream_id of {meta}")
    check(abs(time.time() - meta["timestamp"]) < PATIENCE, f"timestamp of {meta}")
    check(isinstance(meta["frame_number"], int), f"frame_number of {meta}")


def size_of(jpeg):
    check(jpeg[:2] == b"\xff\xd8" and jpeg[-2:] == b"\xff\xd9", "a whole JPEG")
    height, width, _ = cv2.imdecode(numpy.frombuffer(jpeg, numpy.uint8), cv2.IMREAD_COLOR).shape
    return f"{width}x{height}"


def frame_of(message, form, stream):
    """What is told of a frame, and the frame."""
    if form == "json":
        meta = data_of(message, "frame")
        jpeg = base64.b64decode(meta.pop("frame"), validate=True)
    elif form == "jpeg":
        check(isinstance(message, bytes), "a binary message")
        return {}, message
    else:
        check(isinstance(message, bytes), "a binary message")
        (length,) = struct.unpack(">I", message[:4])
        meta, jpeg = json.loads(message[4:4 + length]), message[4 + length:]
    check_meta(meta, stream)
    return meta, jpeg


def view(url, form, count):
    stream = url.split("?")[0].rsplit("/", 1)[1]
    with connect(f"{url}&format={form}") as socket:
        check(socket.protocol.extensions == [], "no compression was agreed on")
        check_viewer_info(data_of(socket.recv(timeout=PATIENCE), "stream_info"), stream)
        number, seen = -1, 0
        while seen < int(count):
            message = socket.recv(timeout=PATIENCE)
            if isinstance(message, str) and form != "json":
                check_viewer_info(data_of(message, "stream_info"), stream)
                continue
            if form == "json" and json.loads(message)["type"] == "stream_info":
                continue
            meta, jpeg = frame_of(message, form, stream)
            if meta:
                check(meta["frame_number"] > number, f"{meta} behind {number}")
                number = meta["frame_number"]
            print(size_of(jpeg), meta.get("quality", "-"), meta.get("timestamp", 0))
            seen += 1


def check_error(socket, code, stream=None):
    error = wait_for(socket, "error")
    check(error["code"] == code and error["error"], f"{error} where {code} was expected")
    check(error.get("stream_id") == stream, f"stream_id of {error}")


def talk(url, other):
    stream = url.split("?")[0].rsplit("/", 1)[1]
    with connect(url) as socket:
        check_viewer_info(data_of(socket.recv(timeout=PATIENCE), "stream_info"), stream)

        say(socket, "set_quality", quality="low", fps=10)
        info = wait_for_info(socket, stream, quality="low", fps=10, jpeg_quality=None)
        check(info["delivered"] == {"quality": "low", "fps": 10, "reason": None}, f"{info}")
        meta = wait_for(socket, "frame")
        check(meta["quality"] == "low", f"quality of {meta['quality']}")
        print(size_of(base64.b64decode(meta["frame"])))

        # Members beside the type are understood as well.
        socket.send(json.dumps({"type": "join_stream", "stream_id": other, "quality": "medium"}))
        wait_for_info(socket, other, quality="medium", fps=None, jpeg_quality=None)
        seen = {wait_for(socket, "frame")["stream_id"] for _ in range(40)}
        check(seen == {stream, other}, f"frames of {seen}")

        say(socket, "set_quality", stream_id=other, jpeg_quality=40)
        wait_for_info(socket, other, quality=None, fps=None, jpeg_quality=40)

        say(socket, "feedback", stream_id=stream, age_ms=42.5, fps=9.5, dropped=3)
        before = time.time()
        say(socket, "clock", sent=before)
        clock = wait_for(socket, "clock")
        check(clock["sent"] == before, f"{clock}")
        check(before - 1 < clock["server"] < time.time() + 1, f"{clock}")

        say(socket, "no_such_thing")
        check_error(socket, "unknown_type")
        socket.send("this is not JSON")
        check_error(socket, "malformed")
        say(socket, "join_stream", stream_id="nowhere")
        check_error(socket, "unknown_stream", "nowhere")
        say(socket, "set_quality", quality="ultra")
        check_error(socket, "bad_parameter")

        say(socket, "leave_stream", stream_id=other)
        left = wait_for(socket, "stream_left")
        check(left["stream_id"] == other and left["reason"], f"{left}")
        seen = {wait_for(socket, "frame")["stream_id"] for _ in range(20)}
        check(seen == {stream}, f"frames of {seen}")

        # The server checks what the client checks.
        print("ready", flush=True)
        sys.stdin.readline()
        socket.send(b"x" * 70_000)
        try:
            while True:
                socket.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            check(closed.rcvd.code == 1009 and closed.rcvd.reason, f"{closed}")


def complain(url):
    stream = url.split("?")[0].rsplit("/", 1)[1]
    nothing = {"quality": None, "fps": None, "jpeg_quality": None}
    with connect(url) as socket:
        info = data_of(socket.recv(timeout=PATIENCE), "stream_info")
        check(info["delivered"]["reason"] is None, f"{info}")
        deadline = time.monotonic() + PATIENCE
        while info["delivered"]["reason"] is None:
            check(time.monotonic() < deadline, "complaints change nothing")
            say(socket, "feedback", stream_id=stream, age_ms=900)
            message = socket.recv(timeout=PATIENCE)
            if json.loads(message)["type"] == "stream_info":
                info = data_of(message, "stream_info")
        check_viewer_info(info, stream)
        check(info["wish"] == nothing, f"{info}")
        check(info["delivered"]["reason"] == "slow_link", f"{info}")
        meta = wait_for(socket, "frame")
        check(meta["quality"] == info["delivered"]["quality"] != "source", f"{info}")
        print(meta["quality"], size_of(base64.b64decode(meta["frame"])))


def watched(socket, stream):
    while True:
        demand = wait_for(socket, "demand")
        check(set(demand) == {"stream_id", "viewers", "watched"}, f"members of {demand}")
        check(demand["stream_id"] == stream, f"{demand}")
        if demand["watched"]:
            check(demand["viewers"] > 0, f"{demand}")
            return


def picture(number):
    """A JPEG of which each number is a different one."""
    image = numpy.full((240, 320, 3), (number * 16 % 256, 80, 160), numpy.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def produce(url, form, count):
    stream = url.rsplit("/", 1)[1]
    with connect(url) as socket:
        if form == "header":
            say(socket, "start_stream", format="binary", name="From Python", quality="source")
        elif form == "plain":
            say(socket, "start_stream", content_type="image/jpeg")
        else:
            socket.send(picture(0))
        check_info(data_of(socket.recv(timeout=PATIENCE), "stream_info"), stream)
        watched(socket, stream)
        sent = 0 if form != "unannounced" else 1
        for number in range(int(count)):
            jpeg = picture(number)
            if form == "header":
                # Some time ago, so that it is not the time when it arrives.
                timestamp = round(time.time() - 3, 6)
                header = json.dumps({"timestamp": timestamp}).encode()
                print(f"{timestamp:.6f}", flush=True)
                jpeg = struct.pack(">I", len(header)) + header + jpeg
            socket.send(jpeg)
            sent += 1
            time.sleep(0.05)
        socket.send(b"this is no JPEG" if form != "header" else b"\0\0\0\2{}not one")
        check_error(socket, "malformed", stream)
        say(socket, "stop_stream")
        stopped = wait_for(socket, "stream_stopped")
        check(set(stopped) == {"stream_id", "frames"}, f"{stopped}")
        check(stopped["stream_id"] == stream and stopped["frames"] >= sent, f"{stopped}, sent {sent}")


def record(url, content_type, path):
    stream = url.rsplit("/", 1)[1]
    with open(path, "rb") as file:
        recording = file.read()
    with connect(url) as socket:
        say(socket, "start_stream", content_type=content_type)
        check_info(data_of(socket.recv(timeout=PATIENCE), "stream_info"), stream)
        watched(socket, stream)
        for start in range(0, len(recording), CHUNK):
            socket.send(recording[start:start + CHUNK])
            time.sleep(0.05)
        say(socket, "stop_stream")
        stopped = wait_for(socket, "stream_stopped")
        check(stopped["frames"] > 0, f"{stopped}")
        print(stopped["frames"])


MODES = {"view": view, "talk": talk, "complain": complain, "produce": produce, "record": record}
MODES[sys.argv[1]](*sys.argv[2:])
