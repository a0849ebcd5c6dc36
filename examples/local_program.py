"""Takes the frames of a stream into a program on the same machine, as a robot's autopilot does:
always the newest, with the time it was captured, while people watch the same camera.

    python3 examples/local_program.py http://127.0.0.1:8000/streams/front/mjpeg
    python3 examples/local_program.py --measure 10 http://127.0.0.1:8000/streams/front/mjpeg

Only the standard library, and OpenCV (with NumPy) to decode. To be used in other programs:

    from local_program import Frames
    for frame in Frames("http://127.0.0.1:8000/streams/front/mjpeg"):
        steer(frame.picture(), age=frame.age())
"""

import argparse
import http.client
import sys
import threading
import time
import urllib.error
import urllib.request

import cv2
import numpy

SILENCE = 5.0      # Seconds without a byte after which the connection is given up.
FIRST_WAIT = 0.1   # Seconds until connecting again, doubled each time …
LONGEST_WAIT = 2.0  # … up to this.
MOST_BYTES = 16 << 20


class Frame:
    """A picture as it came: a JPEG, and when it was captured, in seconds since 1970."""

    def __init__(self, jpeg, captured):
        self.jpeg = jpeg
        self.captured = captured

    def age(self):
        """Seconds since it was captured."""
        return time.time() - self.captured

    def picture(self):
        """The pixels: an array of rows, columns and blue, green, red."""
        return cv2.imdecode(numpy.frombuffer(self.jpeg, numpy.uint8), cv2.IMREAD_COLOR)


class Frames:
    """The newest frame of a stream, again and again. A thread reads whatever comes and keeps
    only the last, so that a program that thinks for a while goes on with the newest, and what
    it missed was never decoded. When the connection is lost, it is made anew."""

    def __init__(self, url, token=None):
        self._request = urllib.request.Request(url)
        if token:
            self._request.add_header("Authorization", f"Bearer {token}")
        self._newest = None
        self._came = threading.Condition()
        self._closed = False
        threading.Thread(target=self._run, name="frames", daemon=True).start()

    def __iter__(self):
        return self

    def __next__(self):
        return self.next()

    def next(self, timeout=None):
        """The newest frame that was not given yet; None if none comes within so many seconds."""
        with self._came:
            self._came.wait_for(lambda: self._newest or self._closed, timeout)
            frame, self._newest = self._newest, None
            if self._closed:
                raise StopIteration
            return frame

    def close(self):
        with self._came:
            self._closed = True
            self._came.notify_all()

    def _run(self):
        wait = FIRST_WAIT
        while not self._closed:
            try:
                with urllib.request.urlopen(self._request, timeout=SILENCE) as stream:
                    for frame in parts(stream):
                        wait = FIRST_WAIT
                        with self._came:
                            if self._closed:
                                return
                            self._newest = frame
                            self._came.notify_all()
            except (OSError, ValueError, http.client.HTTPException) as error:
                print(f"no frames: {error}; connecting again", file=sys.stderr)
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


def parts(stream):
    """The frames of multipart/x-mixed-replace; each says its length."""
    while True:
        headers = {}
        while line := stream.readline(1024):
            name, colon, value = line.decode("latin-1").partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
            elif headers and not line.strip():
                break
        if not line:
            return
        length = int(headers["content-length"])
        if length > MOST_BYTES:
            raise ValueError(f"a part of {length} bytes")
        jpeg = stream.read(length)
        if len(jpeg) < length:
            return
        if "x-eyeline-slate" in headers:
            continue  # A notice for people that the camera is away, and not what it sees.
        yield Frame(jpeg, float(headers["x-timestamp"]))


def time_in(picture):
    """The capture time that the source test: writes into the pixels (see
    crates/media/src/timecode.rs); None if there is none."""
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = luma.shape

    def cell(column, row):
        rows = slice((4 * row + 1) * height // 144, (4 * row + 3) * height // 144)
        columns = slice((4 * column + 1) * width // 256, (4 * column + 3) * width // 256)
        return int(luma[rows, columns].mean() > 124)

    bits = [cell(column, row) for row in (33, 34) for column in range(4, 40)]
    corners = [cell(column, row) for row in (33, 34) for column in (2, 3, 40, 41)]
    if corners != [1, 0, 1, 0, 0, 1, 0, 1]:
        return None
    return int("".join(map(str, bits[:56])), 2) / 1e6


def spread(name, ages):
    ages = sorted(1000 * age for age in ages)
    if not ages:
        return f"{name}: nothing came"
    at = lambda share: ages[min(len(ages) - 1, int(share * len(ages)))]
    return f"{name}: {len(ages)} frames, median {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms"


def measure(url, seconds):
    """How old frames are when a program has them: as bytes, as an array, and by OpenCV alone."""
    frames = Frames(url)
    came, decoded = [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        frame = frames.next(timeout=1)
        if frame:
            came.append(frame.age())
            frame.picture()
            decoded.append(frame.age())
    frames.close()
    print(spread("captured to JPEG here", came))
    print(spread("captured to array", decoded), flush=True)
    video = cv2.VideoCapture(url)
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end and video.isOpened():
        ok, picture = video.read()
        now = time.time()
        captured = time_in(picture) if ok else None
        if captured:
            times.append(now - captured)
    print(spread("captured to array by cv2.VideoCapture, by the pixels", times))


def main():
    parser = argparse.ArgumentParser(description="takes the newest frames of a stream")
    parser.add_argument("url")
    parser.add_argument("--measure", type=float, metavar="SECONDS")
    parser.add_argument("--count", type=int, help="end after so many frames")
    options = parser.parse_args()
    if options.measure:
        measure(options.url, options.measure)
        return
    for number, frame in enumerate(Frames(options.url), 1):
        height, width = frame.picture().shape[:2]
        print(f"{frame.captured:.6f} {width}x{height} {1000 * frame.age():.1f} ms old", flush=True)
        if number == options.count:
            return


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):
        sys.stderr.close()
