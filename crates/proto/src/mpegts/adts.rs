//! ADTS: the header before each frame of AAC in a stream (ISO/IEC 13818-7, 6.2), and the
//! `AudioSpecificConfig` that says the same once (ISO/IEC 14496-3, 1.6.2.1).

/// Bytes of a header without a checksum, and of the checksum.
pub(super) const HEADER_BYTES: usize = 7;
const CHECKSUM_BYTES: usize = 2;
/// Samples of a frame.
pub(super) const SAMPLES: u32 = 1024;
/// Samples a second, by their number in headers.
const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Object types with an extension, whose own type stands behind it: SBR and parametric stereo.
const EXTENDED: [u32; 2] = [5, 29];

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The `AudioSpecificConfig`.
    pub(super) config: [u8; 2],
    pub(super) sample_rate: u32,
    pub(super) channels: u8,
    /// Bytes before the frame's own.
    pub(super) header_bytes: usize,
    /// Bytes of the frame with its header.
    pub(super) frame_bytes: usize,
}

impl Header {
    /// Reads it; `None` if it is none, or of a frame that is several in one.
    pub(super) fn parse(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let [sync, flags, a, b, c, d, e] = *bytes;
        if sync != 0xff || flags & 0xf6 != 0xf0 || e & 3 != 0 {
            return None;
        }
        let (profile, rate) = (a >> 6, a >> 2 & 0x0f);
        let configuration = (a & 1) << 2 | b >> 6;
        let channels = match configuration {
            // The channels are described in the frame.
            0 => return None,
            7 => 8,
            channels => channels,
        };
        let has_checksum = flags & 1 == 0;
        let header_bytes = HEADER_BYTES + if has_checksum { CHECKSUM_BYTES } else { 0 };
        let frame_bytes = usize::from(b & 3) << 11 | usize::from(c) << 3 | usize::from(d >> 5);
        (frame_bytes > header_bytes).then_some(())?;
        let object = profile + 1;
        Some(Self {
            config: [
                object << 3 | rate >> 1,
                (rate & 1) << 7 | configuration << 3,
            ],
            sample_rate: *RATES.get(usize::from(rate))?,
            channels,
            header_bytes,
            frame_bytes,
        })
    }
}

/// Headers of frames that were set up with this `AudioSpecificConfig`; `None` if ADTS cannot say it.
pub(super) fn header_of(
    config: &[u8],
) -> Option<impl Fn(usize) -> Option<[u8; HEADER_BYTES]> + use<>> {
    let mut bits = Bits {
        bytes: config,
        at: 0,
    };
    let mut object = bits.take(5)?;
    let rate = bits.take(4)?;
    let channels = bits.take(4)?;
    if EXTENDED.contains(&object) {
        // ADTS does not speak of the extension; decoders find it.
        if bits.take(4)? == 15 {
            bits.take(24)?;
        }
        object = bits.take(5)?;
    }
    let can_be_said = (1..=4).contains(&object) && rate < 13 && (1..=7).contains(&channels);
    let (profile, rate, channels) = ((object.checked_sub(1)?) as u8, rate as u8, channels as u8);
    can_be_said.then_some(move |data_bytes: usize| {
        let len = u16::try_from(data_bytes + HEADER_BYTES)
            .ok()
            .filter(|len| *len < 1 << 13)?;
        Some([
            0xff,
            0xf1,
            profile << 6 | rate << 2 | channels >> 2,
            (channels & 3) << 6 | (len >> 11) as u8,
            (len >> 3) as u8,
            ((len & 7) as u8) << 5 | 0x1f,
            0xfc,
        ])
    })
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}
