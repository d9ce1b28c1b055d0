//! What marks are, the colours they are drawn in, and the classes that they get instead.

use plotters::prelude::{Color as _, RGBColor, ShapeStyle};

use super::chart::{Hue, Weight};

/// What a mark is, and so how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Grid,
    Axis,
    /// The base of an axis that does not start at zero.
    CutAxis,
    Line(Hue, Weight),
    Area(Hue),
    /// From the smallest to the greatest value of each bucket.
    Band(Hue),
    /// Between what comes in and what goes out, where the backlog grows.
    Grows,
}

impl Role {
    /// Every role that a drawing can hold.
    fn all() -> Vec<Self> {
        let hues = Hue::ORDER.into_iter().chain([Hue::Past]);
        let of_hue = |hue| {
            let lines = [Weight::Heavy, Weight::Normal, Weight::Thin, Weight::Earlier]
                .map(|weight| Self::Line(hue, weight));
            [Self::Area(hue), Self::Band(hue)].into_iter().chain(lines)
        };
        [Self::Grid, Self::Axis, Self::CutAxis, Self::Grows]
            .into_iter()
            .chain(hues.flat_map(of_hue))
            .collect()
    }

    /// The colour it is drawn in before it becomes a class: each role has one of its own.
    #[must_use]
    pub fn sentinel(self) -> RGBColor {
        let hue = |hue: Hue| Hue::ORDER.into_iter().position(|h| h == hue).unwrap_or(Hue::ORDER.len()) as u8;
        match self {
            Self::Grid => RGBColor(1, 0, 0),
            Self::Axis => RGBColor(1, 1, 0),
            Self::CutAxis => RGBColor(1, 2, 0),
            Self::Grows => RGBColor(2, 0, 0),
            Self::Area(of) => RGBColor(3, hue(of), 0),
            Self::Band(of) => RGBColor(4, hue(of), 0),
            Self::Line(of, Weight::Heavy) => RGBColor(5, hue(of), 0),
            Self::Line(of, Weight::Normal) => RGBColor(5, hue(of), 1),
            Self::Line(of, Weight::Thin) => RGBColor(5, hue(of), 2),
            Self::Line(of, Weight::Earlier) => RGBColor(5, hue(of), 3),
        }
    }

    pub(super) fn classes(self) -> String {
        match self {
            Self::Grid => "grid".to_owned(),
            Self::Axis => "axis".to_owned(),
            Self::CutAxis => "axis cut".to_owned(),
            Self::Grows => "a grows".to_owned(),
            Self::Area(hue) => format!("a {}", hue.class()),
            Self::Band(hue) => format!("a band {}", hue.class()),
            Self::Line(hue, Weight::Heavy) => format!("l heavy {}", hue.class()),
            Self::Line(hue, Weight::Normal) => format!("l {}", hue.class()),
            Self::Line(hue, Weight::Thin) => format!("l thin {}", hue.class()),
            Self::Line(hue, Weight::Earlier) => format!("l earlier {}", hue.class()),
        }
    }

    pub(super) fn style(self) -> ShapeStyle {
        self.sentinel().stroke_width(1)
    }
}

/// Replaces the sentinel colours, as the SVG backend writes them, by classes.
pub(super) fn classed(marks: &str) -> String {
    Role::all().into_iter().fold(marks.replace(" \"/>", "\"/>"), |marks, role| {
        let RGBColor(r, g, b) = role.sentinel();
        let colour = format!("#{r:02X}{g:02X}{b:02X}");
        let class = format!("class=\"{}\"", role.classes());
        marks
            .replace(&format!("fill=\"none\" opacity=\"1\" stroke=\"{colour}\" stroke-width=\"1\""), &class)
            .replace(&format!("opacity=\"1\" fill=\"{colour}\""), &class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_all_roles_when_compared_then_each_has_a_colour_of_its_own() {
        let mut colours: Vec<_> =
            Role::all().into_iter().map(|r| r.sentinel()).map(|c| (c.0, c.1, c.2)).collect();
        let count = colours.len();
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), count);
    }
}
