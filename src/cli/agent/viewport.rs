//! How large a browser's screen is.

use std::str::FromStr;

/// A width and a height in pixels: `1280x960`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Viewport {
    pub(in crate::cli) width: u32,
    pub(in crate::cli) height: u32,
}

impl FromStr for Viewport {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (width, height) = text.split_once('x').unwrap_or((text, ""));
        match (width.parse(), height.parse()) {
            (Ok(width), Ok(height)) => Ok(Self { width, height }),
            _ => Err("write WIDTHxHEIGHT in pixels, as in 1280x960"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewport_has_two_sides() {
        let viewport: Viewport = "1280x960".parse().unwrap();
        assert_eq!((viewport.width, viewport.height), (1280, 960));
        for text in ["1280", "x", "1280x", "1280x960x2", "-1x5"] {
            assert!(text.parse::<Viewport>().is_err(), "{text}");
        }
    }
}
