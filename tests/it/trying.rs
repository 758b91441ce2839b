//! The commands with which people try Tidings and look into signatures: `demo`, `send`, `verify`.

use std::fs;

use tidings::simulator::Scenario;

use crate::harness::cloud::SECRET;
use crate::harness::folder::Ended;
use crate::harness::folder::Folder;
use crate::harness::home::Home;
use crate::harness::program::Program;

/// The documented test body, and its signature with the secret `secret`.
const BODY: &str =
    r#"{"type": "test", "timestamp": "2024-03-21T12:00:00Z", "payload": {"test": "ok"}}"#;
const SIGNATURE: &str = "697680af767b9c9450d8f2791234fe3782483ce52a058d2126f4c1bd4c7d9153";

/// Verifies the documented test body.
fn verify(more: &[&str]) -> Ended {
    let folder = Folder::new();
    fs::write(folder.path("body.json"), BODY).unwrap();
    let all = [
        "verify",
        "--timestamp",
        "1748164942",
        "--signature",
        SIGNATURE,
        "body.json",
    ];
    folder.run(&[&all[..], more].concat())
}

/// Sends something to a running server.
fn send(program: &Program, more: &[&str]) -> Ended {
    let all = ["send", "--json", "--url", &program.webhook()];
    Folder::new().run(&[&all[..], more].concat())
}

#[test]
fn the_demo_shows_the_whole_road_and_ends_well() {
    let folder = Folder::new();
    let ended = folder.run(&["demo", "--once"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("All as promised"), "{ended:?}");

    let left_behind = fs::read_dir(folder.path("")).unwrap().count();
    assert_eq!(left_behind, 0, "the demo works in a folder of its own");
}

#[test]
fn every_scenario_is_answered_as_it_should_be() {
    let home = Home::new("http://127.0.0.1:1/");
    let program = Program::start(&home);
    for scenario in Scenario::ALL {
        let ended = send(
            &program,
            &["--secret", SECRET, "--scenario", scenario.as_str()],
        );
        assert_eq!(ended.code, Some(0), "{scenario}: {ended:?}");
    }
    program.stop();
}

#[test]
fn a_delivery_of_ones_own_is_sent_and_its_refusal_is_a_failure() {
    let home = Home::new("http://127.0.0.1:1/");
    let program = Program::start(&home);

    let told = ["--status", "paused", "--metadata", "a=b", "--count", "2"];
    let taken = send(&program, &[&["--secret", SECRET], &told[..]].concat());
    assert_eq!(taken.code, Some(0), "{taken:?}");
    assert_eq!(
        taken.out.matches(r#""duplicate":false"#).count(),
        2,
        "{taken:?}"
    );

    let refused = send(&program, &["--secret", "another"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    program.stop();
}

#[test]
fn a_genuine_delivery_verifies() {
    let ended = verify(&[
        "--secret",
        "old",
        "--secret",
        "secret",
        "--max-age",
        "100years",
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    insta::assert_snapshot!(ended.out, @"
    genuine: signed in the form `python` with the secret `#2` at 2025-05-25T09:22:22.000000Z
    event evt_018e60e1-e200-89b3-ab0c-f3169882936e
    ");
}

#[test]
fn a_delivery_that_is_not_genuine_is_explained() {
    let ended = verify(&["--secret", "secret\n", "--max-age", "100years"]);
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.out, @"
    not genuine: the signature matches no secret
    The signature belongs to the secret `#1`, but the configured secret has blanks or a newline around it: remove them here.
    ");

    let ended = verify(&["--secret", "another", "--max-age", "100years"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .out
            .contains("compare the secret with the webhook's page"),
        "{ended:?}"
    );
}
