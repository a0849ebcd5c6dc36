//! Pictures as planes of luma and chroma.

use eyeline_media::Resolution;

/// How coarse the chroma planes are, by FFmpeg's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subsampling {
    /// Luma alone.
    Gray,
    /// Chroma at full size (4:4:4).
    Yuv444,
    /// Chroma at half the width (4:2:2).
    Yuv422,
    /// Chroma at half the width and height (4:2:0).
    Yuv420,
    /// Chroma at half the height (4:4:0).
    Yuv440,
    /// Chroma at a quarter of the width (4:1:1).
    Yuv411,
    /// Chroma at a quarter of the height (4:4:1).
    Yuv441,
}

/// One of the planes of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Component {
    /// Luma.
    Y,
    /// Blue chroma (Cb).
    U,
    /// Red chroma (Cr).
    V,
}

/// One plane to read.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    /// The samples; lines start `stride` bytes apart.
    pub data: &'a [u8],
    /// Bytes from one line to the next.
    pub stride: usize,
    /// Samples in a line.
    pub width: usize,
    /// Lines.
    pub height: usize,
}

/// One plane to write.
#[derive(Debug)]
pub struct PlaneMut<'a> {
    /// The samples; lines start `stride` bytes apart.
    pub data: &'a mut [u8],
    /// Bytes from one line to the next.
    pub stride: usize,
    /// Samples in a line.
    pub width: usize,
    /// Lines.
    pub height: usize,
}

/// An owned planar picture whose allocation is used again for the next one.
///
/// The planes lie one behind the other, lines unpadded, except that luma is padded to
/// whole chroma samples (a 5×3 picture in 4:2:0 has 6×4 of luma), as libjpeg wants it.
/// With sides that need no padding this is FFmpeg's layout of the same name.
#[derive(Clone, Debug)]
pub struct Planes {
    data: Vec<u8>,
    size: Resolution,
    subsampling: Subsampling,
}

impl Subsampling {
    /// Luma samples to one chroma sample, across and down.
    #[must_use]
    pub const fn factors(self) -> (usize, usize) {
        match self {
            Self::Gray | Self::Yuv444 => (1, 1),
            Self::Yuv422 => (2, 1),
            Self::Yuv420 => (2, 2),
            Self::Yuv440 => (1, 2),
            Self::Yuv411 => (4, 1),
            Self::Yuv441 => (1, 4),
        }
    }

    /// Libjpeg's name of it.
    pub(crate) const fn to_libjpeg(self) -> turbojpeg::Subsamp {
        match self {
            Self::Gray => turbojpeg::Subsamp::Gray,
            Self::Yuv444 => turbojpeg::Subsamp::None,
            Self::Yuv422 => turbojpeg::Subsamp::Sub2x1,
            Self::Yuv420 => turbojpeg::Subsamp::Sub2x2,
            Self::Yuv440 => turbojpeg::Subsamp::Sub1x2,
            Self::Yuv411 => turbojpeg::Subsamp::Sub4x1,
            Self::Yuv441 => turbojpeg::Subsamp::Sub1x4,
        }
    }

    /// What libjpeg found in a header; `None` for factors that have no name.
    pub(crate) const fn from_libjpeg(subsamp: turbojpeg::Subsamp) -> Option<Self> {
        Some(match subsamp {
            turbojpeg::Subsamp::Gray => Self::Gray,
            turbojpeg::Subsamp::None => Self::Yuv444,
            turbojpeg::Subsamp::Sub2x1 => Self::Yuv422,
            turbojpeg::Subsamp::Sub2x2 => Self::Yuv420,
            turbojpeg::Subsamp::Sub1x2 => Self::Yuv440,
            turbojpeg::Subsamp::Sub4x1 => Self::Yuv411,
            turbojpeg::Subsamp::Sub1x4 => Self::Yuv441,
            _ => return None,
        })
    }

    const fn components(self) -> &'static [Component] {
        match self {
            Self::Gray => &[Component::Y],
            _ => &[Component::Y, Component::U, Component::V],
        }
    }
}

impl Default for Planes {
    /// One black pixel, to be written over.
    fn default() -> Self {
        Self {
            data: vec![0],
            size: Resolution::new(1, 1).expect("one pixel is within the limits"),
            subsampling: Subsampling::Gray,
        }
    }
}

impl Planes {
    /// A picture of zeros.
    #[must_use]
    pub fn new(size: Resolution, subsampling: Subsampling) -> Self {
        Self {
            data: vec![0; total(size, subsampling)],
            size,
            subsampling,
        }
    }

    /// Gives the picture another size, keeping the allocation where it suffices. What
    /// the samples are afterwards is unspecified.
    pub fn reset(&mut self, size: Resolution, subsampling: Subsampling) {
        let len = total(size, subsampling);
        if len > self.data.capacity() {
            // A fresh allocation comes zeroed from the system; growing would copy.
            self.data = vec![0; len];
        } else {
            self.data.resize(len, 0);
        }
        self.size = size;
        self.subsampling = subsampling;
    }

    /// Size of the picture.
    #[must_use]
    pub const fn size(&self) -> Resolution {
        self.size
    }

    /// How coarse the chroma is.
    #[must_use]
    pub const fn subsampling(&self) -> Subsampling {
        self.subsampling
    }

    /// A plane to read; `None` for the chroma of a gray picture.
    #[must_use]
    pub fn plane(&self, component: Component) -> Option<Plane<'_>> {
        let (range, stride) = self.range(component)?;
        let (width, height) = self.visible(component);
        Some(Plane {
            data: &self.data[range],
            stride,
            width,
            height,
        })
    }

    /// A plane to write; `None` for the chroma of a gray picture.
    #[must_use]
    pub fn plane_mut(&mut self, component: Component) -> Option<PlaneMut<'_>> {
        let (range, stride) = self.range(component)?;
        let (width, height) = self.visible(component);
        Some(PlaneMut {
            data: &mut self.data[range],
            stride,
            width,
            height,
        })
    }

    /// The luma plane.
    #[must_use]
    pub fn luma(&self) -> Plane<'_> {
        self.plane(Component::Y)
            .expect("every picture has a luma plane")
    }

    /// The planes one behind the other, without padding: FFmpeg's layout.
    #[must_use]
    pub fn to_packed(&self) -> Vec<u8> {
        let mut packed = Vec::with_capacity(self.data.len());
        let components = self.subsampling.components().iter();
        for plane in components.filter_map(|&component| self.plane(component)) {
            for line in plane.data.chunks_exact(plane.stride).take(plane.height) {
                packed.extend_from_slice(&line[..plane.width]);
            }
        }
        packed
    }

    /// All planes, as libjpeg reads them.
    pub(crate) fn as_libjpeg(&self) -> turbojpeg::YuvImage<&[u8]> {
        turbojpeg::YuvImage {
            pixels: &self.data,
            width: self.size.width() as usize,
            align: 1,
            height: self.size.height() as usize,
            subsamp: self.subsampling.to_libjpeg(),
        }
    }

    /// All planes, for libjpeg to write.
    pub(crate) fn as_libjpeg_mut(&mut self) -> turbojpeg::YuvImage<&mut [u8]> {
        turbojpeg::YuvImage {
            width: self.size.width() as usize,
            align: 1,
            height: self.size.height() as usize,
            subsamp: self.subsampling.to_libjpeg(),
            pixels: &mut self.data,
        }
    }

    /// A plane with its padding: samples, width, height.
    pub(crate) fn padded(&self, component: Component) -> Option<(&[u8], usize, usize)> {
        let (range, stride) = self.range(component)?;
        let data = &self.data[range];
        Some((data, stride, data.len() / stride))
    }

    /// A plane with its padding: samples, width, height.
    pub(crate) fn padded_mut(&mut self, component: Component) -> Option<(&mut [u8], usize, usize)> {
        let (range, stride) = self.range(component)?;
        let data = &mut self.data[range];
        let height = data.len() / stride;
        Some((data, stride, height))
    }

    /// All planes with their padding: luma, blue and red chroma (none of a gray picture).
    pub(crate) fn padded_all_mut(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let (y_stride, y_height) = padded_luma(self.size, self.subsampling);
        let (luma, chroma) = self.data.split_at_mut(y_stride * y_height);
        let (u, v) = chroma.split_at_mut(chroma.len() / 2);
        (luma, u, v)
    }

    /// Fills the padding of luma with its last column and line, so that it shows
    /// neither in the compressed picture nor in a scaled one.
    pub(crate) fn pad(&mut self) {
        let (width, height) = self.visible(Component::Y);
        let (stride, padded_height) = padded_luma(self.size, self.subsampling);
        if stride > width {
            for line in self.data[..stride * height].chunks_exact_mut(stride) {
                let last = line[width - 1];
                line[width..].fill(last);
            }
        }
        let last = (height - 1) * stride..height * stride;
        for line in height..padded_height {
            self.data.copy_within(last.clone(), line * stride);
        }
    }

    /// Width and height of a plane without padding.
    fn visible(&self, component: Component) -> (usize, usize) {
        match component {
            Component::Y => (self.size.width() as usize, self.size.height() as usize),
            Component::U | Component::V => chroma(self.size, self.subsampling),
        }
    }

    /// Where a plane lies in `data`, and its stride.
    fn range(&self, component: Component) -> Option<(std::ops::Range<usize>, usize)> {
        let (y_stride, y_height) = padded_luma(self.size, self.subsampling);
        let luma = y_stride * y_height;
        let (c_stride, c_height) = chroma(self.size, self.subsampling);
        let chroma = c_stride * c_height;
        match component {
            Component::Y => Some((0..luma, y_stride)),
            _ if self.subsampling == Subsampling::Gray => None,
            Component::U => Some((luma..luma + chroma, c_stride)),
            Component::V => Some((luma + chroma..luma + 2 * chroma, c_stride)),
        }
    }
}

fn padded_luma(size: Resolution, subsampling: Subsampling) -> (usize, usize) {
    let (across, down) = subsampling.factors();
    (
        (size.width() as usize).next_multiple_of(across),
        (size.height() as usize).next_multiple_of(down),
    )
}

fn chroma(size: Resolution, subsampling: Subsampling) -> (usize, usize) {
    let (across, down) = subsampling.factors();
    (
        (size.width() as usize).div_ceil(across),
        (size.height() as usize).div_ceil(down),
    )
}

fn total(size: Resolution, subsampling: Subsampling) -> usize {
    let (width, height) = padded_luma(size, subsampling);
    let (c_width, c_height) = chroma(size, subsampling);
    match subsampling {
        Subsampling::Gray => width * height,
        _ => width * height + 2 * c_width * c_height,
    }
}
