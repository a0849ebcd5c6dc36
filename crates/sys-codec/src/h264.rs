//! H.264 into planes.

#![allow(unsafe_code)] // the fence: how many pictures are held back

use std::ffi::c_int;

use eyeline_media::{Resolution, SampleRange};
use h264_reader::nal::sps::{SeqParameterSet, VuiParameters};
use h264_reader::nal::{Nal as _, RefNal};
use openh264::OpenH264API;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource as _;
use openh264_sys2::DECODER_OPTION_NUM_OF_FRAMES_REMAINING_IN_BUFFER;

use crate::{Component, Error, Planes, Subsampling};

/// Bytes before each NAL unit that tell its length.
const LENGTH: usize = 4;
/// In place of a length: Annex B's start code, which is as long.
const START_CODE: [u8; LENGTH] = [0, 0, 0, 1];
/// `nal_unit_type` of a sequence parameter set (ITU-T H.264, table 7-1).
const SPS: u8 = 7;
/// The same of a slice of a picture that is no key picture.
const SLICE: u8 = 1;

/// Decodes H.264 in 4:2:0; one for each thread. Pictures come out in the order in which they are
/// shown: at once, unless there are some that are shown before what they are decoded after.
pub struct H264Decoder {
    decoder: Decoder,
    /// Of the stream.
    range: SampleRange,
    /// Of the pictures that come out.
    wanted: SampleRange,
    /// Whether pictures are shown in another order than they come in. As long as they are not,
    /// none is held back: left to itself the decoder waits for others in all profiles but Baseline.
    reorders: bool,
    /// The access unit with start codes.
    annexb: Vec<u8>,
}

impl H264Decoder {
    /// A decoder that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Codec`] when the codec cannot be set up for lack of memory.
    pub fn new() -> Result<Self, Error> {
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), DecoderConfig::new());
        Ok(Self {
            decoder: decoder.map_err(Error::codec)?,
            range: SampleRange::Limited,
            wanted: SampleRange::Full,
            reorders: false,
            annexb: Vec::new(),
        })
    }

    /// Says which range the pictures are to have from now on; the full one if nothing is said.
    pub fn set_range(&mut self, range: SampleRange) {
        self.wanted = range;
    }

    /// Decodes one access unit, whose NAL units stand behind their lengths in four bytes, and
    /// has the picture that is to be shown then in `into`, in the [range](Self::set_range) that is
    /// wanted. `false` if there is none: what it builds on is missing, or another comes first.
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
            self.look(nal);
            self.annexb.extend_from_slice(&START_CODE);
            self.annexb.extend_from_slice(nal);
            rest = after;
        }
        let flush = if self.reorders {
            Flush::NoFlush
        } else {
            Flush::Flush
        };
        let options = DecodeOptions::new().flush_after_decode(flush);
        let decoded = self.decoder.decode_with_options(&self.annexb, options);
        let Some(yuv) = decoded.map_err(|error| Error::CorruptH264(error.to_string()))? else {
            return Ok(false);
        };
        load(&yuv, into)?;
        match (self.range, self.wanted) {
            (SampleRange::Limited, SampleRange::Full) => into.stretch(),
            (SampleRange::Full, SampleRange::Limited) => into.squeeze(),
            _ => {}
        }
        Ok(true)
    }

    /// How many pictures it holds back, because others are shown before them.
    pub fn held_back(&mut self) -> usize {
        let mut count: c_int = 0;
        // SAFETY: the option is read into a number of its type, which outlives the call (codec_app_def.h).
        let failed = unsafe {
            let api = self.decoder.raw_api();
            let to = std::ptr::from_mut(&mut count).cast();
            api.get_option(DECODER_OPTION_NUM_OF_FRAMES_REMAINING_IN_BUFFER, to)
        };
        if failed == 0 {
            usize::try_from(count).unwrap_or(0)
        } else {
            0
        }
    }

    /// Takes from a NAL unit what is not left to the decoder.
    fn look(&mut self, nal: &[u8]) {
        match nal {
            [header, ..] if header & 0x1f == SPS => {
                let unit = RefNal::new(nal, &[], true);
                let sps = SeqParameterSet::from_bits(unit.rbsp_bits()).ok();
                let vui = sps.and_then(|sps| sps.vui_parameters);
                self.range = range(vui.as_ref());
                let restrictions = vui.and_then(|vui| vui.bitstream_restrictions);
                // What does not say so is seen by its slices.
                if let Some(restrictions) = restrictions {
                    self.reorders = restrictions.max_num_reorder_frames > 0;
                }
            }
            [header, start, ..] if header & 0x1f == SLICE && is_b(*start) => self.reorders = true,
            _ => {}
        }
    }
}

impl std::fmt::Debug for H264Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("H264Decoder").finish_non_exhaustive()
    }
}

/// The range of samples; the limited one if nothing is said (ITU-T H.264, E.2.1).
fn range(vui: Option<&VuiParameters>) -> SampleRange {
    let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
    if signal.is_some_and(|signal| signal.video_full_range_flag) {
        SampleRange::Full
    } else {
        SampleRange::Limited
    }
}

/// Whether the first slice of a picture is a B slice: `first_mb_in_slice` 0 is the bit 1, and
/// `slice_type` 1 and 6 are 010 and 00111 (7.3.3, 7.4.3, 9.1).
fn is_b(start: u8) -> bool {
    start >> 4 == 0b1010 || start >> 2 == 0b10_0111
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
