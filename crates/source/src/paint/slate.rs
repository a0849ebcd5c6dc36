//! The slate: what viewers see while a source is away.

use eyeline_media::{Resolution, Timestamp, timecode};
use jiff::tz::TimeZone;
use noto_sans_mono_bitmap::FontWeight;

use super::canvas::{Canvas, Colour, Rect};
use super::palette::{BACKGROUND, LINE, MUTED, TEXT};
use super::text::{Face, plain, wrap};

/// What a slate says.
#[derive(Clone, Copy, Debug, Default)]
pub struct SlateText<'a> {
    /// Whose slate it is and what is the matter: "front is away".
    pub title: &'a str,
    /// Why, as a sentence for people; may be long.
    pub reason: &'a str,
    /// Since when; shown as a time and as an age.
    pub since: Option<Timestamp>,
    /// What happens next: "trying again in 4 s".
    pub note: &'a str,
}

/// A paragraph on its way onto the slate.
struct Paragraph {
    face: Face,
    lines: Vec<String>,
    colour: Colour,
    /// Pixels above it.
    gap: i32,
}

/// Paints a slate at `now` and returns it as `yuv420p`, to be taken as full-range
/// BT.601. The time is that of the machine's time zone. Carries the capture time as
/// [`timecode`] where the picture is large enough. Texts that do not fit are broken
/// into lines, then cut; a picture too small for any letter is only dark. `memory` is that
/// of an earlier picture, to be used again, or empty.
#[must_use]
pub fn paint_slate(
    memory: Vec<u8>,
    size: Resolution,
    now: Timestamp,
    text: &SlateText<'_>,
) -> Vec<u8> {
    let canvas = Canvas::over(memory, size, BACKGROUND);
    paint(canvas, now, text, &TimeZone::system())
}

#[cfg(test)]
pub(super) fn paint_slate_in_zone(
    size: Resolution,
    now: Timestamp,
    text: &SlateText<'_>,
    zone: &TimeZone,
) -> Vec<u8> {
    paint(Canvas::new(size, BACKGROUND), now, text, zone)
}

fn paint(mut canvas: Canvas, now: Timestamp, text: &SlateText<'_>, zone: &TimeZone) -> Vec<u8> {
    let size = canvas.size();
    let area = text_area(&canvas);
    let since = text.since.map(|since| since_text(since, now, zone));
    let mut paragraphs = paragraphs(area, text, &since.unwrap_or_default());
    let height = |p: &Paragraph| p.gap + p.face.height() * p.lines.len() as i32;
    let total: i32 = paragraphs.iter().map(height).sum();

    let rule = (size.width().min(size.height()) as i32 / 180).max(1) * 2;
    let mut y = area.y + (area.height - total) / 2;
    if !paragraphs.is_empty() {
        let width = (area.width / 16).max(4);
        let above = (y - 4 * rule).max(0);
        canvas.fill(Rect::new(area.x, above, width, rule), LINE);
    }
    for paragraph in &mut paragraphs {
        y += paragraph.gap;
        for line in &paragraph.lines {
            let face = &mut paragraph.face;
            face.draw(&mut canvas, area.x, y, line, paragraph.colour);
            y += face.height();
        }
    }
    canvas.timecode(now);
    canvas.into_data()
}

/// The picture without its margins and without the timecode.
fn text_area(canvas: &Canvas) -> Rect {
    let (width, height) = (canvas.width(), canvas.height());
    let margin = width * 2 / timecode::GRID_COLUMNS as i32;
    let top = height / 18;
    let bottom = if height < timecode::MIN_HEIGHT as i32 {
        height - top
    } else {
        height * 32 / timecode::GRID_ROWS as i32
    };
    Rect::new(margin, top, width - 2 * margin, bottom - top)
}

/// Sets the texts, the most important first, until the room is used up.
fn paragraphs(area: Rect, text: &SlateText<'_>, since: &str) -> Vec<Paragraph> {
    let settings = [
        (text.title, Style::TITLE),
        (text.reason, Style::REASON),
        (since, Style::ASIDE),
        (text.note, Style::ASIDE),
    ];
    let mut room = area.height;
    let mut set: Vec<Paragraph> = Vec::new();
    for (text, style) in settings {
        let text = plain(text);
        // No letter is larger than that of something more important.
        let above = set.last().map_or(i32::MAX, |p| p.face.height());
        let Some(face) = style.face(&text, area, above) else {
            continue;
        };
        // Since when and what next belong together.
        let close = style.aside && set.last().is_some_and(|p| p.colour == MUTED);
        let gap = if set.is_empty() || close {
            0
        } else {
            face.height() / 2
        };
        let fitting = (room - gap).max(0) / face.height();
        let columns = (area.width / face.width()) as usize;
        let lines = wrap(&text, columns, style.lines.min(fitting as usize));
        if lines.is_empty() {
            continue;
        }
        room -= gap + face.height() * lines.len() as i32;
        set.push(Paragraph {
            face,
            lines,
            colour: if style.aside { MUTED } else { TEXT },
            gap,
        });
    }
    set
}

/// How one of the texts is set.
#[derive(Clone, Copy)]
struct Style {
    weight: FontWeight,
    /// Of the text area's height, in hundredths.
    height: i32,
    /// Most lines.
    lines: usize,
    /// Characters that should fit into a line, or smaller letters are taken.
    columns: usize,
    aside: bool,
}

impl Style {
    const TITLE: Self = Self {
        weight: FontWeight::Bold,
        height: 13,
        lines: 2,
        columns: 20,
        aside: false,
    };
    const REASON: Self = Self {
        weight: FontWeight::Regular,
        height: 8,
        lines: 4,
        columns: 36,
        aside: false,
    };
    const ASIDE: Self = Self {
        weight: FontWeight::Regular,
        height: 7,
        lines: 2,
        columns: 36,
        aside: true,
    };
    /// Longest word for which smaller letters are taken, rather than break it.
    const LONGEST_WORD: usize = 32;
    /// Below this there is no point in writing.
    const LEAST_COLUMNS: usize = 4;

    fn face(self, text: &str, area: Rect, limit: i32) -> Option<Face> {
        let words = text.split_whitespace().map(str::len);
        let word = words.max().unwrap_or(0).min(Self::LONGEST_WORD);
        let columns = self.columns.min(text.trim().len()).max(word);
        let height = (area.height * self.height / 100).min(limit);
        [columns, Self::LEAST_COLUMNS]
            .into_iter()
            .find_map(|columns| Face::fitting(self.weight, height, columns, area.width))
    }
}

/// "since 14:05:09 (12 s ago)"
fn since_text(since: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    let instant = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
    let local = zone.to_datetime(instant);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        local.hour(),
        local.minute(),
        local.second()
    );
    format!(
        "since {clock} ({} ago)",
        age_text(now.since(since).as_secs())
    )
}

/// The two largest units of an age in seconds.
fn age_text(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match () {
        () if days > 0 => format!("{days} d {} h", hours % 24),
        () if hours > 0 => format!("{hours} h {} min", minutes % 60),
        () if minutes > 0 => format!("{minutes} min {} s", seconds % 60),
        () => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_two_largest_units() {
        let check = |seconds, expected: &str| assert_eq!(age_text(seconds), expected);
        check(0, "0 s");
        check(59, "59 s");
        check(60, "1 min 0 s");
        check(3_599, "59 min 59 s");
        check(9_999, "2 h 46 min");
        check(90_000, "1 d 1 h");
    }

    #[test]
    fn since_when_is_told_in_local_time_and_never_before_now() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let since = Timestamp::from_micros(1_764_000_111_000_000);
        let now = Timestamp::from_micros(1_764_000_123_400_000);
        assert_eq!(since_text(since, now, &zone), "since 18:01:51 (12 s ago)");
        // A clock that was set back meanwhile.
        assert_eq!(since_text(now, since, &zone), "since 18:02:03 (0 s ago)");
    }
}
