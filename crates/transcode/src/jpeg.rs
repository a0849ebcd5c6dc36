//! Makes the packets of a JPEG rendition.

use eyeline_hub::{Coding, JpegQuality, Pace, RenditionKey};
use eyeline_media::{Codec, Packet, Resolution, Timestamp};
use eyeline_sys_codec::{Bridge, Error, Transcoder};

use crate::order::Order;

/// Makes the packets of one rendition.
pub(crate) struct Maker {
    key: RenditionKey,
    quality: JpegQuality,
    pace: Option<Pace>,
    transcoder: Transcoder,
    /// There once H.264 has come.
    bridge: Option<Bridge>,
    order: Order,
}

impl Maker {
    pub(crate) fn new(key: RenditionKey) -> Result<Self, Error> {
        let quality = match key.coding {
            Coding::Jpeg(quality) => quality,
            Coding::H264(_) => JpegQuality::DEFAULT,
        };
        Ok(Self {
            key,
            quality,
            pace: key.pace(),
            transcoder: Transcoder::new()?,
            bridge: None,
            order: Order::default(),
        })
    }

    /// The packet that is made of one of the source. A `stale` one is decoded if others need it, but
    /// nothing is made of it.
    pub(crate) fn make(&mut self, picture: &Packet, stale: bool) -> Result<Option<Packet>, Error> {
        match picture.codec {
            Codec::Jpeg if !self.passes(picture.captured) => Ok(None),
            Codec::Jpeg => self.of_jpeg(picture).map(Some),
            Codec::H264 => self.of_h264(picture, stale),
        }
    }

    fn passes(&mut self, captured: Timestamp) -> bool {
        let passes = |pace: &mut Pace| pace.passes(captured);
        self.pace.as_mut().is_none_or(passes)
    }

    fn size(&self, of: Resolution) -> Resolution {
        self.key.height.map_or(of, |height| of.at_height(height))
    }

    fn of_jpeg(&mut self, picture: &Packet) -> Result<Packet, Error> {
        let resolution = self.size(picture.resolution);
        if resolution == picture.resolution && !self.key.always {
            return Ok(picture.clone());
        }
        let quality = self.quality.get();
        let data = self
            .transcoder
            .transcode(&picture.data, resolution, quality)?;
        Ok(Packet {
            resolution,
            data,
            ..picture.clone()
        })
    }

    fn of_h264(&mut self, picture: &Packet, stale: bool) -> Result<Option<Packet>, Error> {
        let mut bridge = match self.bridge.take() {
            Some(bridge) => bridge,
            None => Bridge::new()?,
        };
        let decoded = bridge.decode(&picture.data);
        let held_back = bridge.held_back();
        self.bridge = Some(bridge);
        let Some((size, captured)) = self.order.follow(picture, decoded, held_back)? else {
            return Ok(None);
        };
        if stale || !self.passes(captured) {
            return Ok(None);
        }
        let resolution = self.size(size);
        let Some(bridge) = &mut self.bridge else {
            return Ok(None);
        };
        let data = bridge.encode(resolution, self.quality.get())?;
        Ok(Some(Packet {
            codec: Codec::Jpeg,
            composition: std::time::Duration::ZERO,
            key: true,
            resolution,
            data,
            captured,
            ..picture.clone()
        }))
    }
}
