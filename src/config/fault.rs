//! What is wrong with a configuration, and where.

use std::fmt;
use std::fmt::Write as _;

use serde::de::Expected;
use serde::de::Unexpected;

use super::origin::Origin;

/// One thing that is wrong, told so that somebody can mend it. It never quotes a value: values may
/// be secrets.
#[derive(Clone, Debug)]
pub struct Fault(Box<Details>);

/// In a box, because nearly every reading function returns a fault or a small value.
#[derive(Clone, Debug)]
struct Details {
    /// From the root to the key.
    path: Vec<Step>,
    /// Where the value came from, once known.
    origin: Option<Origin>,
    problem: Problem,
}

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

#[derive(Clone, Debug)]
enum Problem {
    UnknownKey { known: Vec<String> },
    UnknownWord { word: String, known: Vec<String> },
    Missing { key: String },
    Type { found: String, expected: String },
    Other(String),
}

impl Fault {
    /// Something else is wrong, in a sentence that follows the key.
    pub(super) fn other(sentence: impl fmt::Display) -> Self {
        Problem::Other(sentence.to_string()).into()
    }

    /// The fault is under `key` of a table.
    pub(super) fn under(mut self, key: &str) -> Self {
        self.0.path.insert(0, Step::Key(key.to_owned()));
        self
    }

    /// The fault is in the `index`-th item of a list, counting from 0.
    pub(super) fn item(mut self, index: usize) -> Self {
        self.0.path.insert(0, Step::Index(index));
        self
    }

    /// The value came from there, unless somebody nearer to it has said so.
    pub(super) fn read_from(mut self, origin: &Origin) -> Self {
        if self.0.origin.is_none() && !origin.is_default() {
            self.0.origin = Some(origin.clone());
        }
        self
    }

    /// The same without the value, which a parser's message may quote: it may be a secret, and an
    /// address may hold one.
    pub(super) fn without(mut self, value: &str, origin: &Origin) -> Self {
        if let Problem::Other(sentence) = &mut self.0.problem {
            if let Some(short) = sentence.strip_suffix(&format!(": {value:?}")) {
                *sentence = short.to_owned();
            } else if origin.is_reference() && !value.is_empty() {
                *sentence = sentence.replace(value, "…");
            }
        }
        self
    }

    /// These keys would have been right too, in the table itself and not further down.
    pub(super) fn or_known(mut self, more: &[&str]) -> Self {
        let Details { path, problem, .. } = &mut *self.0;
        if let (Problem::UnknownKey { known }, [_]) = (problem, &**path) {
            known.extend(more.iter().map(|key| (*key).to_owned()));
        }
        self
    }

    /// What would have been right instead of an unknown key.
    #[cfg(test)]
    pub(super) fn known_keys(&self) -> &[String] {
        match &self.0.problem {
            Problem::UnknownKey { known } => known,
            _ => &[],
        }
    }

    /// The key's path as it would be written with dots.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.0.path {
            match step {
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Index(index) => {
                    // Writing to a string cannot fail.
                    _ = write!(path, "[{index}]");
                }
            }
        }
        path
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Details {
            path: Vec::new(),
            origin: None,
            problem,
        }))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.0.origin {
            write!(f, "{origin}: ")?;
        }
        let path = self.path();
        if !path.is_empty() {
            write!(f, "`{path}` ")?;
        }
        match &self.0.problem {
            Problem::UnknownKey { known } => {
                let key = match self.0.path.last() {
                    Some(Step::Key(key)) => key.as_str(),
                    _ => "",
                };
                f.write_str("is not a key here; ")?;
                suggest(f, key, known)
            }
            Problem::UnknownWord { word, known } => {
                write!(f, "is \"{word}\"; ")?;
                suggest(f, word, known)
            }
            Problem::Missing { key } => write!(f, "lacks the key `{key}`"),
            Problem::Type { found, expected } => write!(f, "is {found}; expected {expected}"),
            Problem::Other(sentence) => f.write_str(sentence),
        }
    }
}

/// The nearest known word, or all of them where none is near.
fn suggest(f: &mut fmt::Formatter<'_>, word: &str, known: &[String]) -> fmt::Result {
    match nearest(word, known.iter().map(String::as_str)) {
        Some(near) => write!(f, "did you mean `{near}`?"),
        None if known.is_empty() => f.write_str("this table takes no keys"),
        None => write!(f, "known are: {}", known.join(", ")),
    }
}

/// The word among `known` that somebody who wrote `word` most likely meant.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::other(format_args!("is wrong: {message}"))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Problem::Type {
            found: kind(&found).to_owned(),
            expected: in_plain_words(&expected.to_string()),
        }
        .into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Problem::Type {
            found: format!("{} out of range", kind(&found)),
            expected: in_plain_words(&expected.to_string()),
        }
        .into()
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Problem::UnknownWord {
            word: word.to_owned(),
            known: known.iter().map(|word| (*word).to_owned()).collect(),
        }
        .into()
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::from(Problem::UnknownKey {
            known: known.iter().map(|key| (*key).to_owned()).collect(),
        })
        .under(key)
    }

    fn missing_field(key: &'static str) -> Self {
        Problem::Missing {
            key: key.to_owned(),
        }
        .into()
    }
}

/// What kind of value was found, without the value.
fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a fractional number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        _ => "something else",
    }
}

/// Serde's expectation without the words of Rust.
fn in_plain_words(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative".to_owned(),
        "i32" | "i64" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        "string or map" => "a word".to_owned(),
        name if name.starts_with("struct ") => "a table".to_owned(),
        name if name.starts_with("enum ") || name.starts_with("variant") => "a word".to_owned(),
        other => other.to_owned(),
    }
}
