//! What a sink would send, shown and not sent.

use std::collections::BTreeMap;

use serde::Serialize;

/// What stands in place of a secret.
pub(super) const MASK: &str = "[secret]";

/// What a sink would send, shown to people: without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Rendering {
    /// An HTTP request.
    Request {
        /// Its method.
        method: String,
        /// Where it goes. What may be secret in an address is masked.
        url: String,
        /// Its headers; those that are secrets or prove who sends are named and not told.
        headers: BTreeMap<String, String>,
        /// Its body.
        body: String,
    },
    /// A line of a file.
    Line {
        /// The file.
        path: String,
        /// The line, without its end.
        line: String,
    },
    /// A mail.
    Mail {
        /// The server that takes it.
        server: String,
        /// Whom it is from.
        from: String,
        /// Whom it goes to.
        to: Vec<String>,
        /// Its subject.
        subject: String,
        /// What it says as text.
        text: String,
        /// What it says as HTML.
        html: String,
    },
    /// A run of a program.
    Program {
        /// What is run.
        program: String,
        /// Its arguments.
        args: Vec<String>,
        /// Its variables; those of the configuration are named and not told.
        environment: BTreeMap<String, String>,
        /// What it gets on its standard input.
        input: String,
    },
}
