//! What conditions and templates see.

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

/// What conditions and templates see: the members of an object, by their names in JSON.
#[derive(Clone, Debug)]
pub struct Context(Value);

impl Context {
    /// Shows an object. What its JSON is, is what is seen.
    pub fn of(object: &impl Serialize) -> serde_json::Result<Self> {
        // By way of JSON: pieces of it that were kept as text become values only there.
        let json = serde_json::to_value(object)?;
        Ok(Self(Value::from(Serde(json))))
    }

    /// The value that the engine works on.
    pub(super) fn value(&self) -> Value {
        self.0.clone()
    }
}
