//! Pictures and sound as messages of RTMP, made once for all who play a rendition: the bytes are the same
//! on every connection.

use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::Item;
use eyeline_media::{AudioCodec, AudioFormat, AudioPacket, Codec, Packet, Resolution};
use eyeline_output::{Backlog, Container, Labels, Mux, Timing};
use eyeline_proto::rtmp::{Outgoing, metadata, moved};

/// For players that know what was there before Enhanced RTMP.
pub(crate) static CLASSIC: Container = Container {
    name: "rtmp",
    codec: Codec::H264,
    audio: &[AudioCodec::Aac, AudioCodec::Pcma, AudioCodec::Pcmu],
    backlog: BACKLOG,
    start: |labels| start(&CLASSIC, labels),
};

/// For players that say that they know Opus.
pub(crate) static WITH_OPUS: Container = Container {
    name: "rtmp-opus",
    codec: Codec::H264,
    audio: &[
        AudioCodec::Aac,
        AudioCodec::Opus,
        AudioCodec::Pcma,
        AudioCodec::Pcmu,
    ],
    backlog: BACKLOG,
    start: |labels| start(&WITH_OPUS, labels),
};

/// The sound of a stream that players of this container get.
pub(crate) fn heard<'a>(
    container: &Container,
    audio: Option<&'a AudioFormat>,
) -> Option<&'a AudioFormat> {
    audio.filter(|format| container.audio.contains(&format.codec))
}

/// Times are in milliseconds: of up to 31 pictures a second no two get the same.
const BACKLOG: Option<Backlog> = Some(Backlog {
    ratio: 32,
    retime: |chunk, press| {
        let (decode, present) = (press.place(chunk.decoded), press.place(chunk.shown));
        let (decode, present) = (millis(decode), millis(present));
        moved(&chunk.data, decode, present.wrapping_sub(decode) as i32)
    },
});

fn start(container: &Container, labels: &Labels) -> Box<dyn Mux> {
    let audio = labels.stream.audio();
    let audio = audio.filter(|format| heard(container, Some(format)).is_some());
    Box::new(Messages {
        out: Outgoing::new(audio),
        size: None,
    })
}

struct Messages {
    out: Outgoing,
    size: Option<Resolution>,
}

impl Mux for Messages {
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes> {
        let packet = &item.value;
        let (decode, present) = (millis(timing.decode()), millis(timing.time));
        let later = present.wrapping_sub(decode) as i32;
        let picture = self.out.picture(&packet.data, packet.key, decode, later);
        let before = self.size.replace(packet.resolution);
        if before.is_some_and(|before| before != packet.resolution) {
            let news = metadata(self.size, self.out.format());
            return Some([&news[..], &picture[..]].concat().into());
        }
        Some(picture)
    }

    fn audio(&mut self, packet: &AudioPacket, time: Duration) -> Option<Bytes> {
        self.out.sound(&packet.format, &packet.data, millis(time))
    }
}

/// They wrap after 49 days, as the protocol wants it.
fn millis(time: Duration) -> u32 {
    time.as_millis() as u32
}
