//! A `yuv420p` picture to paint on.

use eyeline_media::{PixelFormat, Resolution, Timestamp, timecode};

/// A full-range BT.601 colour, as JPEG has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour {
    pub(super) y: u8,
    pub(super) u: u8,
    pub(super) v: u8,
}

/// A part of a picture in pixels; it may reach beyond the picture's edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// How much of each pixel something covers, 0 to 255.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) data: Vec<u8>,
}

/// The picture. Whatever is painted outside of it is dropped.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    size: Resolution,
    data: Vec<u8>,
}

impl Colour {
    /// The colour that an sRGB screen shows for these values.
    pub(super) const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        let (r, g, b) = (red as i32, green as i32, blue as i32);
        // ITU-T T.871 section 7, in thousandths.
        let y = (299 * r + 587 * g + 114 * b + 500) / 1000;
        let u = 128 + (564 * (b - y)) / 1000;
        let v = 128 + (713 * (r - y)) / 1000;
        Self {
            y: y as u8,
            u: u as u8,
            v: v as u8,
        }
    }
}

impl Rect {
    pub(super) const fn new(x: i32, y: i32, width: i32, height: i32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    pub(super) const fn right(self) -> i32 {
        self.x + self.width
    }

    pub(super) const fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// The part inside a picture; `None` if there is none.
    fn clipped(self, width: i32, height: i32) -> Option<Self> {
        let (x, y) = (self.x.max(0), self.y.max(0));
        let clipped = Self::new(
            x,
            y,
            self.right().min(width) - x,
            self.bottom().min(height) - y,
        );
        (clipped.width > 0 && clipped.height > 0).then_some(clipped)
    }

    /// The chroma samples that this rectangle touches.
    const fn chroma(self) -> Self {
        let (x, y) = (self.x / 2, self.y / 2);
        Self::new(
            x,
            y,
            (self.right() + 1) / 2 - x,
            (self.bottom() + 1) / 2 - y,
        )
    }
}

impl Canvas {
    pub(super) fn new(size: Resolution, colour: Colour) -> Self {
        Self::over(Vec::new(), size, colour)
    }

    /// As [`new`](Self::new), in the memory of an earlier picture.
    pub(super) fn over(mut data: Vec<u8>, size: Resolution, colour: Colour) -> Self {
        data.clear();
        data.resize(PixelFormat::Yuv420p.frame_len(size), colour.y);
        let chroma = &mut data[size.pixels()..];
        let (u, v) = chroma.split_at_mut(chroma.len() / 2);
        u.fill(colour.u);
        v.fill(colour.v);
        Self { size, data }
    }

    pub(super) const fn size(&self) -> Resolution {
        self.size
    }

    pub(super) const fn width(&self) -> i32 {
        self.size.width() as i32
    }

    pub(super) const fn height(&self) -> i32 {
        self.size.height() as i32
    }

    /// The picture as `yuv420p`.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    pub(super) fn into_data(self) -> Vec<u8> {
        self.data
    }

    pub(super) fn fill(&mut self, rect: Rect, colour: Colour) {
        let Some(rect) = rect.clipped(self.width(), self.height()) else {
            return;
        };
        let samples = [colour.y, colour.u, colour.v];
        for (plane, sample) in self.planes().into_iter().zip(samples) {
            let area = plane.area(rect);
            for row in area.y..area.bottom() {
                self.data[plane.span(row, area)].fill(sample);
            }
        }
    }

    /// Paints `colour` through a mask whose top left corner is at `x`, `y`.
    pub(super) fn blend(&mut self, x: i32, y: i32, mask: &Mask, colour: Colour) {
        let whole = Rect::new(x, y, mask.width, mask.height);
        let Some(rect) = whole.clipped(self.width(), self.height()) else {
            return;
        };
        let [luma, u, v] = self.planes();
        for row in rect.y..rect.bottom() {
            let cover = &mask.row(row - y)[(rect.x - x) as usize..][..rect.width as usize];
            let line = &mut self.data[luma.span(row, rect)];
            for (sample, &alpha) in line.iter_mut().zip(cover) {
                *sample = mix(*sample, colour.y, i32::from(alpha));
            }
        }
        let area = rect.chroma();
        for row in area.y..area.bottom() {
            for (plane, to) in [(u, colour.u), (v, colour.v)] {
                let line = &mut self.data[plane.span(row, area)];
                for (column, sample) in (area.x..).zip(line) {
                    let alpha = mask.quad(2 * column - x, 2 * row - y);
                    *sample = mix(*sample, to, alpha);
                }
            }
        }
    }

    /// Makes this part what it is on `other`, a picture of the same size.
    pub(super) fn restore(&mut self, other: &Self, rect: Rect) {
        let clipped = rect.clipped(self.width(), self.height());
        let (Some(rect), true) = (clipped, self.size == other.size) else {
            return;
        };
        for plane in self.planes() {
            let area = plane.area(rect);
            for row in area.y..area.bottom() {
                let span = plane.span(row, area);
                self.data[span.clone()].copy_from_slice(&other.data[span]);
            }
        }
    }

    /// Writes the machine-readable capture time, where the picture is large enough.
    pub(super) fn timecode(&mut self, time: Timestamp) {
        let (size, stride) = (self.size, self.size.width() as usize);
        timecode::encode(time, &mut self.data[..size.pixels()], stride, size);
    }

    /// Where luma and the two planes of chroma lie.
    fn planes(&self) -> [Plane; 3] {
        let chroma = |start| Plane {
            start,
            stride: self.size.width().div_ceil(2) as usize,
            halved: true,
        };
        let luma = Plane {
            start: 0,
            stride: self.size.width() as usize,
            halved: false,
        };
        let u = self.size.pixels();
        [luma, chroma(u), chroma(u + (self.data.len() - u) / 2)]
    }
}

/// Where one plane lies in the data.
#[derive(Clone, Copy)]
struct Plane {
    start: usize,
    stride: usize,
    halved: bool,
}

impl Plane {
    /// The samples that a part of the picture has in this plane.
    const fn area(self, rect: Rect) -> Rect {
        if self.halved { rect.chroma() } else { rect }
    }

    /// The bytes of one line of `area`.
    const fn span(self, row: i32, area: Rect) -> std::ops::Range<usize> {
        let start = self.start + row as usize * self.stride + area.x as usize;
        start..start + area.width as usize
    }
}

impl Mask {
    fn row(&self, row: i32) -> &[u8] {
        let width = self.width as usize;
        &self.data[row as usize * width..][..width]
    }

    /// Mean cover of the 2×2 pixels from `x`, `y` on; outside there is none.
    fn quad(&self, x: i32, y: i32) -> i32 {
        let cover = |x: i32, y: i32| {
            let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
            if inside {
                i32::from(self.data[(y * self.width + x) as usize])
            } else {
                0
            }
        };
        (cover(x, y) + cover(x + 1, y) + cover(x, y + 1) + cover(x + 1, y + 1)) / 4
    }
}

/// `from` covered by `to`, as far as `alpha` of 255 goes.
fn mix(from: u8, to: u8, alpha: i32) -> u8 {
    let (from, to) = (i32::from(from), i32::from(to));
    let moved = (to - from) * alpha;
    // Rounded to the nearest, away from zero.
    (from + (moved + 127 * moved.signum()) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Colour = Colour::rgb(0, 0, 0);
    const RED: Colour = Colour::rgb(255, 0, 0);

    fn canvas(width: u32, height: u32) -> Canvas {
        Canvas::new(Resolution::new(width, height).unwrap(), BLACK)
    }

    #[test]
    fn colours_are_those_of_jpeg() {
        let check = |colour: Colour, expected| {
            assert_eq!((colour.y, colour.u, colour.v), expected);
        };
        check(BLACK, (0, 128, 128));
        check(Colour::rgb(255, 255, 255), (255, 128, 128));
        check(RED, (76, 86, 255));
    }

    #[test]
    fn painting_beyond_the_edges_is_cut_off() {
        let mut whole = canvas(5, 3);
        whole.fill(Rect::new(-9, -9, 100, 100), RED);
        assert_eq!(whole.data(), Canvas::new(whole.size, RED).data());

        let mut untouched = canvas(5, 3);
        let mask = Mask {
            width: 2,
            height: 2,
            data: vec![255; 4],
        };
        for (x, y) in [(-2, 0), (5, 0), (0, 3), (0, -2), (i32::MIN / 2, 0)] {
            untouched.fill(Rect::new(x, y, 2, 2), RED);
            untouched.blend(x, y, &mask, RED);
            untouched.restore(&whole, Rect::new(x, y, 2, 2));
        }
        assert_eq!(untouched.data(), canvas(5, 3).data());

        untouched.blend(4, 2, &mask, RED);
        assert_eq!(untouched.data()[14], RED.y);
        assert_eq!(untouched.data()[13], BLACK.y);
    }

    #[test]
    fn a_mask_covers_as_far_as_it_says() {
        let mut canvas = canvas(2, 2);
        let mask = Mask {
            width: 2,
            height: 2,
            data: vec![0, 255, 128, 0],
        };
        canvas.blend(0, 0, &mask, RED);
        let chroma = |to: i32| (128 + (to - 128) * 95 / 255) as u8;
        assert_eq!(&canvas.data()[..4], [0, 76, 38, 0]);
        assert!(canvas.data()[4].abs_diff(chroma(86)) <= 1);
        assert!(canvas.data()[5].abs_diff(chroma(255)) <= 1);
    }
}
