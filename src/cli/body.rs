//! Bodies of requests: a file's JSON, and options on top of it.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use super::arguments::WrongUsage;
use super::input;

/// What a body holds, by name.
pub(super) type Fields = Map<String, Value>;

/// Where the whole of a body is.
#[derive(Debug, Args)]
pub(super) struct BodyFile {
    /// A file with the whole body as JSON; `-` is the standard input. An option that is given as
    /// well counts for more.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
}

impl BodyFile {
    /// The file's body, with these options on top: objects go together field by field, and of
    /// everything else the option's value counts.
    pub(super) fn with(&self, options: Fields) -> anyhow::Result<Fields> {
        let mut body = self.read()?;
        lay_over(&mut body, options);
        Ok(body)
    }

    /// The same, as the request it is to be.
    pub(super) fn request<T: DeserializeOwned>(&self, options: Fields) -> anyhow::Result<T> {
        request(self.with(options)?)
    }

    /// The same for a change of something, which is refused if it changes nothing.
    pub(super) fn change<T: DeserializeOwned>(&self, options: Fields) -> anyhow::Result<T> {
        let body = self.with(options)?;
        if body.is_empty() {
            let told = "there is nothing to change: give an option, or --body";
            bail!(WrongUsage(told.to_owned()));
        }
        request(body)
    }

    fn read(&self) -> anyhow::Result<Fields> {
        let Some(file) = &self.body else {
            return Ok(Fields::new());
        };
        match input::json(file)? {
            Value::Object(fields) => Ok(fields),
            _ => bail!("{} is no JSON object", input::name(file)),
        }
    }
}

/// A body as the request it is to be.
pub(super) fn request<T: DeserializeOwned>(body: Fields) -> anyhow::Result<T> {
    serde_path_to_error::deserialize(Value::Object(body)).map_err(|error| {
        // The place and never the value, which may be a secret.
        let told = error.inner().to_string();
        let told = if told.starts_with("missing field") {
            format!("{told}: give it as an option, or in the body")
        } else {
            let place = error.path();
            format!("`{place}` in the body has another value than documented")
        };
        WrongUsage(told).into()
    })
}

/// The fields of options that are called what the API calls them.
pub(super) fn fields_of(options: &impl Serialize) -> Fields {
    match serde_json::to_value(options) {
        Ok(Value::Object(fields)) => fields,
        other => unreachable!("options have names: {other:?}"),
    }
}

/// Fields of a body, without those that nobody gave.
pub(super) fn given<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    given
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Puts fields into a body, in the place of those that it has.
pub(super) fn lay_over(body: &mut Fields, fields: Fields) {
    for (name, value) in fields {
        match (body.get_mut(&name), value) {
            (Some(Value::Object(below)), Value::Object(above)) => lay_over(below, above),
            (_, value) => {
                body.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_option_counts_for_more_than_the_body_and_leaves_the_rest() {
        let mut body = object(json!({
            "task": "old", "metadata": { "a": "1", "b": "2" }, "domains": ["x"], "kept": null,
        }));
        let options = json!({ "task": "new", "metadata": { "b": "3" }, "domains": ["y"] });
        lay_over(&mut body, object(options));
        let expected = json!({
            "task": "new", "metadata": { "a": "1", "b": "3" }, "domains": ["y"], "kept": null,
        });
        assert_eq!(Value::Object(body), expected);
    }

    #[test]
    fn what_does_not_read_is_told_by_its_place_and_not_by_its_value() {
        use crate::cloud::v1::RunTask;

        let nowhere = BodyFile { body: None };
        let told = |options| {
            let read = nowhere.request::<RunTask>(object(options));
            read.unwrap_err().to_string()
        };
        insta::assert_snapshot!(
            told(json!({ "task": "t", "secrets": { "password": 4711 } })),
            @"`secrets.password` in the body has another value than documented"
        );
        insta::assert_snapshot!(
            told(json!({ "secrets": {} })),
            @"missing field `task`: give it as an option, or in the body"
        );
    }
}
