//! What is asked of an index of tokens.

/// A question to an index of tokens: of each group one must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question(Vec<Vec<String>>);

impl Question {
    /// A question that all these groups are a part of. Those that hold nothing ask nothing; none if
    /// that leaves nothing to ask.
    pub(super) fn of(groups: impl IntoIterator<Item = Vec<String>>) -> Option<Self> {
        let groups: Vec<_> = groups
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect();
        (!groups.is_empty()).then_some(Self(groups))
    }

    /// Asks for one token.
    pub(super) fn one(token: String) -> Self {
        Self(vec![vec![token]])
    }

    /// As FTS5 takes it.
    pub(super) fn text(&self) -> String {
        let groups = self.0.iter();
        let groups = groups.map(|group| format!("({})", group.join(" OR ")));
        groups.collect::<Vec<_>>().join(" AND ")
    }

    /// Whether an index would find these tokens by it.
    pub(super) fn finds(&self, tokens: &str) -> bool {
        let is_there = |wanted: &String| tokens.split(' ').any(|token| token == wanted);
        self.0.iter().all(|group| group.iter().any(is_there))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(groups: &[&[&str]]) -> Option<Question> {
        let group = |group: &&[&str]| group.iter().map(|&token| token.to_owned()).collect();
        Question::of(groups.iter().map(group))
    }

    #[test]
    fn of_each_group_one_is_enough_and_one_there_must_be() {
        let question = question(&[&["t1", "t2"], &[], &["s1"]]).unwrap();
        assert_eq!(question.text(), "(t1 OR t2) AND (s1)");
        assert!(question.finds("s1 t2"));
        assert!(!question.finds("t1 t2"));
        assert!(!question.finds("s1 t11"));
        assert!(!question.finds(""));
    }

    #[test]
    fn who_asks_for_nothing_has_no_question() {
        assert_eq!(question(&[&[], &[]]), None);
    }
}
