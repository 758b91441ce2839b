//! Our canonical forms against the languages they come from.

use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;
use tidings::canonical;
use tidings::canonical::Document;

use crate::harness;
use crate::harness::bodies;
use crate::harness::reference::Reference;

fn python() -> Reference {
    Reference::start(Command::new("python3").arg("tests/reference/canonical.py"))
}

fn node() -> Reference {
    Reference::start(Command::new("node").arg("tests/reference/canonical.js"))
}

/// What a reference answers where it is given what we found.
fn answer<E>(form: Result<Vec<u8>, E>) -> String {
    form.map_or_else(|_| "!".to_owned(), hex::encode)
}

/// Compares answers on made-up bodies; a difference is shown with the shortest body that has it.
fn compare<S>(bodies: &S, reference: &Reference, ours: impl Fn(&[u8]) -> String)
where
    S: Strategy,
    S::Value: AsRef<[u8]>,
{
    let mut runner = TestRunner::new(Config {
        cases: if harness::full_counts() {
            20_000
        } else {
            2_000
        },
        failure_persistence: None,
        ..Config::default()
    });
    let compared = runner.run(bodies, |body| {
        let body = body.as_ref();
        let theirs = reference.ask(&hex::encode(body));
        prop_assert_eq!(ours(body), theirs, "{}", String::from_utf8_lossy(body));
        Ok(())
    });
    if let Err(difference) = &compared {
        // The short form hides the body.
        println!("{difference}");
    }
    assert!(compared.is_ok(), "we differ from the reference");
}

fn our_python(body: &[u8]) -> String {
    answer(Document::read(body).map(|document| document.python().to_vec()))
}

fn our_utf8(body: &[u8]) -> String {
    answer(canonical::utf8(body))
}

#[test]
fn the_python_form_is_what_python_prints() {
    compare(&bodies::json(), &python(), our_python);
}

#[test]
fn what_python_cannot_read_we_cannot_read() {
    compare(&bodies::broken(), &python(), our_python);
}

#[test]
fn the_utf8_form_is_what_javascript_prints() {
    compare(&bodies::json(), &node(), our_utf8);
}

#[test]
fn what_javascript_cannot_read_has_no_utf8_form() {
    compare(&bodies::broken(), &node(), our_utf8);
}
