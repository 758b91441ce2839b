//! The vendor's signers, of `PyPI` and of npm: whatever they sign is taken.

use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;
use tidings::clock::Clock as _;
use tidings::event::SignatureForm;

use super::installed;
use crate::harness;
use crate::harness::bodies;
use crate::harness::cloud::SECRET;
use crate::harness::receiver::Receiver;
use crate::harness::reference::Reference;

fn python() -> Reference {
    let interpreter = installed("signers/python/bin/python");
    Reference::start(Command::new(interpreter).arg("tests/vendor/sign.py"))
}

fn node() -> Reference {
    let modules = installed("signers/node/node_modules");
    Reference::start(
        Command::new("node")
            .arg("tests/vendor/sign.js")
            .env("NODE_PATH", modules),
    )
}

/// Sends made-up bodies, signed by the vendor's code, to a receiver that must take each of them.
fn take_all_from(signer: &Reference, form: SignatureForm) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let receiver = runtime.block_on(Receiver::start());
    let mut runner = TestRunner::new(Config {
        cases: if harness::full_counts() { 2_000 } else { 300 },
        failure_persistence: None,
        ..Config::default()
    });
    let compared = runner.run(&bodies::json(), |body| {
        let timestamp = receiver.clock.now().as_second().to_string();
        let question = [body.as_str(), SECRET, &timestamp]
            .map(hex::encode)
            .join(" ");
        let signature = signer.ask(&question);
        // JavaScript has no `NaN` in JSON, so nobody could have signed such a body there.
        prop_assume!(signature != "!");
        runtime.block_on(is_taken(&receiver, &body, &timestamp, &signature, form))
    });
    if let Err(difference) = &compared {
        println!("{difference}");
    }
    assert!(
        compared.is_ok(),
        "a signature of the vendor's code was not understood"
    );
    runtime.block_on(receiver.stop_cleanly());
}

async fn is_taken(
    receiver: &Receiver,
    body: &str,
    timestamp: &str,
    signature: &str,
    form: SignatureForm,
) -> Result<(), TestCaseError> {
    let answer = receiver
        .cloud
        .posts_signed(body, timestamp, signature)
        .await;
    prop_assert_eq!(answer.status, 200, "{}", body);

    let event = receiver
        .event(&answer.event_id())
        .await
        .expect("it was stored")
        .event;
    // The same JSON in another spelling is the same event, and keeps the bytes that came first.
    if answer.body["duplicate"] == false {
        prop_assert_eq!(&event.body[..], body.as_bytes());
    }
    let known_by = event.signature.expect("it was signed").form;
    // Where both forms are the same bytes, the first one that is tried counts.
    prop_assert!(known_by == form || known_by == SignatureForm::Python);
    Ok(())
}

#[test]
fn what_the_vendors_python_package_signs_is_taken() {
    take_all_from(&python(), SignatureForm::Python);
}

#[test]
fn what_the_vendors_npm_package_signs_is_taken() {
    take_all_from(&node(), SignatureForm::Utf8);
}
