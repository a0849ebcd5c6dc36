//! Text: one monospaced face in any height, and breaking words into lines.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use super::canvas::{Canvas, Colour, Mask};

/// The printable characters of ASCII, which is all that the face has.
const FIRST: char = ' ';
const LAST: char = '~';
/// What stands for a character that the face lacks.
const REPLACEMENT: char = '?';
/// The lowest face there is, in pixels.
pub(super) const MIN_HEIGHT: i32 = 16;

/// Regular or bold letters of one height, rendered when they are first used.
#[derive(Debug)]
pub(super) struct Face {
    weight: FontWeight,
    base: RasterHeight,
    width: i32,
    height: i32,
    masks: Vec<Option<Mask>>,
}

impl Face {
    /// Letters about `height` pixels high: the nearest that was drawn by hand, or above
    /// those, exactly as high by smooth scaling.
    pub(super) fn new(weight: FontWeight, height: i32) -> Self {
        let base = match height {
            ..20 => RasterHeight::Size16,
            20..28 => RasterHeight::Size24,
            28.. => RasterHeight::Size32,
        };
        let native = base.val() as i32;
        let height = native.max(height & !1);
        let height = if native < 32 { native } else { height };
        let width = get_raster_width(weight, base) as i32;
        Self {
            weight,
            base,
            width: (width * height + native / 2) / native,
            height,
            masks: vec![None; LAST as usize - FIRST as usize + 1],
        }
    }

    /// The largest face up to `height` pixels in which `columns` characters fit into
    /// `width` pixels; `None` when even the smallest does not.
    pub(super) fn fitting(
        weight: FontWeight,
        height: i32,
        columns: usize,
        width: i32,
    ) -> Option<Self> {
        let columns = i32::try_from(columns).ok()?.max(1);
        let mut height = height.max(MIN_HEIGHT);
        loop {
            let face = Self::new(weight, height);
            if face.width * columns <= width {
                return Some(face);
            }
            if height == MIN_HEIGHT {
                return None;
            }
            height = (height - 2).max(MIN_HEIGHT);
        }
    }

    /// Width of every character in pixels.
    pub(super) const fn width(&self) -> i32 {
        self.width
    }

    /// Height of a line in pixels.
    pub(super) const fn height(&self) -> i32 {
        self.height
    }

    /// Paints one line with its top left corner at `x`, `y`.
    pub(super) fn draw(&mut self, canvas: &mut Canvas, x: i32, y: i32, text: &str, colour: Colour) {
        let mut x = x;
        for character in text.chars() {
            if character != ' ' {
                canvas.blend(x, y, self.mask(character), colour);
            }
            x += self.width;
        }
    }

    /// Renders these characters now, not when they are first painted.
    pub(super) fn prepare(&mut self, characters: &str) {
        for character in characters.chars() {
            self.mask(character);
        }
    }

    fn mask(&mut self, character: char) -> &Mask {
        let known = (FIRST..=LAST).contains(&character);
        let character = if known { character } else { REPLACEMENT };
        let (weight, base) = (self.weight, self.base);
        let (width, height) = (self.width, self.height);
        let slot = &mut self.masks[character as usize - FIRST as usize];
        slot.get_or_insert_with(|| render(weight, base, character, width, height))
    }
}

fn render(
    weight: FontWeight,
    base: RasterHeight,
    character: char,
    width: i32,
    height: i32,
) -> Mask {
    let Some(raster) = get_raster(character, weight, base) else {
        return Mask {
            width,
            height,
            data: vec![0; (width * height) as usize],
        };
    };
    let native = (raster.width() as i32, raster.height() as i32);
    let data = if native == (width, height) {
        raster.pixels().to_vec()
    } else {
        enlarge(raster.pixels(), native, (width, height))
    };
    Mask {
        width,
        height,
        data,
    }
}

/// Scales a letter up: interpolated, then as much steeper as it became larger, so that
/// edges are as crisp as before and round instead of stepped.
fn enlarge(pixels: &[u8], from: (i32, i32), to: (i32, i32)) -> Vec<u8> {
    let pixels: Vec<f32> = pixels.iter().map(|&p| f32::from(p) - 127.5).collect();
    let wide = stretch_rows(&pixels, from.0 as usize, to.0 as usize);
    let turned = transpose(&wide, to.0 as usize);
    let high = stretch_rows(&turned, from.1 as usize, to.1 as usize);
    let steepness = to.1 as f32 / from.1 as f32;
    let finished = transpose(&high, to.1 as usize).into_iter();
    finished
        .map(|value| (value * steepness + 127.5).clamp(0.0, 255.0) as u8)
        .collect()
}

/// Makes every row of `from` samples one of `to`, by cubic B-splines.
fn stretch_rows(samples: &[f32], from: usize, to: usize) -> Vec<f32> {
    let ratio = from as f32 / to as f32;
    let columns = (0..to).map(|column| (column as f32 + 0.5) * ratio - 0.5);
    let taps: Vec<[(usize, f32); 4]> = columns
        .map(|centre| {
            [-1.0, 0.0, 1.0, 2.0].map(|step| {
                let at = centre.floor() + step;
                let index = at.clamp(0.0, from as f32 - 1.0) as usize;
                (index, spline((centre - at).abs()))
            })
        })
        .collect();
    samples
        .chunks_exact(from)
        .flat_map(|row| {
            let weigh = |taps: &[(usize, f32); 4]| taps.iter().map(|&(i, w)| row[i] * w).sum();
            taps.iter().map(weigh).collect::<Vec<f32>>()
        })
        .collect()
}

/// The cubic B-spline at a distance below 2: it rounds the steps of the small letter
/// where sharper filters would keep them.
fn spline(x: f32) -> f32 {
    if x < 1.0 {
        (3.0 * x * x * x - 6.0 * x * x + 4.0) / 6.0
    } else {
        let x = 2.0 - x;
        x * x * x / 6.0
    }
}

fn transpose(samples: &[f32], width: usize) -> Vec<f32> {
    let column = |x: usize| samples.iter().skip(x).step_by(width).copied();
    (0..width).flat_map(column).collect()
}

/// The text in the characters that the face has: common punctuation in its plain form,
/// line breaks and other control characters as spaces, the rest as question marks.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            FIRST..=LAST => plain.push(character),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201C}' | '\u{201D}' => plain.push('"'),
            '\u{2026}' => plain.push_str("..."),
            '\u{D7}' => plain.push('x'),
            _ if character.is_whitespace() || character.is_control() => plain.push(' '),
            _ => plain.push(REPLACEMENT),
        }
    }
    plain
}

/// Breaks ASCII text into at most `lines` lines of at most `columns` characters, between
/// words where that can be; the last line ends in dots when something was left out.
pub(super) fn wrap(text: &str, columns: usize, lines: usize) -> Vec<String> {
    if columns == 0 || lines == 0 {
        return Vec::new();
    }
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        if let Some(line) = wrapped.last_mut()
            && line.chars().count() + 1 + rest.len() <= columns
        {
            line.push(' ');
            line.extend(rest);
            continue;
        }
        // A word longer than a line is broken anywhere.
        while !rest.is_empty() && wrapped.len() <= lines {
            let tail = rest.split_off(rest.len().min(columns));
            wrapped.push(rest.iter().collect());
            rest = tail;
        }
        if wrapped.len() > lines {
            break;
        }
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            *last = shortened(last, columns);
        }
    }
    wrapped
}

/// A line with dots at its end, within `columns`.
fn shortened(line: &str, columns: usize) -> String {
    let dots = ".".repeat(columns.min(3));
    let kept: String = line.chars().take(columns - dots.len()).collect();
    format!("{}{dots}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_cut_with_dots() {
        let check = |text: &str, columns, lines, expected: &[&str]| {
            assert_eq!(wrap(text, columns, lines), expected, "{text:?}");
        };
        check("", 10, 3, &[]);
        check("  one  two ", 10, 3, &["one two"]);
        check("one two three", 7, 3, &["one two", "three"]);
        check("one two three four", 7, 2, &["one two", "thre..."]);
        check("abcdefghij kl", 4, 4, &["abcd", "efgh", "ij", "kl"]);
        check("abcdefghij", 4, 2, &["abcd", "e..."]);
        check("abcdefghij", 2, 1, &[".."]);
        check("one", 0, 3, &[]);
        check("one", 3, 0, &[]);
    }

    #[test]
    fn what_the_face_lacks_is_replaced() {
        let check = |text, expected: &str| assert_eq!(plain(text), expected);
        check("plain ~ text", "plain ~ text");
        check("1280×720 – “it’s” …\n", "1280x720 - \"it's\" ... ");
        check("Küche 相机", "K?che ??");
    }

    #[test]
    fn the_largest_face_that_fits_is_taken() {
        let check = |height, columns, width, expected: Option<(i32, i32)>| {
            let face = Face::fitting(FontWeight::Regular, height, columns, width);
            let size = face.map(|face| (face.width(), face.height()));
            assert_eq!(size, expected, "{height} {columns} {width}");
        };
        check(16, 10, 1_000, Some((7, 16)));
        check(64, 10, 1_000, Some((28, 64)));
        check(64, 10, 140, Some((14, 32)));
        check(64, 10, 70, Some((7, 16)));
        check(64, 10, 69, None);
        check(0, 0, 7, Some((7, 16)));
    }

    #[test]
    fn enlarged_letters_keep_their_weight() {
        let cover = |height| {
            let mut face = Face::new(FontWeight::Bold, height);
            let area = f64::from(face.width() * face.height());
            let ink: f64 = face.mask('8').data.iter().map(|&c| f64::from(c)).sum();
            ink / area
        };
        let (native, enlarged) = (cover(32), cover(160));
        assert!(
            (native - enlarged).abs() < native * 0.1,
            "{native} {enlarged}"
        );
    }
}
