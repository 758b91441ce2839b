//! What conditions and templates see.

use minijinja::Value;
use minijinja::value::Serde;
use minijinja::value::ValueKind;
use serde::Serialize;

use super::TemplateError;

/// What conditions and templates see: the members of an object, by their names in JSON.
#[derive(Clone, Debug)]
pub struct Context(Value);

impl Context {
    /// Shows an object: what its JSON is, is what is seen. Fails where that is nested too deeply.
    pub fn of(object: &impl Serialize) -> Result<Self, TemplateError> {
        // By way of JSON: pieces of it that were kept as text become values only there.
        let json = serde_json::to_value(object).map_err(|error| {
            TemplateError::new(format!("the event cannot be looked at: {error}"))
        })?;
        Ok(Self(Value::from(Serde(json))))
    }

    /// The names of what is seen, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names(&self.0)
    }

    /// The names of the members of what is seen under a name, in order; none where that is no
    /// object.
    #[must_use]
    pub fn names_in(&self, name: &str) -> Vec<String> {
        self.0
            .get_attr(name)
            .map_or_else(|_| Vec::new(), |object| names(&object))
    }

    /// The value that the engine works on.
    pub(super) fn value(&self) -> Value {
        self.0.clone()
    }
}

fn names(object: &Value) -> Vec<String> {
    if object.kind() != ValueKind::Map {
        return Vec::new();
    }
    let names = object.try_iter().into_iter().flatten();
    names.map(|name| name.to_string()).collect()
}
