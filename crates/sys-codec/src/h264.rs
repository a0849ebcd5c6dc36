//! H.264 into planes.

use eyeline_media::{Resolution, SampleRange};
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::nal::{Nal as _, RefNal};
use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource as _;

use crate::{Component, Error, Planes, Subsampling};

/// Bytes before each NAL unit that tell its length.
const LENGTH: usize = 4;
/// In place of a length: Annex B's start code, which is as long.
const START_CODE: [u8; LENGTH] = [0, 0, 0, 1];
/// `nal_unit_type` of a sequence parameter set (ITU-T H.264, table 7-1).
const SPS: u8 = 7;

/// Decodes H.264 in 4:2:0; one for each thread. Pictures come out in the order they go in.
pub struct H264Decoder {
    decoder: Decoder,
    range: SampleRange,
    /// The access unit with start codes.
    annexb: Vec<u8>,
}

impl H264Decoder {
    /// A decoder that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Codec`] when the codec cannot be set up for lack of memory.
    pub fn new() -> Result<Self, Error> {
        // Flushing would give up waiting for what is shown before.
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config);
        Ok(Self {
            decoder: decoder.map_err(Error::codec)?,
            range: SampleRange::Limited,
            annexb: Vec::new(),
        })
    }

    /// Decodes one access unit, whose NAL units stand behind their lengths in four bytes, and
    /// has the picture of it in `into`, in the full range. `false` if no picture came of it:
    /// what it builds on is missing.
    ///
    /// # Errors
    /// [`Error::CorruptH264`]; decoding goes on at the next key frame.
    pub fn decode(&mut self, access_unit: &[u8], into: &mut Planes) -> Result<bool, Error> {
        self.annexb.clear();
        let mut rest = access_unit;
        while let Some((length, after)) = rest.split_first_chunk::<LENGTH>() {
            let length = u32::from_be_bytes(*length) as usize;
            let cut = || Error::CorruptH264("a NAL unit is longer than the rest".to_owned());
            let (nal, after) = after.split_at_checked(length).ok_or_else(cut)?;
            if nal.first().is_some_and(|header| header & 0x1f == SPS) {
                self.range = range(nal);
            }
            self.annexb.extend_from_slice(&START_CODE);
            self.annexb.extend_from_slice(nal);
            rest = after;
        }
        let decoded = self.decoder.decode(&self.annexb);
        let Some(yuv) = decoded.map_err(|error| Error::CorruptH264(error.to_string()))? else {
            return Ok(false);
        };
        load(&yuv, into)?;
        if self.range == SampleRange::Limited {
            into.stretch();
        }
        Ok(true)
    }
}

impl std::fmt::Debug for H264Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("H264Decoder").finish_non_exhaustive()
    }
}

/// What a sequence parameter set says of the range; the limited one if it says nothing
/// (ITU-T H.264, E.2.1).
fn range(sps: &[u8]) -> SampleRange {
    let unit = RefNal::new(sps, &[], true);
    let parsed = SeqParameterSet::from_bits(unit.rbsp_bits()).ok();
    let signal = parsed
        .and_then(|sps| sps.vui_parameters)
        .and_then(|vui| vui.video_signal_type);
    if signal.is_some_and(|signal| signal.video_full_range_flag) {
        SampleRange::Full
    } else {
        SampleRange::Limited
    }
}

fn load(yuv: &DecodedYUV<'_>, into: &mut Planes) -> Result<(), Error> {
    let (width, height) = yuv.dimensions();
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    into.reset(
        Resolution::new(side(width), side(height))?,
        Subsampling::Yuv420,
    );
    let (y, u, v) = yuv.strides();
    let planes = [
        (Component::Y, yuv.y(), y),
        (Component::U, yuv.u(), u),
        (Component::V, yuv.v(), v),
    ];
    for (component, from, stride) in planes {
        let Some(to) = into.plane_mut(component) else {
            continue;
        };
        let lines = to.data.chunks_mut(to.stride).take(to.height);
        for (to_line, from) in lines.zip(from.chunks(stride.max(1))) {
            let len = to.width.min(from.len());
            to_line[..len].copy_from_slice(&from[..len]);
        }
    }
    into.pad();
    Ok(())
}
