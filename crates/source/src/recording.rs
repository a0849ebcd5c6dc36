//! MP4 files, played by their own times: whole ones by their index, fragmented ones from their
//! beginning. Samples are read when they are due.

use std::io::SeekFrom;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use eyeline_media::MediaTime;
use eyeline_proto::mp4::{Demux, Index, Item, Limits, Scan, Step};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::container::{Pace, give, in_order};
use crate::error::InputError;
use crate::sink::Sink;
use crate::tracks::Tracks;

/// Bytes that tell whether a file is MP4.
const FIRST_BYTES: u64 = 8;
/// Room for one read of a fragmented file.
const READ_BYTES: usize = 256 * 1024;

/// Whether it is an MP4. It is at its beginning then.
pub(crate) async fn is_mp4(file: &mut File) -> std::io::Result<bool> {
    let mut first = Vec::new();
    file.take(FIRST_BYTES).read_to_end(&mut first).await?;
    file.rewind().await?;
    Ok(eyeline_proto::mp4::begins(&first))
}

/// Plays an MP4 to its end, or over and over; how many pictures there were.
///
/// # Errors
/// [`InputError`]: it cannot be read, or what is in it cannot be carried.
pub(crate) async fn play(file: &mut File, again: bool, sink: &mut Sink) -> Result<u64, InputError> {
    let mut player = Player::default();
    let index = open(file).await?;
    if let Some(mut index) = index {
        loop {
            player.announce(index.sound(), sink).await?;
            player.play_index(file, &mut index, sink).await?;
            if !again || player.pictures == 0 {
                return Ok(player.pictures);
            }
            player.seam.end_round();
            index.rewind();
        }
    }
    loop {
        file.rewind().await?;
        player.play_fragments(file, sink).await?;
        if !again || player.pictures == 0 {
            return Ok(player.pictures);
        }
        player.seam.end_round();
    }
}

/// The index of a file; `None` if it is fragmented.
async fn open(file: &mut File) -> Result<Option<Box<Index>>, InputError> {
    let bytes = file.metadata().await?.len();
    let mut scan = Scan::new(bytes, Limits::default());
    let mut read = Bytes::new();
    loop {
        match scan.step(&read)? {
            Step::Read { offset, len } => read = read_at(file, offset, len).await?,
            Step::Index(index) => return Ok(Some(index)),
            Step::Fragmented => return Ok(None),
        }
    }
}

/// So many bytes, fewer at the end of the file.
async fn read_at(file: &mut File, offset: u64, len: usize) -> std::io::Result<Bytes> {
    file.seek(SeekFrom::Start(offset)).await?;
    let mut bytes = Vec::new();
    file.take(len as u64).read_to_end(&mut bytes).await?;
    Ok(bytes.into())
}

#[derive(Default)]
struct Player {
    tracks: Tracks,
    pace: Pace,
    seam: Seam,
    pictures: u64,
}

impl Player {
    async fn announce(
        &mut self,
        format: Option<&std::sync::Arc<eyeline_media::AudioFormat>>,
        sink: &Sink,
    ) -> Result<(), InputError> {
        match format {
            Some(format) => self.tracks.announce(format, sink).await,
            None => Ok(()),
        }
    }

    async fn play_index(
        &mut self,
        file: &mut File,
        index: &mut Index,
        sink: &mut Sink,
    ) -> Result<(), InputError> {
        while let Some(sample) = index.next_sample()? {
            self.pace.due(self.seam.shift(sample.decode), 0).await;
            let bytes = read_at(file, sample.offset, sample.bytes).await?;
            if bytes.len() < sample.bytes {
                // It is cut short; what lies before may still be there.
                continue;
            }
            if let Some(item) = index.unpack(&sample, &bytes) {
                self.pass(item, sink).await?;
            }
        }
        Ok(())
    }

    async fn play_fragments(&mut self, file: &mut File, sink: &mut Sink) -> Result<(), InputError> {
        let mut demux = Demux::new(Limits::default());
        let mut fragment = Vec::new();
        let mut began = 0;
        let mut buffer = BytesMut::with_capacity(READ_BYTES);
        while file.read_buf(&mut buffer).await? > 0 {
            demux.push(&buffer.split());
            while let Some(item) = demux.next_item()? {
                // Its tracks lie one after the other.
                if demux.fragments() > began {
                    began = demux.fragments();
                    self.announce(demux.sound(), sink).await?;
                    self.pass_all(std::mem::take(&mut fragment), sink).await?;
                }
                fragment.push(item);
            }
            buffer.reserve(READ_BYTES);
        }
        self.pass_all(fragment, sink).await
    }

    async fn pass_all(&mut self, items: Vec<Item>, sink: &mut Sink) -> Result<(), InputError> {
        for item in in_order(items) {
            if let Some(at) = item.decode() {
                self.pace.due(self.seam.shift(at), 0).await;
            }
            self.pass(item, sink).await?;
        }
        Ok(())
    }

    async fn pass(&mut self, mut item: Item, sink: &mut Sink) -> Result<(), InputError> {
        self.pictures += u64::from(item.is_picture());
        if self.seam.place(&mut item) {
            give(item, &mut self.tracks, sink).await
        } else {
            Ok(())
        }
    }
}

/// Puts the rounds of a file one behind the other, so that no time goes back or jumps.
#[derive(Debug, Default)]
struct Seam {
    /// What is added to the times of this round.
    offset: i64,
    video: Span,
    audio: Span,
    /// How long after it is decoded the first picture is shown.
    composition: i64,
    /// Shortly before the end of the latest sound, with what is added to it.
    heard: Option<MediaTime>,
}

/// Of what a track had in this round, by the file's own times.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    first: Option<i64>,
    latest: i64,
    end: i64,
}

impl Span {
    fn take(&mut self, at: i64, duration: Option<Duration>) {
        let duration = duration.map_or(at.saturating_sub(self.latest), |d| d.as_nanos() as i64);
        match self.first {
            None => (self.first, self.end) = (Some(at), at),
            Some(_) => self.end = at.saturating_add(duration.max(0)),
        }
        self.latest = at;
    }
}

impl Seam {
    fn shift(&self, at: MediaTime) -> MediaTime {
        MediaTime::from_nanos(at.as_nanos().saturating_add(self.offset))
    }

    /// Puts a thing in its place; whether it has one. Sound that would begin before what was heard
    /// has ended is left out: what encoders put before the first sample, behind the round before.
    fn place(&mut self, item: &mut Item) -> bool {
        match item {
            Item::Video(video) => {
                if self.video.first.is_none() {
                    let (present, decode) = (video.present.as_nanos(), video.decode.as_nanos());
                    self.composition = present.saturating_sub(decode);
                }
                self.video.take(video.decode.as_nanos(), None);
                (video.present, video.decode) =
                    (self.shift(video.present), self.shift(video.decode));
            }
            Item::Audio(audio) => {
                let samples = u64::from(audio.samples) * 1_000_000_000;
                let nanos = samples / u64::from(audio.format.sample_rate.max(1));
                let at = self.shift(audio.at);
                if self.heard.is_some_and(|heard| at < heard) {
                    return false;
                }
                self.heard = Some(MediaTime::from_nanos(
                    at.as_nanos().saturating_add(nanos as i64 / 4 * 3),
                ));
                let duration = Duration::from_nanos(nanos);
                self.audio.take(audio.at.as_nanos(), Some(duration));
                audio.at = at;
            }
            // It is played later than that.
            Item::Captured(_) => return false,
            Item::Damaged(_) => {}
        }
        true
    }

    /// What comes next is the beginning again.
    fn end_round(&mut self) {
        let first = self.video.first.unwrap_or(0);
        // The last sound reaches beyond the last picture by less than a packet, as a rule.
        let audio = |at: i64| at.saturating_sub(self.composition);
        let end = if self.audio.first.is_some() && audio(self.audio.latest) >= self.video.end {
            audio(self.audio.end)
        } else {
            self.video.end
        };
        let round = end.saturating_sub(first).max(0);
        self.offset = self.offset.saturating_add(round);
        (self.video, self.audio) = (Span::default(), Span::default());
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use eyeline_media::{AudioCodec, AudioFormat, Resolution};
    use eyeline_proto::h264::AccessUnit;
    use eyeline_proto::mp4::{Audio, Video};

    use super::*;

    const fn ms(ms: i64) -> MediaTime {
        MediaTime::from_nanos(ms * 1_000_000)
    }

    fn video(decode: i64) -> Item {
        let unit = AccessUnit {
            data: Bytes::new(),
            key: false,
            resolution: Resolution::new(16, 16).unwrap(),
        };
        let (present, decode) = (ms(decode + 80), ms(decode));
        Item::Video(Video {
            unit,
            present,
            decode,
        })
    }

    fn audio(at: i64) -> Item {
        let format = AudioFormat {
            codec: AudioCodec::Aac,
            sample_rate: 16_000,
            channels: 1,
            config: Bytes::new(),
        };
        Item::Audio(Audio {
            format: format.into(),
            at: ms(at),
            samples: 1024,
            data: Bytes::new(),
        })
    }

    #[test]
    fn a_round_begins_where_the_one_before_it_ended() {
        let mut seam = Seam::default();
        let (mut pictures, mut sounds) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            // As ffmpeg writes it: pictures are decoded before zero, and sound begins with silence.
            let video = [-80, -40, 0, 40].map(video);
            let audio = [-64, 0, 64].map(audio);
            for mut item in video.into_iter().chain(audio) {
                if seam.place(&mut item) {
                    let at = item.decode().unwrap().as_nanos() / 1_000_000;
                    match item {
                        Item::Audio(_) => sounds.push(at),
                        _ => pictures.push(at),
                    }
                }
            }
            seam.end_round();
        }
        assert_eq!(
            pictures,
            [-80, -40, 0, 40, 80, 120, 160, 200, 240, 280, 320, 360]
        );
        assert!(
            sounds.is_sorted_by(|one, next| next - one >= 32),
            "{sounds:?}"
        );
        assert_eq!(sounds, [-64, 0, 64, 160, 224, 320, 384]);
    }
}
