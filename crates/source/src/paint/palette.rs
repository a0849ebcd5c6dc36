//! The colours of the product: greys with a slight blue cast, and one accent.

use super::canvas::Colour;

/// Behind everything.
pub(super) const BACKGROUND: Colour = Colour::rgb(20, 24, 30);
/// Things that are there but off.
pub(super) const RAISED: Colour = Colour::rgb(36, 42, 51);
/// Hairlines and ticks.
pub(super) const LINE: Colour = Colour::rgb(66, 75, 89);
/// Labels and asides.
pub(super) const MUTED: Colour = Colour::rgb(150, 160, 175);
/// What is to be read.
pub(super) const TEXT: Colour = Colour::rgb(232, 236, 242);
/// The one accent.
pub(super) const ACCENT: Colour = Colour::rgb(74, 201, 176);

/// Colour bars, from light to dark, a little calmer than those of television.
pub(super) const BARS: [Colour; 8] = [
    Colour::rgb(216, 219, 224),
    Colour::rgb(208, 190, 78),
    Colour::rgb(84, 186, 196),
    Colour::rgb(92, 172, 96),
    Colour::rgb(178, 96, 176),
    Colour::rgb(192, 78, 74),
    Colour::rgb(66, 92, 186),
    Colour::rgb(12, 14, 18),
];
