//! The environment, read once and handed around.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::fault::Fault;
use super::fault::nearest;
use super::origin::Source;

/// A file that holds one value is no larger than this, in bytes: the certificates of all authorities
/// that a system trusts are a quarter of it.
const VALUE_FILE_LIMIT: u64 = 1024 * 1024;

/// Every variable that Tidings reads. Each may also be given as `…_FILE`.
pub const VARIABLES: [&str; 15] = [
    "TIDINGS_CONFIG",
    "TIDINGS_CONFIG_TOML",
    "TIDINGS_LISTEN",
    "TIDINGS_STORE_URL",
    "TIDINGS_MODE",
    "TIDINGS_SINK_URL",
    "TIDINGS_SINK_SECRET",
    "TIDINGS_SINK_ALLOW_PRIVATE",
    "TIDINGS_API_TOKEN",
    "TIDINGS_LOG",
    "TIDINGS_LOG_FORMAT",
    "TIDINGS_URL",
    "BROWSER_USE_API_KEY",
    "BROWSER_USE_WEBHOOK_SECRET",
    "BROWSER_USE_WEBHOOK_SECRET_2",
];

/// Variables and their values. Tests bring their own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// It shows no values: many are secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// The process's own. What is not Unicode is no variable of ours.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`, or the content of the file that `name_FILE` names. Empty is the same
    /// as not set: container tools pass on variables that nobody filled in.
    pub(super) fn get(&self, name: &str) -> Result<Option<(String, Source)>, Fault> {
        let twin = format!("{name}_FILE");
        match (self.plain(name), self.plain(&twin)) {
            (Some(_), Some(_)) => Err(Fault::other(format_args!(
                "both {name} and {twin} are set: keep one"
            ))),
            (Some(value), None) => Ok(Some((
                value.to_owned(),
                Source::Environment(name.to_owned()),
            ))),
            (None, Some(path)) => match read_value(Path::new(path)) {
                Ok(value) => Ok(Some((value, Source::EnvironmentFile(twin)))),
                Err(error) => Err(Fault::other(format_args!("{twin} names {path}: {error}"))),
            },
            (None, None) => Ok(None),
        }
    }

    /// The value of `name`, or of the file that `name_FILE` names.
    pub fn value(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.get(name)?.map(|(value, _)| value))
    }

    /// The value of `name` alone, without its `…_FILE`.
    fn plain(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Of these variables, those that are set.
    pub(super) fn only(&self, names: &[&str]) -> BTreeMap<String, String> {
        let set = |name: &&str| Some(((*name).to_owned(), self.plain(name)?.to_owned()));
        names.iter().filter_map(set).collect()
    }

    /// Names that look like ours and are not, each with the one that was probably meant.
    ///
    /// Not an error as in a file: Kubernetes sets `TIDINGS_PORT` and the like for a service of that
    /// name, and those are left out here.
    #[must_use]
    pub fn unknown(&self) -> Vec<(&str, Option<&'static str>)> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| name.starts_with("TIDINGS_"))
            .filter(|name| !name.starts_with("TIDINGS_PORT"))
            .filter(|name| !name.starts_with("TIDINGS_SERVICE_"))
            .filter(|name| !VARIABLES.contains(&name.strip_suffix("_FILE").unwrap_or(name)))
            .map(|name| (name, nearest(name, VARIABLES.into_iter())))
            .collect()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Reads a file that holds one value. Editors and `echo` end it with a newline, which is no part
/// of the value and is cut off; nothing else is.
pub(super) fn read_value(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(VALUE_FILE_LIMIT + 1).read_to_string(&mut text))
        .map_err(|error| format!("it cannot be read ({error})"))?;
    if text.len() as u64 > VALUE_FILE_LIMIT {
        return Err(format!("it is larger than {VALUE_FILE_LIMIT} bytes"));
    }
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let environment: Environment = [("TIDINGS_LISTEN", "")].into_iter().collect();
        assert!(environment.get("TIDINGS_LISTEN").unwrap().is_none());
    }

    #[test]
    fn a_variable_and_its_file_twin_together_are_refused() {
        let environment: Environment = [("A", "x"), ("A_FILE", "/nowhere")].into_iter().collect();
        let fault = environment.get("A").unwrap_err();
        assert_eq!(fault.to_string(), "both A and A_FILE are set: keep one");
    }

    #[test]
    fn a_misspelt_variable_is_found_and_those_of_kubernetes_are_not() {
        let environment: Environment = [
            ("TIDINGS_LISTN", "x"),
            ("TIDINGS_LISTEN_FILE", "x"),
            ("TIDINGS_PORT_8080_TCP", "x"),
            ("HOME", "x"),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            environment.unknown(),
            [("TIDINGS_LISTN", Some("TIDINGS_LISTEN"))]
        );
    }

    #[test]
    fn only_the_last_newline_of_a_file_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for (written, read) in [
            ("a\n", "a"),
            ("a\r\n", "a"),
            (" a \n\n", " a \n"),
            ("a", "a"),
        ] {
            std::fs::write(&path, written).unwrap();
            assert_eq!(read_value(&path).unwrap(), read, "{written:?}");
        }
    }
}
