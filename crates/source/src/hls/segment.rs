//! Segments taken apart: fragmented MP4, or MPEG-TS.

use eyeline_proto::mp4::{self, Item};
use eyeline_proto::mpegts;

use crate::container::in_order;
use crate::error::InputError;

/// What a packet of MPEG-TS begins with.
const TS_SYNC: u8 = 0x47;

/// Takes segments apart, one after the other.
#[derive(Debug, Default)]
pub(super) struct Opener {
    demux: Option<Demux>,
}

#[derive(Debug)]
enum Demux {
    Mp4(Box<mp4::Demux>),
    Ts(Box<mpegts::Demux>),
}

impl Opener {
    /// Forgets what came before: what follows is of another time line.
    pub(super) fn begin_anew(&mut self) {
        self.demux = None;
    }

    /// Takes what segments of MP4 are initialised with.
    pub(super) fn initialise(&mut self, map: &[u8]) -> Result<(), InputError> {
        let mut demux = mp4::Demux::new(mp4::Limits::default());
        demux.push(map);
        while demux.next_item()?.is_some() {}
        self.demux = Some(Demux::Mp4(Box::new(demux)));
        Ok(())
    }

    /// What a segment or part holds, in the order in which it is decoded.
    pub(super) fn open(&mut self, bytes: &[u8]) -> Result<Vec<Item>, InputError> {
        let demux = self.demux.get_or_insert_with(|| {
            if bytes.first() == Some(&TS_SYNC) {
                let demux = mpegts::Demux::new(mpegts::Limits::default());
                Demux::Ts(Box::new(demux))
            } else {
                Demux::Mp4(Box::new(mp4::Demux::new(mp4::Limits::default())))
            }
        });
        let items = match demux {
            Demux::Mp4(demux) => of_mp4(demux, bytes)?,
            Demux::Ts(demux) => of_ts(demux, bytes)?,
        };
        Ok(in_order(items))
    }
}

fn of_mp4(demux: &mut mp4::Demux, bytes: &[u8]) -> Result<Vec<Item>, InputError> {
    let mut items = Vec::new();
    demux.begin_segment();
    demux.push(bytes);
    while let Some(item) = demux.next_item()? {
        items.push(item);
    }
    Ok(items)
}

fn of_ts(demux: &mut mpegts::Demux, bytes: &[u8]) -> Result<Vec<Item>, InputError> {
    let mut items = Vec::new();
    demux.push(bytes);
    loop {
        match demux.unit() {
            Ok(Some(unit)) => items.push(item(unit)),
            Ok(None) => break,
            Err(error) => items.push(damaged(error)?),
        }
    }
    // A picture ends with its segment.
    loop {
        match demux.finish() {
            Ok(Some(unit)) => items.push(item(unit)),
            Ok(None) => return Ok(items),
            Err(error) => items.push(damaged(error)?),
        }
    }
}

fn item(unit: mpegts::Unit) -> Item {
    match unit {
        mpegts::Unit::Video(video) => Item::Video(mp4::Video {
            unit: video.unit,
            present: video.present,
            decode: video.decode,
        }),
        mpegts::Unit::Sound(sound) => Item::Audio(mp4::Audio {
            format: sound.format,
            at: sound.at,
            samples: sound.samples,
            data: sound.data,
        }),
    }
}

fn damaged(error: mpegts::Error) -> Result<Item, InputError> {
    match error {
        mpegts::Error::H264(why) if why.is_passing() => Ok(Item::Damaged(why)),
        other => Err(InputError::Http(other.to_string())),
    }
}
