//! What is wrong with a condition or a template, or went wrong with it.

use std::error::Error as _;
use std::fmt;

use minijinja::Error;
use minijinja::ErrorKind;

use super::Length;
use super::cut;

/// How much of the source is quoted where something went wrong.
const QUOTE: Length = Length::Characters(60);

/// What is wrong with a condition or a template, where in its text, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    place: Option<Place>,
    problem: String,
    advice: Option<&'static str>,
}

/// A place in a source, counting from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// None in a source of one line.
    line: Option<usize>,
    column: usize,
    /// What stands there, where it was understood.
    quote: Option<String>,
}

impl TemplateError {
    /// Something is wrong with the whole.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self {
            place: None,
            problem: problem.into(),
            advice: None,
        }
    }

    /// The source could not be read. It is not quoted: nobody knows what was meant.
    pub(super) fn unreadable(error: &Error, source: &str) -> Self {
        Self {
            place: Place::of(error, source, false),
            problem: problem(error),
            advice: advice(error.kind()),
        }
    }

    /// It was read, and failed on what it was given.
    pub(super) fn failed(error: &Error, source: &str) -> Self {
        Self {
            place: Place::of(error, source, true),
            ..Self::unreadable(error, source)
        }
    }
}

impl Place {
    fn of(error: &Error, source: &str, quoted: bool) -> Option<Self> {
        let range = error.range()?;
        let (before, _) = source.split_at_checked(range.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let there = source.get(range).filter(|_| quoted);
        Some(Self {
            line: source
                .contains('\n')
                .then(|| before.matches('\n').count() + 1),
            column: before.get(line_start..)?.chars().count() + 1,
            quote: there.map(|text| cut(text, QUOTE).into_owned()),
        })
    }
}

/// What the engine says, and what it was caused by.
fn problem(error: &Error) -> String {
    let mut problem = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "this takes too many steps or too much memory".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        problem.push_str(": ");
        problem.push_str(&error.to_string());
        cause = error.source();
    }
    problem
}

fn advice(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::UndefinedError => Some(
            "not every event has it: write `… | default(\"…\")`, or ask whether it `is defined`",
        ),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction => {
            Some("docs/templates.md lists what there is")
        }
        ErrorKind::OutOfFuel => Some("look at less of the event, or take out a loop"),
        _ => None,
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place {
            line,
            column,
            quote,
        }) = &self.place
        {
            if let Some(line) = line {
                write!(f, "line {line}, ")?;
            }
            write!(f, "column {column}")?;
            if let Some(quote) = quote {
                write!(f, " (`{quote}`)")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.problem)?;
        match self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TemplateError {}
