//! What the end of a program means, and what it said.

use serde_json::json;
use tidings::delivery::Attempt;

use super::build;
use super::outbound;
use super::run;
use super::shell;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;

#[tokio::test]
async fn exit_codes_say_what_becomes_of_the_event() {
    for (text, expected) in [
        ("exit 0", "delivered"),
        ("exit 1", "refused: exit code 1"),
        ("exit 75", "again: exit code 75, which asks for another try"),
        ("exit 127", "refused: exit code 127"),
        ("kill -KILL $$", "again: it was ended by signal 9"),
    ] {
        assert_eq!(told(&run(text).await), expected, "{text}");
    }

    let mut settings = shell("exit 1", &[]);
    settings["retry_on"] = json!([1]);
    let result = build(&settings).unwrap().deliver(&outbound()).await;
    assert_eq!(
        told(&result),
        "again: exit code 1, which asks for another try"
    );
}

#[tokio::test]
async fn what_it_says_is_kept_in_the_order_in_which_it_was_said() {
    let result = run("echo one; echo two >&2; echo three; exit 3").await;
    assert_eq!(told(&result), "refused: exit code 3");
    assert_eq!(answer(&result), "one\ntwo\nthree");
}

#[tokio::test]
async fn of_endless_words_the_first_and_the_last_are_kept() {
    let result = run("echo first; yes | head -c 20000000; echo last >&2; exit 75").await;
    let kept = answer(&result);
    assert!(kept.starts_with("first\ny\n"), "{kept}");
    assert!(kept.ends_with("y\nlast"), "{kept}");
    assert!(kept.contains(" bytes left out]"), "{kept}");
    assert!(kept.len() <= Attempt::ANSWER_LIMIT);
}
