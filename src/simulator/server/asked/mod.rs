//! What a request asks, read field by field.
//!
//! Each field is taken with what the vendor allows for it, and all that is wrong is told at once, in
//! the words of the library that the vendor uses.

mod kinds;

use std::ops::RangeInclusive;

use axum::body::Bytes;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

pub(super) use self::kinds::PairLimits;
use super::refusal::Fault;
use super::refusal::Refusal;

/// The fields of a request that nobody has taken yet, and what was wrong with those taken.
#[derive(Debug)]
pub(super) struct Asked {
    place: Vec<Value>,
    fields: Map<String, Value>,
    faults: Vec<Fault>,
    /// Whether `keep_alive` will do for `keepAlive`.
    takes_snake_case: bool,
}

impl Asked {
    /// Reads a body.
    pub(super) fn body(body: &Bytes) -> Result<Self, Refusal> {
        let fault = |msg: &str, r#type| {
            let fault = Fault {
                loc: vec![json!("body")],
                msg: msg.to_owned(),
                r#type,
            };
            Refusal::Invalid(vec![fault])
        };
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self::of(vec![json!("body")], fields)),
            Ok(_) => Err(fault(
                "Input should be a valid dictionary",
                "model_attributes_type",
            )),
            Err(_) => Err(fault("JSON decode error", "json_invalid")),
        }
    }

    /// Reads a body, which may be left out.
    pub(super) fn optional_body(body: &Bytes) -> Result<Self, Refusal> {
        if body.is_empty() {
            Ok(Self::of(vec![json!("body")], Map::new()))
        } else {
            Self::body(body)
        }
    }

    /// Reads what stands behind the `?` of an address.
    pub(super) fn query(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let fields = pairs.map(|(key, value)| (key.into_owned(), value.into()));
        Self::of(vec![json!("query")], fields.collect())
    }

    fn of(place: Vec<Value>, fields: Map<String, Value>) -> Self {
        Self {
            place,
            fields,
            faults: Vec::new(),
            takes_snake_case: false,
        }
    }

    /// The same, where names may be written in either way.
    pub(super) fn in_either_case(self) -> Self {
        Self {
            takes_snake_case: true,
            ..self
        }
    }

    /// Refuses what nobody has taken.
    pub(super) fn nothing_else(mut self) -> Self {
        for name in std::mem::take(&mut self.fields)
            .into_iter()
            .map(|(name, _)| name)
        {
            self.fault(&name, "extra_forbidden", "Extra inputs are not permitted");
        }
        self
    }

    /// Ends reading: refuses the request if anything was wrong.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(self.faults))
        }
    }

    /// Reads what is inside a field.
    pub(super) fn inside<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let Value::Object(fields) = self.take(name)? else {
            self.fault(name, "dict_type", "Input should be a valid dictionary");
            return None;
        };
        let place = [&self.place[..], &[json!(name)]].concat();
        let mut inner = Self::of(place, fields);
        let inside = read(&mut inner);
        self.faults.append(&mut inner.faults);
        Some(inside)
    }

    /// Text that has to be there.
    pub(super) fn required_text(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        self.require(name);
        self.text(name, length).unwrap_or_default()
    }

    /// A number that has to be there.
    pub(super) fn required_integer(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        self.require(name);
        self.integer(name, range).unwrap_or_default()
    }

    /// Says so if a field is not there.
    pub(super) fn require(&mut self, name: &str) {
        let value = self.spelled(name).and_then(|name| self.fields.get(&name));
        if value.is_none_or(Value::is_null) {
            self.fault(name, "missing", "Field required");
        }
    }

    /// Says that a field is wrong as a whole.
    pub(super) fn wrong(&mut self, name: &str, why: &str) {
        self.fault(name, "value_error", &format!("Value error, {why}"));
    }

    /// Takes a field. `null` counts as nothing.
    fn take(&mut self, name: &str) -> Option<Value> {
        let spelled = self.spelled(name)?;
        self.fields
            .remove(&spelled)
            .filter(|value| !value.is_null())
    }

    /// The name under which a field is there.
    fn spelled(&self, name: &str) -> Option<String> {
        if self.fields.contains_key(name) {
            return Some(name.to_owned());
        }
        let snake = self.takes_snake_case.then(|| snake_case(name))?;
        self.fields.contains_key(&snake).then_some(snake)
    }

    fn fault(&mut self, name: &str, r#type: &'static str, msg: &str) {
        self.faults.push(Fault {
            loc: [&self.place[..], &[json!(name)]].concat(),
            msg: msg.to_owned(),
            r#type,
        });
    }
}

/// Reads an id out of a path.
pub(super) fn path_id(text: &str, name: &str) -> Result<Uuid, Refusal> {
    Uuid::parse_str(text).map_err(|_malformed| {
        Refusal::Invalid(vec![Fault {
            loc: vec![json!("path"), json!(name)],
            msg: "Input should be a valid UUID".to_owned(),
            r#type: "uuid_parsing",
        }])
    })
}

fn snake_case(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
        snake
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(asked: Asked) -> Vec<(String, &'static str)> {
        match asked.finish() {
            Err(Refusal::Invalid(faults)) => faults
                .into_iter()
                .map(|fault| (json!(fault.loc).to_string(), fault.r#type))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_where_it_is() {
        let body = r#"{"steps":201,"name":"abc","inner":{"width":1},"flag":"yes","more":1}"#;
        let mut asked = Asked::body(&body.into()).unwrap();
        asked.required_text("task", 1..=10);
        asked.integer("steps", 1..=200);
        asked.text("name", 0..=2);
        asked.flag("flag");
        asked.inside("inner", |inner| inner.integer("width", 320..=6144));
        assert_eq!(
            faults(asked.nothing_else()),
            [
                (r#"["body","task"]"#.to_owned(), "missing"),
                (r#"["body","steps"]"#.to_owned(), "less_than_equal"),
                (r#"["body","name"]"#.to_owned(), "string_too_long"),
                (r#"["body","flag"]"#.to_owned(), "bool_parsing"),
                (
                    r#"["body","inner","width"]"#.to_owned(),
                    "greater_than_equal"
                ),
                (r#"["body","more"]"#.to_owned(), "extra_forbidden"),
            ]
        );
    }

    #[test]
    fn names_in_either_case_are_one_name() {
        let body = Bytes::from_static(br#"{"keep_alive":true}"#);
        let read = |mut asked: Asked| asked.flag("keepAlive");
        assert_eq!(read(Asked::body(&body).unwrap()), None);
        let asked = Asked::body(&body).unwrap().in_either_case();
        assert_eq!(read(asked), Some(true));
    }

    #[test]
    fn numbers_of_an_address_are_text() {
        let mut asked = Asked::query(Some("page=2&limit=101"));
        assert_eq!(asked.integer("page", 1..=9), Some(2));
        assert_eq!(asked.integer("limit", 1..=100), None);
        let expected = (r#"["query","limit"]"#.to_owned(), "less_than_equal");
        assert_eq!(faults(asked), [expected]);
    }
}
