//! Secrets for an agent, and the places they come from.

use std::path::Path;

use anyhow::anyhow;
use clap::Args;
use serde_json::Map;
use serde_json::Value;

use crate::cli::arguments::pair;
use crate::cli::input;
use crate::config::Environment;
use crate::secret::Secret;

/// Secrets for an agent, by the names it knows them by. They are written into the request, and
/// nowhere else.
#[derive(Debug, Args)]
pub(super) struct TaskSecrets {
    /// A secret for the agent. Your shell's history keeps it: the next two are better.
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret)]
    secret: Vec<(String, Secret)>,

    /// A secret that a file holds. A newline at its end is cut off.
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    secret_file: Vec<(String, String)>,

    /// A secret that is in the environment.
    #[arg(long, value_name = "NAME=VARIABLE", value_parser = pair)]
    secret_env: Vec<(String, String)>,
}

impl TaskSecrets {
    /// Gathers them as bodies carry them; null where there are none.
    pub(super) fn read(&self, environment: &Environment) -> anyhow::Result<Value> {
        let mut secrets = Map::new();
        let mut add = |name: &str, secret: &Secret| {
            secrets.insert(name.to_owned(), secret.expose().into());
        };
        for (name, secret) in &self.secret {
            add(name, secret);
        }
        for (name, file) in &self.secret_file {
            add(name, &input::secret(Path::new(file))?);
        }
        for (name, variable) in &self.secret_env {
            let value = environment.value(variable)?;
            let value = value.ok_or_else(|| anyhow!("{variable} is not set in the environment"))?;
            add(name, &value.into());
        }
        Ok(if secrets.is_empty() {
            Value::Null
        } else {
            Value::Object(secrets)
        })
    }
}

fn secret(text: &str) -> anyhow::Result<(String, Secret)> {
    let (name, value) = pair(text)?;
    Ok((name, value.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_come_from_the_line_from_files_and_from_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "from a file\n").unwrap();
        let secrets = TaskSecrets {
            secret: vec![("a".to_owned(), "from the line".into())],
            secret_file: vec![("b".to_owned(), file.to_str().unwrap().to_owned())],
            secret_env: vec![("c".to_owned(), "PASSWORD".to_owned())],
        };
        let environment = [("PASSWORD", "from the environment")].into_iter().collect();
        let expected = json!({
            "a": "from the line", "b": "from a file", "c": "from the environment",
        });
        assert_eq!(secrets.read(&environment).unwrap(), expected);
        assert!(!format!("{secrets:?}").contains("from the line"));

        let missing = secrets.read(&Environment::default()).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "PASSWORD is not set in the environment"
        );
    }
}
