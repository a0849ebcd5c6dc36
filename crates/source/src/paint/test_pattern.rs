//! The test pattern: a moving picture that tells the time, to people and to programs.

use eyeline_media::{Resolution, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use noto_sans_mono_bitmap::FontWeight;

use super::canvas::{Canvas, Colour, Rect};
use super::dial::Dial;
use super::layout::{Grid, Labels, Places};
use super::palette::{ACCENT, BACKGROUND, BARS, LINE, RAISED, TEXT};
use super::text::Face;

const TITLE: &str = "Eyeline test pattern";
/// What changes with every frame, rendered before the first one.
const DIGITS: &str = "0123456789:.";
/// Lamps of which one is lit, the next one with each frame.
const LAMPS: i32 = 18;
/// Steps of grey below the colour bars.
const GREYS: i32 = 16;

/// Paints one moving test picture after the other.
///
/// It shows the wall clock to the millisecond, a hand that turns once a second, the
/// frame number, a row of lamps that advance by one with each frame, the rate, the
/// size, colour bars, and the capture time as [timecode](eyeline_media::timecode) where the picture is at
/// least 256×144. What does not fit into a
/// small picture is left out.
#[derive(Debug)]
pub struct TestPattern {
    zone: TimeZone,
    /// What stays; parts of it are put back before they are painted on.
    still: Canvas,
    canvas: Canvas,
    dial: Option<Dial>,
    labels: Labels,
    lamps: Rect,
    size: Resolution,
}

impl TestPattern {
    /// A pattern of this size that tells the time of the machine's time zone.
    #[must_use]
    pub fn new(size: Resolution) -> Self {
        Self::in_zone(size, TimeZone::system())
    }

    /// A pattern of this size that tells the time of `zone`.
    #[must_use]
    pub fn in_zone(size: Resolution, zone: TimeZone) -> Self {
        let mut still = Canvas::new(size, BACKGROUND);
        let grid = Grid::new(&still);
        paint_header(&mut still, grid);
        paint_bars(&mut still, grid);
        let lamps = grid.rect(44, 33, LAMPS, 2);
        paint_lamps(&mut still, lamps, None);
        let places = Places::new(grid);
        let dial = Dial::within(places.dial);
        if let Some(dial) = &dial {
            dial.face(&mut still);
        }
        let mut labels = places.labels(&mut still);
        for label in labels.clock.iter_mut().chain(&mut labels.stats) {
            label.face.prepare(DIGITS);
        }
        Self {
            zone,
            canvas: still.clone(),
            still,
            dial,
            labels,
            lamps,
            size,
        }
    }

    /// Paints the picture captured at `now` and returns it as `yuv420p`, to be taken
    /// as full-range BT.601. `rate_fps` is shown in frames per second; one that is not
    /// known yet may be given as NaN.
    pub fn paint(&mut self, now: Timestamp, frame_number: u64, rate_fps: f64) -> &[u8] {
        let (canvas, still) = (&mut self.canvas, &self.still);
        let (local, offset) = local_time(now, &self.zone);
        if let Some(dial) = &self.dial {
            canvas.restore(still, dial.area());
            let in_second = now.as_micros() % 1_000_000;
            dial.hand(canvas, in_second as f32 / 1_000_000.0);
        }
        if let Some(label) = &mut self.labels.zone {
            label.write(canvas, still, &zone_text(local, offset));
        }
        if let Some(label) = &mut self.labels.clock {
            label.write(canvas, still, &clock_text(local));
        }
        let stats = [
            frame_number.to_string(),
            rate_text(rate_fps),
            self.size.to_string(),
        ];
        for (label, text) in self.labels.stats.iter_mut().zip(stats) {
            label.write(canvas, still, &text);
        }
        canvas.restore(still, self.lamps);
        let lit = i32::try_from(frame_number % LAMPS as u64).unwrap_or(0);
        paint_lamps(canvas, self.lamps, Some(lit));
        canvas.timecode(now);
        canvas.data()
    }
}

fn paint_header(still: &mut Canvas, grid: Grid) {
    let area = grid.rect(2, 2, 60, 3);
    let height = grid.y(2).min(grid.x(3));
    // Two columns more for the bar and the space behind it.
    let columns = TITLE.len() + 2;
    let face = Face::fitting(FontWeight::Bold, height, columns, area.width);
    let Some(mut face) = face.filter(|face| face.height() <= area.height) else {
        return;
    };
    let bar = (face.width() / 2).max(2);
    let x = area.x + bar + face.width();
    still.fill(Rect::new(area.x, area.y, bar, face.height()), ACCENT);
    face.draw(still, x, area.y, TITLE, TEXT);
    let line = Rect::new(area.x, grid.y(5), area.width, (grid.height / 360).max(1));
    still.fill(line, LINE);
}

fn paint_bars(still: &mut Canvas, grid: Grid) {
    let bars = grid.rect(2, 24, 60, 5);
    let count = BARS.len() as i32;
    for (index, colour) in (0..).zip(BARS) {
        let (x, end) = (index * bars.width / count, (index + 1) * bars.width / count);
        still.fill(Rect::new(bars.x + x, bars.y, end - x, bars.height), colour);
    }
    let greys = grid.rect(2, 29, 60, 2);
    for index in 0..GREYS {
        let level = (index * 255 / (GREYS - 1)) as u8;
        let (x, end) = (
            index * greys.width / GREYS,
            (index + 1) * greys.width / GREYS,
        );
        let step = Rect::new(greys.x + x, greys.y, end - x, greys.height);
        still.fill(step, Colour::rgb(level, level, level));
    }
}

fn paint_lamps(canvas: &mut Canvas, area: Rect, lit: Option<i32>) {
    for index in 0..LAMPS {
        let (x, end) = (index * area.width / LAMPS, (index + 1) * area.width / LAMPS);
        // A lamp of one or two pixels has none to spare.
        let gap = (end - x + 2) / 5;
        let lamp = Rect::new(area.x + x, area.y, end - x - gap, area.height);
        let colour = if lit == Some(index) { ACCENT } else { RAISED };
        canvas.fill(lamp, colour);
    }
}

fn local_time(now: Timestamp, zone: &TimeZone) -> (DateTime, Offset) {
    let micros = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
    let instant = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
    let offset = zone.to_offset(instant);
    (offset.to_datetime(instant), offset)
}

fn zone_text(local: DateTime, offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let date = local.date();
    if minutes == 0 {
        format!("{date}  UTC")
    } else {
        format!("{date}  UTC{sign}{hours:02}:{rest:02}")
    }
}

fn clock_text(local: DateTime) -> String {
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        local.hour(),
        local.minute(),
        local.second(),
        local.millisecond()
    )
}

fn rate_text(rate_fps: f64) -> String {
    if rate_fps.is_finite() && (0.0..1000.0).contains(&rate_fps) {
        format!("{rate_fps:.1} fps")
    } else {
        "-- fps".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_764_000_123_456_789);

    #[test]
    fn the_clock_and_its_zone_are_written_out() {
        let check = |zone: TimeZone, clock: &str, label: &str| {
            let (local, offset) = local_time(NOW, &zone);
            assert_eq!(clock_text(local), clock);
            assert_eq!(zone_text(local, offset), label);
        };
        let hours = |hours| TimeZone::fixed(jiff::tz::offset(hours));
        check(TimeZone::UTC, "16:02:03.456", "2025-11-24  UTC");
        check(hours(9), "01:02:03.456", "2025-11-25  UTC+09:00");
        let newfoundland = Offset::from_seconds(-12_600).unwrap();
        check(
            TimeZone::fixed(newfoundland),
            "12:32:03.456",
            "2025-11-24  UTC-03:30",
        );
    }

    #[test]
    fn a_rate_that_is_none_is_not_shown() {
        let check = |rate, expected: &str| assert_eq!(rate_text(rate), expected);
        check(29.94, "29.9 fps");
        check(0.0, "0.0 fps");
        for rate in [f64::NAN, f64::INFINITY, -1.0, 1e9] {
            check(rate, "-- fps");
        }
    }
}
