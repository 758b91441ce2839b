//! Free text: ids and metadata values that begin with it.

use super::facts;
use super::script::Values;
use crate::event::Event;

/// A text to look for.
pub(super) struct Search {
    text: String,
    /// The text as a body may hold it: as it is, and with Python's escapes.
    needles: Vec<Vec<u8>>,
    /// The text as the beginning of an event's id in upper-case hexadecimal, if it can be one.
    id: Option<String>,
}

impl Search {
    pub(super) fn new(text: &str) -> Self {
        let plain = text.as_bytes().to_vec();
        let escaped = escaped(text);
        let mut needles = vec![plain];
        if needles[0] != escaped {
            needles.push(escaped);
        }
        let hex: String = text
            .strip_prefix("evt_")
            .unwrap_or(text)
            .chars()
            .filter(|&char| char != '-')
            .collect();
        let is_id = !hex.is_empty() && hex.chars().all(|char| char.is_ascii_hexdigit());
        Self {
            text: text.to_owned(),
            needles,
            id: is_id.then(|| hex.to_ascii_uppercase()),
        }
    }

    /// What the database can say about an event `e`: whether its bytes hold the text at all. It
    /// lets through more than we want, and nearly nothing of a million rows.
    pub(super) fn condition(&self, values: &mut Values) -> String {
        let mut parts = Vec::new();
        for needle in &self.needles {
            values.bind(needle.clone());
            parts.push("instr(e.body, ?) > 0");
        }
        if let Some(id) = &self.id {
            values.bind(i64::try_from(id.len()).unwrap_or(i64::MAX));
            values.bind(id.clone());
            parts.push("substr(hex(e.id), 1, ?) = ?");
        }
        format!("({})", parts.join(" or "))
    }

    /// Whether one of an event's ids or metadata values begins with the text.
    pub(super) fn finds(&self, event: &Event) -> bool {
        let facts = &event.facts;
        let begins = |text: &str| text.starts_with(&self.text);
        let id = event.id.to_string();
        begins(&id)
            || id.strip_prefix("evt_").is_some_and(begins)
            || [&facts.task_id, &facts.run_id, &facts.session_id]
                .into_iter()
                .any(|id| id.as_deref().is_some_and(begins))
            || facts::metadata(facts).any(|(_, value)| begins(&value))
    }
}

/// The text as Python prints it inside a string.
fn escaped(text: &str) -> Vec<u8> {
    let mut printed = Vec::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\\' => printed.extend([b'\\', char as u8]),
            ' '..='~' => printed.push(char as u8),
            '\n' => printed.extend(b"\\n"),
            '\r' => printed.extend(b"\\r"),
            '\t' => printed.extend(b"\\t"),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    printed.extend(format!("\\u{unit:04x}").into_bytes());
                }
            }
        }
    }
    printed
}
