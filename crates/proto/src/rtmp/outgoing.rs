//! What is played: pictures and sound as messages in chunks, ready to be sent. They are the same for all
//! who look, on connections that [`Server`](super::Server) has begun.

use std::sync::Arc;

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat, Resolution};

use super::amf0::Value;
use super::audio::{AAC, ALAW, ENHANCED, G711_HZ, ULAW};
use super::configuration::Configuration;
use super::connection::{CHUNK_SIZE, STREAM};
use super::limits::Limits;
use super::message::Kind;
use super::reader::{FIRST_CHUNK_SIZE, Reader};
use super::video::AVC;
use super::writer::{chunk_stream, write_message};

/// Writes the pictures and the sound of one stream. Who begins with a key picture has all that is
/// needed.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// Of the sound that was written last.
    format: Option<Arc<AudioFormat>>,
}

/// What the first byte of a message says of a picture.
const KEY: u8 = 1 << 4;
const INTER: u8 = 2 << 4;
/// The most that 24 bits with a sign hold.
const MOST_LATER: i32 = 0x7f_ffff;

impl Outgoing {
    /// Nothing was written. If sound of this format will be, the first key picture says so.
    #[must_use]
    pub fn new(format: Option<Arc<AudioFormat>>) -> Self {
        Self { format }
    }

    /// How the sound is coded that was written last.
    #[must_use]
    pub fn format(&self) -> Option<&AudioFormat> {
        self.format.as_deref()
    }

    /// A picture as packets carry it, decoded at `millis`, and shown `later` milliseconds later. A key
    /// picture has everything in front that a decoder is set up with.
    pub fn picture(&mut self, access_unit: &[u8], key: bool, millis: u32, later: i32) -> Bytes {
        let mut out = Vec::with_capacity(access_unit.len() + 256);
        if key {
            if let Some(configuration) = Configuration::of(access_unit) {
                let head = [KEY | AVC, 0, 0, 0, 0];
                write_video(&mut out, millis, &[&head, &configuration]);
            }
            if let Some(format) = &self.format {
                write_sound_head(&mut out, millis, format);
            }
        }
        let kind = if key { KEY } else { INTER };
        write_picture(&mut out, millis, kind | AVC, later, access_unit);
        out.into()
    }

    /// A piece of sound, heard at `millis`; `None` if there is no way to say how it is coded.
    pub fn sound(&mut self, format: &Arc<AudioFormat>, data: &[u8], millis: u32) -> Option<Bytes> {
        let classic = classic(format);
        let head: &[u8] = match format.codec {
            AudioCodec::Aac => &[classic?, 1],
            AudioCodec::Pcma | AudioCodec::Pcmu => &[classic?],
            AudioCodec::Opus => &[ENHANCED << 4 | 1, b'O', b'p', b'u', b's'],
        };
        let mut out = Vec::with_capacity(data.len() + 64);
        if self.format.as_ref() != Some(format) {
            self.format = Some(Arc::clone(format));
            write_sound_head(&mut out, millis, format);
        }
        write_audio(&mut out, millis, &[head, data]);
        Some(out.into())
    }
}

/// What was written of a picture with it at other times; its messages about sound stay with it. Of a
/// piece of sound what sets up its decoder; `None` if that is nothing.
#[must_use]
pub fn moved(written: &[u8], millis: u32, later: i32) -> Option<Bytes> {
    let mut reader = Reader::new(Limits::default());
    let mut size = Vec::new();
    let said = (CHUNK_SIZE as u32).to_be_bytes();
    let header = (Kind::SET_CHUNK_SIZE, 0, 0);
    write_message(
        &mut size,
        chunk_stream::CONTROL,
        header,
        &[&said],
        FIRST_CHUNK_SIZE,
    );
    reader.push(&size);
    reader.push(written);
    let mut out = Vec::with_capacity(written.len() + 64);
    while let Ok(Some(message)) = reader.next() {
        let payload = &message.payload[..];
        match (message.kind, payload) {
            (Kind::VIDEO, [kind, 1, _, _, _, rest @ ..]) => {
                write_picture(&mut out, millis, *kind, later, rest);
            }
            (Kind::VIDEO, _) => write_video(&mut out, millis, &[payload]),
            (Kind::AUDIO, [first, second, ..]) if is_sound_head(*first, *second) => {
                write_audio(&mut out, millis, &[payload]);
            }
            (Kind::AUDIO, _) => {}
            (kind, _) => {
                let header = (kind, millis, STREAM);
                write_message(&mut out, chunk_stream::DATA, header, &[payload], CHUNK_SIZE);
            }
        }
    }
    (!out.is_empty()).then(|| out.into())
}

/// Whether a message of sound that begins so sets up a decoder.
const fn is_sound_head(first: u8, second: u8) -> bool {
    match first >> 4 {
        AAC => second == 0,
        ENHANCED => first & 0x0f == 0,
        _ => false,
    }
}

/// What players are told before a stream: what there is in it.
#[must_use]
pub fn metadata(size: Option<Resolution>, sound: Option<&AudioFormat>) -> Bytes {
    let mut members = Vec::new();
    let mut say = |name: &str, value: Value| members.push((name.to_owned(), value));
    if let Some(size) = size {
        say("width", Value::Number(size.width().into()));
        say("height", Value::Number(size.height().into()));
    }
    say("videocodecid", Value::Number(AVC.into()));
    if let Some((format, classic)) = sound.and_then(|format| Some((format, classic(format)?))) {
        say("audiocodecid", Value::Number((classic >> 4).into()));
        say("audiosamplerate", Value::Number(format.sample_rate.into()));
        say("audiochannels", Value::Number(format.channels.into()));
        say("stereo", Value::Boolean(format.channels > 1));
    }
    say("encoder", Value::text("Eyeline"));
    let mut payload = Vec::with_capacity(256);
    Value::text("onMetaData").write(&mut payload);
    Value::Map(members).write(&mut payload);
    let mut out = Vec::with_capacity(payload.len() + 16);
    let header = (Kind::DATA, 0, STREAM);
    write_message(
        &mut out,
        chunk_stream::DATA,
        header,
        &[&payload],
        CHUNK_SIZE,
    );
    out.into()
}

/// The first byte of a message of sound that was known before Enhanced RTMP.
fn classic(format: &AudioFormat) -> Option<u8> {
    // Samples of 16 bits. Of AAC the rest is always the same, and means nothing.
    const WIDE: u8 = 1 << 1;
    let stereo = u8::from(format.channels > 1);
    let g711 = format.sample_rate == G711_HZ && format.channels <= 2;
    match format.codec {
        AudioCodec::Aac => Some(AAC << 4 | 0x0f),
        AudioCodec::Pcma => g711.then_some(ALAW << 4 | WIDE | stereo),
        AudioCodec::Pcmu => g711.then_some(ULAW << 4 | WIDE | stereo),
        AudioCodec::Opus => None,
    }
}

fn write_sound_head(out: &mut Vec<u8>, millis: u32, format: &AudioFormat) {
    match format.codec {
        AudioCodec::Aac => write_audio(out, millis, &[&[AAC << 4 | 0x0f, 0], &format.config]),
        AudioCodec::Opus if !format.config.is_empty() => {
            let head = [ENHANCED << 4, b'O', b'p', b'u', b's'];
            write_audio(out, millis, &[&head, &format.config]);
        }
        AudioCodec::Opus | AudioCodec::Pcma | AudioCodec::Pcmu => {}
    }
}

fn write_picture(out: &mut Vec<u8>, millis: u32, kind: u8, later: i32, access_unit: &[u8]) {
    let [a, b, c, _] = (later.clamp(-MOST_LATER, MOST_LATER) << 8).to_be_bytes();
    write_video(out, millis, &[&[kind, 1, a, b, c], access_unit]);
}

fn write_video(out: &mut Vec<u8>, millis: u32, parts: &[&[u8]]) {
    let header = (Kind::VIDEO, millis, STREAM);
    write_message(out, chunk_stream::VIDEO, header, parts, CHUNK_SIZE);
}

fn write_audio(out: &mut Vec<u8>, millis: u32, parts: &[&[u8]]) {
    let header = (Kind::AUDIO, millis, STREAM);
    write_message(out, chunk_stream::AUDIO, header, parts, CHUNK_SIZE);
}
