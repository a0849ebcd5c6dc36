//! What players ask for, and what sources say of their sound.

use eyeline_media::{AudioCodec, AudioFormat};
use eyeline_proto::fmp4::{Audio, Init, Video, describes_sound, init_bytes};
use eyeline_proto::hls::{Edge, Name, Reload};
use std::time::Duration;

/// Names are written as they are read, directives lead to an answer whatever they say, and of any
/// configuration of sound or key picture an initialisation segment is made that is told as one.
pub fn hls(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(name) = Name::parse(&text) {
        assert_eq!(name.to_string(), text);
    }
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    if let Ok(reload) = Reload::parse(pairs) {
        let edge = Edge {
            open: 100,
            parts: 3,
            parts_before: 5,
        };
        let _ = reload.standing(edge, Duration::from_millis(200));
    }
    let video = Video::of(data);
    for codec in [AudioCodec::Aac, AudioCodec::Opus, AudioCodec::Pcmu] {
        let format = AudioFormat {
            codec,
            sample_rate: 48_000,
            channels: 2,
            config: data.to_vec().into(),
        };
        let audio = Audio::of(&format);
        if video.is_some() || audio.is_some() {
            let init = Init::of(video.as_ref(), audio.as_ref());
            assert_eq!(init_bytes(&init.bytes), init.bytes.len());
            assert!(audio.is_none() || describes_sound(&init.bytes));
        }
    }
}
