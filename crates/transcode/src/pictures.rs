//! Packets into pictures for an encoder of H.264.

use eyeline_media::{Codec, Packet, Resolution, SampleRange, Timestamp};
use eyeline_sys_codec::{Decoder, Error, H264Decoder, Planes, Resizer};

use crate::order::Order;

/// Decodes packets of either codec, and scales what comes of them. In 4:2:0 and the limited range.
#[derive(Default)]
pub(crate) struct Pictures {
    jpeg: Decoder,
    /// There once H.264 has come.
    h264: Option<H264Decoder>,
    order: Order,
    /// What was decoded last of H.264.
    decoded: Planes,
    resizer: Resizer,
    /// What is ready.
    ready: Planes,
}

impl Pictures {
    /// Decodes an access unit; the size of the picture that came out, if one did, and when that was
    /// captured.
    pub(crate) fn decode_h264(
        &mut self,
        packet: &Packet,
    ) -> Result<Option<(Resolution, Timestamp)>, Error> {
        let mut decoder = match self.h264.take() {
            Some(decoder) => decoder,
            None => {
                let mut decoder = H264Decoder::new()?;
                decoder.set_range(SampleRange::Limited);
                decoder
            }
        };
        let came = decoder.decode(&packet.data, &mut self.decoded);
        let held_back = decoder.held_back();
        self.h264 = Some(decoder);
        let size = came.map(|came| came.then(|| self.decoded.size()));
        self.order.follow(packet, size, held_back)
    }

    /// The picture of this packet, which was decoded last if it is H.264, at this size; perhaps with
    /// a column and a line more.
    pub(crate) fn at(&mut self, packet: &Packet, size: Resolution) -> Result<&Planes, Error> {
        match packet.codec {
            Codec::Jpeg => {
                self.jpeg
                    .decode_yuv420(&packet.data, size, &mut self.ready)?;
                self.ready.squeeze();
                Ok(&self.ready)
            }
            Codec::H264 => {
                let from = self.decoded.size();
                let near = |from: u32, to: u32| from == to || from == to + 1;
                if near(from.width(), size.width()) && near(from.height(), size.height()) {
                    return Ok(&self.decoded);
                }
                self.decoded
                    .resize(&mut self.resizer, size, &mut self.ready)?;
                Ok(&self.ready)
            }
        }
    }
}
