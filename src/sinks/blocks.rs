//! Blocks of text under one another, of which an output takes what room the others leave.

use crate::template::Length;

/// What stands between two blocks.
const BETWEEN: &str = "\n\n";

/// What is written before an output and after it.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// What stands before it.
    pub(super) before: Vec<String>,
    /// What stands after it.
    pub(super) after: Vec<String>,
}

impl Blocks {
    /// All of them, with what `output` makes of the room that is left: none where it makes nothing.
    /// What is given has to have room itself.
    pub(super) fn around(
        self,
        room: Length,
        output: impl FnOnce(usize) -> Option<String>,
    ) -> String {
        let others = self.before.iter().chain(&self.after);
        let taken: usize = others
            .map(|block| room.size(block) + room.size(BETWEEN))
            .sum();
        let output = output(room.limit().saturating_sub(taken));
        let output = output.filter(|output| !output.is_empty());
        let all: Vec<String> = self
            .before
            .into_iter()
            .chain(output)
            .chain(self.after)
            .collect();
        all.join(BETWEEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_has_what_room_the_others_leave() {
        let around = |room, output: fn(usize) -> Option<String>| {
            let blocks = Blocks {
                before: vec!["one".to_owned()],
                after: vec!["two".to_owned()],
            };
            blocks.around(Length::Bytes(room), output)
        };
        assert_eq!(
            around(15, |left| Some("x".repeat(left))),
            "one\n\nxxxxx\n\ntwo"
        );
        assert_eq!(around(10, |left| Some("x".repeat(left))), "one\n\ntwo");
        assert_eq!(around(15, |_| None), "one\n\ntwo");
    }
}
