"""A network camera: GStreamer's RTSP server with a test picture.

    rtsp_server.py [--port N] [--user NAME --password WORD] [--codec h264|h265|vp8|audio]
                   [--sound aac|opus|pcma|pcmu] [--loss PERCENT] [--resize]

`--loss` drops so many packets of H.264 and lets as many be overtaken; `--resize` halves the picture two
seconds after somebody plays it.

Prints its port, and a line whenever a viewer says goodbye.
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=20/1"
MEDIA = {
    "h264": PICTURE
    + " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=300 ! rtph264pay name=pay0 pt=96",
    "h265": PICTURE + " ! x265enc tune=zerolatency speed-preset=ultrafast ! rtph265pay name=pay0 pt=96",
    "vp8": PICTURE + " ! vp8enc deadline=1 ! rtpvp8pay name=pay0 pt=96",
    "audio": "audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay0 pt=8",
}

TONE = "audiotestsrc is-live=true ! audioconvert ! audioresample"
SOUND = {
    "aac": f"{TONE} ! audio/x-raw,rate=48000,channels=2 ! voaacenc ! rtpmp4gpay name=pay1 pt=97",
    "opus": f"{TONE} ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay name=pay1 pt=97",
    "pcma": f"{TONE} ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8",
    "pcmu": f"{TONE} ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0",
}
# Several packets a key picture, of which there are two a second.
LOSSY = (
    PICTURE + " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10"
    " ! rtph264pay pt=96 mtu=800 ! netsim name=pay0 drop-probability={share} delay-probability={share}"
    " min-delay=5 max-delay=30 allow-reordering=true"
)
RESIZED = (
    PICTURE + " ! videoscale ! capsfilter name=size caps=video/x-raw,width=320,height=240"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=20"
    " ! rtph264pay name=pay0 pt=96 config-interval=-1"
)


def launch(wanted):
    """What is played."""
    media = MEDIA[wanted.codec]
    if wanted.loss:
        media = LOSSY.format(share=wanted.loss / 100)
    if wanted.resize:
        media = RESIZED
    return " ".join(["(", media, SOUND.get(wanted.sound, ""), ")"])


def resize(_factory, media):
    """Halves the picture soon."""
    size = media.get_element().get_by_name("size")
    smaller = Gst.Caps.from_string("video/x-raw,width=160,height=120")
    GLib.timeout_add_seconds(2, lambda: size.set_property("caps", smaller))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--codec", choices=MEDIA, default="h264")
    parser.add_argument("--sound", choices=SOUND)
    parser.add_argument("--loss", type=float)
    parser.add_argument("--resize", action="store_true")
    wanted = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch(wanted))
    if wanted.resize:
        factory.connect("media-configure", resize)
    if wanted.user:
        protect(server, factory, wanted.user, wanted.password)
    server.get_mount_points().add_factory("/live", factory)
    server.connect("client-connected", lambda _, client: client.connect("teardown-request", said_goodbye))
    if server.attach(None) == 0:
        raise SystemExit(f"port {wanted.port} is taken")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def protect(server, factory, user, password):
    """Lets only this user in, by Digest."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)


def said_goodbye(_client, _context):
    print("teardown", flush=True)


if __name__ == "__main__":
    main()
