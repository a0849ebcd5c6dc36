//! Where things lie on the test pattern, and what fits into a picture of its size.

use eyeline_media::timecode;
use noto_sans_mono_bitmap::FontWeight;

use super::canvas::{Canvas, Colour, Rect};
use super::palette::{MUTED, TEXT};
use super::text::{Face, MIN_HEIGHT};

/// The picture is laid out on the grid of the timecode.
const COLUMNS: i32 = timecode::GRID_COLUMNS as i32;
const ROWS: i32 = timecode::GRID_ROWS as i32;

/// Wide enough for what is written about the zone.
const ZONE_COLUMNS: usize = "2025-01-31  UTC+00:00".len();

/// Places in the picture by cells of its grid.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Grid {
    pub(super) fn new(canvas: &Canvas) -> Self {
        Self {
            width: canvas.width(),
            height: canvas.height(),
        }
    }

    pub(super) fn x(self, column: i32) -> i32 {
        column * self.width / COLUMNS
    }

    pub(super) fn y(self, row: i32) -> i32 {
        row * self.height / ROWS
    }

    pub(super) fn rect(self, column: i32, row: i32, columns: i32, rows: i32) -> Rect {
        let (x, y) = (self.x(column), self.y(row));
        Rect::new(x, y, self.x(column + columns) - x, self.y(row + rows) - y)
    }
}

/// Where the changing parts of the main area lie.
pub(super) struct Places {
    text: Rect,
    pub(super) dial: Rect,
}

/// The changing texts, as far as they fit.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub(super) clock: Option<Label>,
    pub(super) zone: Option<Label>,
    /// Frame number, rate and size.
    pub(super) stats: Vec<Label>,
}

impl Places {
    /// Text beside the dial, or above it in a picture that is not wide.
    pub(super) fn new(grid: Grid) -> Self {
        if grid.width * 10 >= grid.height * 12 {
            Self {
                text: grid.rect(2, 6, 42, 16),
                dial: grid.rect(46, 6, 16, 16),
            }
        } else {
            Self {
                text: grid.rect(2, 6, 60, 7),
                dial: grid.rect(2, 14, 60, 9),
            }
        }
    }

    /// The clock, the zone above it, and the stats below; their captions are painted.
    pub(super) fn labels(&self, still: &mut Canvas) -> Labels {
        let Rect { x, y, width, .. } = self.text;
        let bottom = self.text.bottom();
        let room = bottom - y;
        let clock = ["00:00:00.000", "00:00:00", "00:00"]
            .iter()
            .find_map(|text| {
                let height = (room * 55 / 100).max(MIN_HEIGHT);
                let face = Face::fitting(FontWeight::Bold, height, text.len(), width)?;
                Some((face, text.len()))
            })
            .map(|(face, columns)| Label {
                // Letters have more room above than below; this centres the digits.
                y: y + (room * 45 / 100 - face.height() / 2).max(0),
                x,
                face,
                columns,
                colour: TEXT,
            });
        let Some(clock) = clock else {
            return Labels::default();
        };
        let small = |columns: usize, width: i32| {
            Face::fitting(FontWeight::Regular, (room + 8) / 9, columns, width)
        };
        let zone = small(ZONE_COLUMNS, width)
            .filter(|face| clock.y - y >= face.height())
            .map(|face| Label {
                y: clock.y - face.height(),
                x,
                face,
                columns: ZONE_COLUMNS,
                colour: MUTED,
            });
        let below = clock.y + clock.face.height();
        let stats = stats(still, Rect::new(x, below, width, bottom - below));
        Labels {
            clock: Some(clock),
            zone,
            stats,
        }
    }
}

/// Columns for the stats, as far as they fit; paints their captions above them.
fn stats(still: &mut Canvas, room: Rect) -> Vec<Label> {
    const CAPTIONS: [&str; 3] = ["Frame", "Rate", "Size"];
    /// For the longest size there is, 16384x4096.
    const COLUMNS: usize = 10;
    let width = room.width / CAPTIONS.len() as i32;
    let face = |weight, height| {
        Face::fitting(weight, height, COLUMNS, width).filter(|face| face.height() <= room.height)
    };
    let mut caption = face(FontWeight::Regular, room.height / 3);
    let mut labels = Vec::new();
    for (index, text) in (0..).zip(CAPTIONS) {
        let Some(face) = face(FontWeight::Bold, room.height / 2) else {
            break;
        };
        let x = room.x + index * width;
        let y = room.bottom() - face.height();
        if let Some(caption) = &mut caption
            && y - caption.height() >= room.y
        {
            caption.draw(still, x, y - caption.height(), text, MUTED);
        }
        labels.push(Label {
            face,
            x,
            y,
            columns: COLUMNS,
            colour: TEXT,
        });
    }
    labels
}

/// A place for one line of changing text.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) face: Face,
    x: i32,
    y: i32,
    columns: usize,
    colour: Colour,
}

impl Label {
    pub(super) fn write(&mut self, canvas: &mut Canvas, still: &Canvas, text: &str) {
        let width = self.columns as i32 * self.face.width();
        let area = Rect::new(self.x, self.y, width, self.face.height());
        canvas.restore(still, area);
        let end = text.char_indices().nth(self.columns).map(|(end, _)| end);
        let text = &text[..end.unwrap_or(text.len())];
        self.face.draw(canvas, self.x, self.y, text, self.colour);
    }
}
