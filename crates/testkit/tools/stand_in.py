"""What the stand-ins for the vendors' tools have in common: a camera that one program has at a time,
that a driver keeps for ever if it is not let go of well, and that gives JPEGs or H.264.

The folder in STAND_IN_CAMERAS holds a file for each camera, locked while somebody has it, and a file
`dirty-N` from its opening until it was closed well. STAND_IN_MANNER makes the tool misbehave.
"""

import fcntl
import itertools
import os
import signal
import subprocess
import sys
import time

MANNER = os.environ.get("STAND_IN_MANNER", "")


def jpeg(width, height):
    """A grey picture: each block of 8x8 says in two bits that it is as the one before and has no detail. Comments
    make it as long as a true one, so that a pipe that nobody reads is soon full."""

    def segment(marker, body):
        return b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body

    def one_code(table):
        return segment(0xC4, bytes([table, 1] + [0] * 15 + [0]))

    bits = 2 * (-(-width // 8)) * (-(-height // 8))
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    comments = bytes(width * height // 5)
    scan = bytearray(-(-bits // 8))
    if bits % 8:
        scan[-1] = 0xFF >> (bits % 8)
    return (
        b"\xff\xd8"
        + b"".join(segment(0xFE, comments[at : at + 60000]) for at in range(0, len(comments), 60000))
        + segment(0xDB, bytes([0] + [1] * 64))
        + segment(0xC0, b"\x08" + size + b"\x01\x01\x11\x00")
        + one_code(0x00)
        + one_code(0x10)
        + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + bytes(scan)
        + b"\xff\xd9"
    )


def h264(width, height, fps, key_interval, bitrate):
    """The pictures of one group, each with what stands before it, by a real encoder: Constrained Baseline."""
    source = f"testsrc=size={width}x{height}:rate={fps}"
    line = f"ffmpeg -nostdin -loglevel error -f lavfi -i {source} -frames:v {min(key_interval, 60)} -pix_fmt yuv420p"
    line += f" -c:v libx264 -preset ultrafast -profile:v baseline -g {key_interval} -b:v {bitrate}"
    line += " -x264-params aud=1 -f h264 -"
    stream = subprocess.run(line.split(), stdout=subprocess.PIPE, check=True).stdout
    delimiter = b"\0\0\0\1\x09"
    return [delimiter + rest for rest in stream.split(delimiter)[1:]]


class Camera:
    """A camera, opened. `taken`, `stuck` and `missing` are what the tool says when it cannot be."""

    def __init__(self, number, taken, stuck, missing):
        folder = os.environ["STAND_IN_CAMERAS"]
        device = os.path.join(folder, f"camera-{number}")
        if not os.path.exists(device):
            fail(missing)
        self.device = open(device, "r+b")
        try:
            fcntl.flock(self.device, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fail(taken)
        self.dirty = os.path.join(folder, f"dirty-{number}")
        if os.path.exists(self.dirty):
            fail(stuck)
        open(self.dirty, "w").close()

    def close(self):
        os.remove(self.dirty)
        self.device.close()


def fail(said):
    print(said, file=sys.stderr, flush=True)
    sys.exit(255)


def write(data):
    while data:
        data = data[os.write(1, data) :]


def run(camera, pictures, fps, closing_s):
    """Writes these pictures over and over until the first SIGINT, and on while the camera is being closed. On a second one, and on
    any other signal, the tool dies at once, as the real ones do."""
    closing = []

    def on_interrupt(*_):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        closing.append(time.monotonic() + closing_s)

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, on_interrupt)
    if MANNER == "stubborn":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MANNER == "garbage":
        pictures = [b"\x00garbage" * 1000]
    if MANNER == "dies":
        pictures = [b"".join(pictures) * 3]
    coming = itertools.cycle(pictures)
    due = time.monotonic()
    while not closing or time.monotonic() < closing[0]:
        if MANNER != "silent":
            write(next(coming))
        if MANNER == "dies":
            fail("ERROR: *** the sensor has stopped answering ***")
        due += 1 / fps
        time.sleep(max(0, due - time.monotonic()))
    camera.close()
