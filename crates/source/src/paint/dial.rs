//! A clock hand that turns once a second, so that a late or missing picture shows.

use super::canvas::{Canvas, Colour, Mask, Rect};
use super::palette::{ACCENT, BACKGROUND, LINE, MUTED, RAISED};

/// Marks around the dial: one for each tenth of a second, and smaller ones between.
const MARKS: u32 = 20;

/// A round dial.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dial {
    centre: (f32, f32),
    radius: f32,
}

/// A line with round ends.
struct Stroke {
    from: (f32, f32),
    to: (f32, f32),
    half_width: f32,
}

impl Dial {
    /// The largest dial in the middle of a part of the picture; `None` if it would be
    /// too small to be one.
    pub(super) fn within(rect: Rect) -> Option<Self> {
        let diameter = rect.width.min(rect.height);
        (diameter >= 24).then(|| Self {
            centre: (
                rect.x as f32 + rect.width as f32 / 2.0,
                rect.y as f32 + rect.height as f32 / 2.0,
            ),
            radius: diameter as f32 / 2.0 - 1.0,
        })
    }

    /// The part of the picture that the dial takes.
    pub(super) fn area(&self) -> Rect {
        let (x, y) = self.centre;
        let corner = |centre: f32| (centre - self.radius - 1.0).floor() as i32;
        let side = (self.radius * 2.0 + 3.0).ceil() as i32;
        Rect::new(corner(x), corner(y), side, side)
    }

    /// Paints what does not move.
    pub(super) fn face(&self, canvas: &mut Canvas) {
        self.disc(canvas, self.radius, LINE);
        self.disc(canvas, self.radius * 0.975 - 0.5, RAISED);
        self.disc(canvas, self.radius * 0.90, BACKGROUND);
        for mark in 0..MARKS {
            let tenth = mark % 2 == 0;
            let turn = mark as f32 / MARKS as f32;
            let stroke = Stroke {
                from: self.point(turn, if tenth { 0.74 } else { 0.80 }),
                to: self.point(turn, 0.84),
                half_width: (self.radius * if tenth { 0.014 } else { 0.008 }).max(0.5),
            };
            stroke.paint(canvas, if tenth { MUTED } else { LINE });
        }
    }

    /// Paints the hand at `turn`, a fraction of a round from the top, clockwise.
    pub(super) fn hand(&self, canvas: &mut Canvas, turn: f32) {
        let stroke = Stroke {
            from: self.centre,
            to: self.point(turn, 0.70),
            half_width: (self.radius * 0.028).max(1.0),
        };
        stroke.paint(canvas, ACCENT);
        self.disc(canvas, (self.radius * 0.07).max(2.0), ACCENT);
    }

    fn point(&self, turn: f32, distance: f32) -> (f32, f32) {
        let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
        let reach = self.radius * distance;
        (self.centre.0 + sin * reach, self.centre.1 - cos * reach)
    }

    fn disc(&self, canvas: &mut Canvas, radius: f32, colour: Colour) {
        let dot = Stroke {
            from: self.centre,
            to: self.centre,
            half_width: radius,
        };
        dot.paint(canvas, colour);
    }
}

impl Stroke {
    fn paint(&self, canvas: &mut Canvas, colour: Colour) {
        let reach = self.half_width + 1.0;
        let low = |a: f32, b: f32| (a.min(b) - reach).floor() as i32;
        let high = |a: f32, b: f32| (a.max(b) + reach).ceil() as i32;
        let (x, y) = (low(self.from.0, self.to.0), low(self.from.1, self.to.1));
        let width = high(self.from.0, self.to.0) - x;
        let height = high(self.from.1, self.to.1) - y;
        let mut data = Vec::with_capacity((width * height) as usize);
        for row in y..y + height {
            for column in x..x + width {
                let distance = self.distance(column as f32 + 0.5, row as f32 + 0.5);
                let cover = (self.half_width - distance + 0.5).clamp(0.0, 1.0);
                data.push((cover * 255.0) as u8);
            }
        }
        let mask = Mask {
            width,
            height,
            data,
        };
        canvas.blend(x, y, &mask, colour);
    }

    /// From a point to the middle of the line.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let (px, py) = (x - self.from.0, y - self.from.1);
        let length = dx * dx + dy * dy;
        let along = if length > 0.0 {
            ((px * dx + py * dy) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        (px - along * dx).hypot(py - along * dy)
    }
}
