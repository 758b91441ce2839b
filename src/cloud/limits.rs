//! The documented limits of requests, held before a request leaves: the vendor's own refusal costs
//! a request, and does not always name the field.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use super::wire::Moment;
use super::wire::Secrets;

/// A field of a request that is outside the documented limits. It never quotes the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct OutOfLimits {
    /// The field, as it is called on the wire: `metadata.team`.
    pub field: Box<str>,
    /// What is wrong with it.
    pub problem: Box<str>,
}

impl OutOfLimits {
    pub(super) fn new(field: impl Into<Box<str>>, problem: impl Into<Box<str>>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// A request that knows its documented limits.
pub(super) trait Bounded {
    /// Finds the first field that is outside them.
    fn check(&self) -> Result<(), OutOfLimits>;

    /// What it holds that must appear in no message.
    fn secrets(&self) -> Option<&Secrets> {
        None
    }
}

/// What is required was given.
pub(super) fn required(field: &str, text: &str) -> Result<(), OutOfLimits> {
    if text.is_empty() {
        return Err(OutOfLimits::new(field, "must be given"));
    }
    Ok(())
}

/// A text is no longer than so many characters.
pub(super) fn at_most(field: &str, text: Option<&str>, longest: usize) -> Result<(), OutOfLimits> {
    let length = text.map_or(0, |text| text.chars().count());
    if length > longest {
        let problem = format!("has {length} characters: {longest} are the most");
        return Err(OutOfLimits::new(field, problem));
    }
    Ok(())
}

/// A number is in a range.
pub(super) fn within<T: PartialOrd + fmt::Display>(
    field: &str,
    number: Option<T>,
    range: RangeInclusive<T>,
) -> Result<(), OutOfLimits> {
    match number {
        Some(number) if !range.contains(&number) => {
            let (least, most) = (range.start(), range.end());
            let problem = format!("is {number}: it goes from {least} to {most}");
            Err(OutOfLimits::new(field, problem))
        }
        _ => Ok(()),
    }
}

/// A number that counts from 1.
pub(super) fn positive(field: &str, number: Option<u32>) -> Result<(), OutOfLimits> {
    if number == Some(0) {
        return Err(OutOfLimits::new(field, "is 0: it counts from 1"));
    }
    Ok(())
}

/// A time can be read.
pub(super) fn readable(field: &str, time: Option<&Moment>) -> Result<(), OutOfLimits> {
    if time.is_some_and(|time| time.read().is_none()) {
        let problem = "is no time: write it like 2026-11-23T08:00:00Z";
        return Err(OutOfLimits::new(field, problem));
    }
    Ok(())
}

/// Tags as a request carries them.
pub(super) type Metadata = BTreeMap<String, String>;

/// The most pairs that `metadata` takes, in every version.
const METADATA_PAIRS: usize = 10;

/// Metadata has no more than ten pairs: all that v2 asks for.
pub(super) fn few_pairs(metadata: Option<&Metadata>) -> Result<(), OutOfLimits> {
    let count = metadata.map_or(0, BTreeMap::len);
    if count > METADATA_PAIRS {
        let problem = format!("has {count} pairs: {METADATA_PAIRS} are the most");
        return Err(OutOfLimits::new("metadata", problem));
    }
    Ok(())
}

/// Metadata as v1 takes it: ten pairs, with keys of 1 to 100 characters and values of at most 1000.
pub(super) fn metadata(metadata: Option<&Metadata>) -> Result<(), OutOfLimits> {
    few_pairs(metadata)?;
    for (key, value) in metadata.into_iter().flatten() {
        if key.is_empty() {
            return Err(OutOfLimits::new("metadata", "has an empty key"));
        }
        if key.chars().count() > 100 {
            let beginning: String = key.chars().take(20).collect();
            let problem = format!("has a key of more than 100 characters: {beginning}…");
            return Err(OutOfLimits::new("metadata", problem));
        }
        at_most(&format!("metadata.{key}"), Some(value), 1000)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(result: Result<(), OutOfLimits>) -> String {
        result.map_or_else(|out| out.to_string(), |()| "good".to_owned())
    }

    fn pairs(pairs: &[(&str, usize)]) -> Metadata {
        pairs
            .iter()
            .map(|(key, length)| ((*key).to_owned(), "ä".repeat(*length)))
            .collect()
    }

    #[test]
    fn what_is_within_the_limits_may_leave_to_the_last_character() {
        assert_eq!(told(at_most("task", Some(&"ä".repeat(5)), 5)), "good");
        assert_eq!(told(within("depth", Some(5), 2..=5)), "good");
        assert_eq!(told(within::<u32>("depth", None, 2..=5)), "good");
        let key = "k".repeat(100);
        assert_eq!(told(metadata(Some(&pairs(&[(&key, 1000)])))), "good");
    }

    #[test]
    fn what_is_outside_is_told_by_its_field() {
        let eleven: Metadata = (0..11).map(|n| (n.to_string(), String::new())).collect();
        let long_key = "k".repeat(101);
        let told = [
            told(required("task", "")),
            told(at_most("task", Some("12345"), 4)),
            told(within("depth", Some(1), 2..=5)),
            told(positive("page", Some(0))),
            told(readable("start_at", Some(&"soon".into()))),
            told(metadata(Some(&eleven))),
            told(metadata(Some(&pairs(&[("", 1)])))),
            told(metadata(Some(&pairs(&[(&long_key, 1)])))),
            told(metadata(Some(&pairs(&[("team", 1001)])))),
        ];
        insta::assert_snapshot!(told.join("\n"), @"
        `task` must be given
        `task` has 5 characters: 4 are the most
        `depth` is 1: it goes from 2 to 5
        `page` is 0: it counts from 1
        `start_at` is no time: write it like 2026-11-23T08:00:00Z
        `metadata` has 11 pairs: 10 are the most
        `metadata` has an empty key
        `metadata` has a key of more than 100 characters: kkkkkkkkkkkkkkkkkkkk…
        `metadata.team` has 1001 characters: 1000 are the most
        ");
    }
}
