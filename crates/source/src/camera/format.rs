//! The formats of cameras that can be shown, and how they lie in memory.

use std::str::FromStr;

use eyeline_media::PixelFormat;
use eyeline_sys_v4l2::FourCc;

/// What a camera gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEGs, which are shown as they are.
    Jpeg,
    /// Raw pictures, which are encoded.
    Raw(PixelFormat),
    /// H.264 as a byte stream, an access unit a frame, which is passed on as it is.
    H264,
}

/// What the kernel calls them, best first: what needs no encoding, then what is cheapest to
/// encode, and last what most viewers need decoded, who wait for key frames besides. Of formats
/// with planes in buffers of their own there are two names.
pub(super) const KNOWN: [(FourCc, Format); 12] = [
    (FourCc(*b"MJPG"), Format::Jpeg),
    (FourCc(*b"JPEG"), Format::Jpeg),
    (FourCc(*b"YU12"), Format::Raw(PixelFormat::Yuv420p)),
    (FourCc(*b"YM12"), Format::Raw(PixelFormat::Yuv420p)),
    (FourCc(*b"NV12"), Format::Raw(PixelFormat::Nv12)),
    (FourCc(*b"NM12"), Format::Raw(PixelFormat::Nv12)),
    (FourCc(*b"YUYV"), Format::Raw(PixelFormat::Yuyv422)),
    (FourCc(*b"BGR3"), Format::Raw(PixelFormat::Bgr24)),
    (FourCc(*b"RGB3"), Format::Raw(PixelFormat::Rgb24)),
    (FourCc(*b"GREY"), Format::Raw(PixelFormat::Gray8)),
    (FourCc(*b"Y800"), Format::Raw(PixelFormat::Gray8)),
    (FourCc(*b"H264"), Format::H264),
];

impl Format {
    /// What the kernel's name stands for, and how early it stands in the list.
    pub(super) fn of(fourcc: FourCc) -> Option<(usize, Self)> {
        let rank = KNOWN.iter().position(|(known, _)| *known == fourcc)?;
        Some((rank, KNOWN[rank].1))
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mjpeg" => return Ok(Self::Jpeg),
            "h264" => return Ok(Self::H264),
            _ => {}
        }
        let raw = text.parse().map(Self::Raw);
        raw.map_err(|_| {
            let names = PixelFormat::ALL.map(PixelFormat::name).join(", ");
            format!("unknown format {text:?}; use mjpeg, h264 or one of {names}")
        })
    }
}

/// Rows of one plane as the driver gives them, and how long each must be.
struct Rows<'a> {
    bytes: &'a [u8],
    from: usize,
    stride: usize,
    len: usize,
    count: usize,
}

/// A raw picture without gaps: the driver's own memory if there are none, else a copy in
/// `copy`. `None` when the driver gave too little.
///
/// `planes` are the buffers with their strides; a driver that keeps all planes of a picture in
/// one buffer gives the stride of the first, and those of chroma follow from it.
pub(super) fn packed<'a>(
    format: PixelFormat,
    (width, height): (usize, usize),
    planes: &[(&'a [u8], usize)],
    copy: &'a mut Vec<u8>,
) -> Option<&'a [u8]> {
    let shapes = shapes(format, width, height);
    let total: usize = shapes.iter().map(|(len, count, _)| len * count).sum();
    let shapes = shapes.into_iter().filter(|(_, count, _)| *count > 0);
    let (first, stride) = *planes.first()?;
    let tight = stride == 0 || shapes.clone().next().is_some_and(|(len, ..)| len == stride);
    if planes.len() == 1 && tight {
        return first.get(..total);
    }
    copy.clear();
    copy.reserve(total);
    let mut from = 0;
    for (index, (len, count, divisor)) in shapes.enumerate() {
        let rows = if planes.len() == 1 {
            let stride = stride.max(len * divisor) / divisor;
            Rows {
                bytes: first,
                from,
                stride,
                len,
                count,
            }
        } else {
            let (bytes, stride) = *planes.get(index)?;
            Rows {
                bytes,
                from: 0,
                stride: stride.max(len),
                len,
                count,
            }
        };
        from = rows.from + rows.stride * rows.count;
        rows.append(copy)?;
    }
    Some(copy)
}

impl Rows<'_> {
    fn append(&self, to: &mut Vec<u8>) -> Option<()> {
        for row in 0..self.count {
            let at = self.from + row * self.stride;
            to.extend_from_slice(self.bytes.get(at..at + self.len)?);
        }
        Some(())
    }
}

/// Of each plane: bytes of a row, rows, and by what its stride is less than the first's.
/// Planes that the format lacks have no rows.
fn shapes(format: PixelFormat, width: usize, height: usize) -> [(usize, usize, usize); 3] {
    const NONE: (usize, usize, usize) = (0, 0, 1);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let luma = (width, height, 1);
    match format {
        PixelFormat::Bgr24 | PixelFormat::Rgb24 => [(width * 3, height, 1), NONE, NONE],
        PixelFormat::Gray8 => [luma, NONE, NONE],
        PixelFormat::Yuyv422 => [(half_width * 4, height, 1), NONE, NONE],
        PixelFormat::Nv12 => [luma, (half_width * 2, half_height, 1), NONE],
        PixelFormat::Yuv420p => {
            let chroma = (half_width, half_height, 2);
            [luma, chroma, chroma]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        format: PixelFormat,
        size: (usize, usize),
        planes: &[(&[u8], usize)],
        expected: Option<&[u8]>,
    ) {
        assert_eq!(packed(format, size, planes, &mut Vec::new()), expected);
    }

    #[test]
    fn a_picture_without_gaps_is_taken_as_it_is() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        check(
            PixelFormat::Yuyv422,
            (2, 2),
            &[(&bytes, 4)],
            Some(&bytes[..8]),
        );
        check(PixelFormat::Nv12, (2, 2), &[(&bytes, 2)], Some(&bytes[..6]));
        check(PixelFormat::Nv12, (2, 2), &[(&bytes, 0)], Some(&bytes[..6]));
    }

    #[test]
    fn gaps_at_the_ends_of_rows_are_left_out() {
        let gray = [1, 2, 0, 3, 4, 0];
        check(
            PixelFormat::Gray8,
            (2, 2),
            &[(&gray, 3)],
            Some(&[1, 2, 3, 4]),
        );
        let nv12 = [1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0];
        check(
            PixelFormat::Nv12,
            (2, 2),
            &[(&nv12, 4)],
            Some(&[1, 2, 3, 4, 5, 6]),
        );
        let yuv = [1, 2, 0, 0, 3, 4, 0, 0, 5, 0, 6, 0];
        check(
            PixelFormat::Yuv420p,
            (2, 2),
            &[(&yuv, 4)],
            Some(&[1, 2, 3, 4, 5, 6]),
        );
    }

    #[test]
    fn planes_of_their_own_are_put_one_behind_the_other() {
        let (luma, chroma): (&[u8], &[u8]) = (&[1, 2, 3, 4], &[5, 6]);
        check(
            PixelFormat::Nv12,
            (2, 2),
            &[(luma, 2), (chroma, 2)],
            Some(&[1, 2, 3, 4, 5, 6]),
        );
    }

    #[test]
    fn too_little_is_no_picture() {
        check(PixelFormat::Gray8, (2, 2), &[(&[1, 2, 3], 2)], None);
        check(PixelFormat::Gray8, (2, 2), &[(&[1, 2, 0, 3], 3)], None);
        check(PixelFormat::Nv12, (2, 2), &[], None);
    }
}
