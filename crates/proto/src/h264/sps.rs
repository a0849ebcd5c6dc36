//! Sequence parameter sets (ITU-T H.264, 7.3.2.1.1): as much of them as is needed to know what a
//! stream is.

use eyeline_media::{Resolution, SampleRange};
use h264_reader::nal::sps::{ChromaFormat, SeqParameterSet};
use h264_reader::nal::{Nal as _, RefNal};

use super::error::Error;
use super::limits::MAX_PARAMETER_SET_BYTES;

/// What a sequence parameter set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sps {
    /// Size of the pictures, after cropping.
    pub resolution: Resolution,
    /// Which values samples use.
    pub range: SampleRange,
    /// `profile_idc`, the constraint flags and `level_idc`, as they stand in it: what
    /// `avc1.` is followed by in the name of a codec (RFC 6381, 3.3).
    pub profile: [u8; 3],
    /// `chroma_format_idc`, `bit_depth_luma_minus8` and `bit_depth_chroma_minus8`, as they stand
    /// in it.
    pub chroma: [u8; 3],
    /// How many pictures may come before one that is shown earlier, if it is said
    /// (`max_num_reorder_frames`, E.2.1) or follows from the profile.
    pub reordered: Option<u32>,
}

impl Sps {
    /// Reads the NAL unit, header included.
    ///
    /// # Errors
    /// [`Error::Sps`] says what is wrong with it.
    pub fn parse(nal: &[u8]) -> Result<Self, Error> {
        let wrong = |why: &dyn std::fmt::Display| Error::Sps(why.to_string());
        let Some(&[profile, constraints, level]) = nal.get(1..4) else {
            return Err(wrong(&"it is too short"));
        };
        if nal.len() > MAX_PARAMETER_SET_BYTES {
            return Err(wrong(&"it is too long"));
        }
        let unit = RefNal::new(nal, &[], true);
        let sps = SeqParameterSet::from_bits(unit.rbsp_bits());
        let sps = sps.map_err(|error| wrong(&format_args!("{error:?}")))?;
        let size = sps.pixel_dimensions();
        let (width, height) = size.map_err(|error| wrong(&format_args!("{error:?}")))?;
        let chroma = &sps.chroma_info;
        let format = match chroma.chroma_format {
            ChromaFormat::Monochrome => 0,
            ChromaFormat::YUV420 => 1,
            ChromaFormat::YUV422 => 2,
            _ => 3,
        };
        let depths = [chroma.bit_depth_luma_minus8, chroma.bit_depth_chroma_minus8];
        let vui = sps.vui_parameters.as_ref();
        let restrictions = vui.and_then(|vui| vui.bitstream_restrictions.as_ref());
        let said = restrictions.map(|restrictions| restrictions.max_num_reorder_frames);
        let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
        let full = signal.is_some_and(|signal| signal.video_full_range_flag);
        Ok(Self {
            resolution: Resolution::new(width, height).map_err(|error| wrong(&error))?,
            range: if full {
                SampleRange::Full
            } else {
                SampleRange::Limited
            },
            profile: [profile, constraints, level],
            chroma: [format, depths[0] & 7, depths[1] & 7],
            // Baseline has nothing that could be shown later (A.2.1).
            reordered: said.or((profile == 66).then_some(0)),
        })
    }
}
