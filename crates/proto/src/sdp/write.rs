//! Writes the description of a stream, for those who ask what there is.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eyeline_media::{AudioCodec, AudioFormat};

use crate::rtp::jpeg;

/// The payload type of H.264; that of sound is the next.
const VIDEO_TYPE: u8 = 96;
/// The payload type of sound that has none of its own.
const SOUND_TYPE: u8 = 97;

/// How pictures are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Video {
    /// As H.264 with these parameter sets.
    H264(Vec<Vec<u8>>),
    /// As JPEGs.
    Jpeg,
}

impl Video {
    /// The type of its packets.
    #[must_use]
    pub const fn payload_type(&self) -> u8 {
        match self {
            Self::H264(_) => VIDEO_TYPE,
            Self::Jpeg => jpeg::PAYLOAD_TYPE,
        }
    }
}

/// The type of the packets of this sound.
#[must_use]
pub fn sound_type(format: &AudioFormat) -> u8 {
    match (format.codec, format.sample_rate, format.channels) {
        (AudioCodec::Pcmu, 8_000, 1) => 0,
        (AudioCodec::Pcma, 8_000, 1) => 8,
        _ => SOUND_TYPE,
    }
}

/// Ticks of this sound's clock in a second.
#[must_use]
pub fn sound_rate(format: &AudioFormat) -> u32 {
    match format.codec {
        AudioCodec::Opus => 48_000,
        _ => format.sample_rate.max(1),
    }
}

/// The description of a stream of this name. `control` says what each track is controlled by:
/// the pictures are track 0, the sound is track 1.
#[must_use]
pub fn write(
    name: &str,
    video: &Video,
    sound: Option<&AudioFormat>,
    control: impl Fn(usize) -> String,
) -> String {
    // A line break in a name would begin a line of its own.
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let mut text = format!(
        "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns={name}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n\
         a=tool:Eyeline\r\na=control:*\r\na=range:npt=now-\r\n"
    );
    let payload_type = video.payload_type();
    let _ = write!(text, "m=video 0 RTP/AVP {payload_type}\r\n");
    if let Video::H264(sets) = video {
        let _ = write!(
            text,
            "a=rtpmap:{payload_type} H264/90000\r\na=fmtp:{payload_type} packetization-mode=1"
        );
        let is_sps = |set: &&Vec<u8>| set.first().is_some_and(|h| h & 0x1f == 7);
        if let Some([_, p, c, l, ..]) = sets.iter().find(is_sps).map(Vec::as_slice) {
            let _ = write!(text, ";profile-level-id={p:02x}{c:02x}{l:02x}");
        }
        let encoded: Vec<_> = sets.iter().map(|set| BASE64.encode(set)).collect();
        if !encoded.is_empty() {
            let _ = write!(text, ";sprop-parameter-sets={}", encoded.join(","));
        }
        text.push_str("\r\n");
    }
    let _ = write!(text, "a=control:{}\r\n", control(0));
    if let Some(format) = sound {
        write_sound(&mut text, format);
        let _ = write!(text, "a=control:{}\r\n", control(1));
    }
    text
}

fn write_sound(text: &mut String, format: &AudioFormat) {
    let (kind, rate) = (sound_type(format), sound_rate(format));
    let channels = format.channels.max(1);
    let _ = write!(text, "m=audio 0 RTP/AVP {kind}\r\na=rtpmap:{kind} ");
    let _ = match format.codec {
        AudioCodec::Aac => {
            let config: String = format.config.iter().map(|b| format!("{b:02x}")).collect();
            write!(
                text,
                "mpeg4-generic/{rate}/{channels}\r\na=fmtp:{kind} streamtype=5;\
                 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;\
                 indexdeltalength=3;config={config}\r\n"
            )
        }
        AudioCodec::Opus => {
            let stereo = u8::from(channels > 1);
            write!(
                text,
                "opus/48000/2\r\na=fmtp:{kind} sprop-stereo={stereo}\r\n"
            )
        }
        AudioCodec::Pcmu => write!(text, "PCMU/{rate}/{channels}\r\n"),
        AudioCodec::Pcma => write!(text, "PCMA/{rate}/{channels}\r\n"),
    };
}
