//! Texts without what no service shows and some refuse.

/// A text of several lines, without control characters and without blanks around it. None where
/// nothing is left.
pub(super) fn lines(text: Option<String>) -> Option<String> {
    let text: String = text?.chars().filter(|c| is_shown(*c)).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text on one line.
pub(super) fn line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn is_shown(c: char) -> bool {
    matches!(c, '\n' | '\t') || !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shown_is_left_out() {
        let several = |text: &str| lines(Some(text.to_owned()));
        assert_eq!(
            several("a\r\n\u{0}b\u{1b}[1m\t🦀\n").as_deref(),
            Some("a\nb[1m\t🦀")
        );
        assert_eq!(several("\u{0} \n"), None);
        assert_eq!(line(" a\r\nb\u{0}c  d "), "a b c d");
    }
}
