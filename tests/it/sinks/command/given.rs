//! What a program is given.

use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::sinks::Rendering;
use tidings::sinks::Tools;

use super::build;
use super::outbound;
use super::run;
use super::script;
use super::shell;
use crate::harness::events;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;

/// An event that is larger than what fits into a pipe.
fn large() -> Outbound {
    let body = json!({ "type": "large", "payload": { "text": "x".repeat(200_000) } });
    events::outbound(&body.to_string(), SystemClock.now())
}

#[tokio::test]
async fn a_program_gets_the_event_on_its_standard_input() {
    let outbound = outbound();
    let sink = script("cat", &[]);

    let receipt = sink.deliver(&outbound).await.unwrap();

    let body: Value = serde_json::from_str(&receipt.answer.unwrap()).unwrap();
    assert_eq!(body["id"], outbound.event.id.to_string());
    assert_eq!(body["body"]["payload"]["task_id"], "task_1");
    assert_eq!(
        told(&run("read -r line && [ -n \"$line\" ]").await),
        "delivered"
    );
}

#[tokio::test]
async fn a_program_finds_the_event_in_its_environment_and_nothing_that_is_ours() {
    let ours = [
        ("HOME", "/home/tidings"),
        ("PATH", "/usr/bin:/bin"),
        ("TZ", "Europe/Berlin"),
    ];
    let tools = Tools {
        environment: ours.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        ..sinks::tools()
    };
    let settings = json!({ "program": "env", "env": { "API_TOKEN": "s3cret", "TZ": "UTC" } });
    let sink = sinks::build("command", &settings, &tools).unwrap();
    let outbound = Outbound {
        attempt: 3,
        replay: true,
        ..outbound()
    };

    let answer = sink.deliver(&outbound).await.unwrap().answer.unwrap();

    let mut lines: Vec<&str> = answer.lines().collect();
    lines.sort_unstable();
    let expected = [
        "API_TOKEN=s3cret",
        "HOME=/home/tidings",
        "PATH=/usr/bin:/bin",
        "TIDINGS_ATTEMPT=3",
        &format!("TIDINGS_DELIVERY_ID={}", outbound.delivery),
        "TIDINGS_ENDED=false",
        &format!("TIDINGS_EVENT_ID={}", outbound.event.id),
        "TIDINGS_EVENT_TYPE=agent.task.status_update",
        "TIDINGS_REPLAY=true",
        "TIDINGS_RUN_ID=",
        "TIDINGS_SESSION_ID=session_1",
        "TIDINGS_STATE=running",
        "TIDINGS_STATUS=started",
        "TIDINGS_TASK_ID=task_1",
        "TZ=UTC",
    ];
    assert_eq!(lines, expected);
    assert!(!format!("{sink:?}").contains("s3cret"));
}

#[tokio::test]
async fn text_that_no_variable_can_hold_is_cut_and_mended() {
    let status = format!("\u{0}{}", "é".repeat(100_000));
    let body = json!({ "type": "odd", "payload": { "status": status } });
    let outbound = events::outbound(&body.to_string(), SystemClock.now());
    let sink = script("printf %s \"$TIDINGS_STATUS\" | wc -c", &[]);

    let result = sink.deliver(&outbound).await;

    assert_eq!(
        (told(&result).as_str(), answer(&result)),
        ("delivered", "4095")
    );
}

#[tokio::test]
async fn a_program_need_not_read_its_standard_input() {
    for text in ["exit 0", "exec <&-; exit 0"] {
        let result = script(text, &[]).deliver(&large()).await;
        assert_eq!(told(&result), "delivered", "{text}");
    }
}

#[tokio::test]
async fn what_it_is_given_reaches_it_whole_however_large() {
    let result = script("wc -c", &[]).deliver(&large()).await;
    let length: usize = answer(&result).trim().parse().unwrap();
    assert!(length > 200_000, "{length}");
}

#[test]
fn what_would_be_run_is_shown_without_its_secrets() {
    let mut settings = shell("exit 1", &["one"]);
    settings["env"] = json!({ "API_TOKEN": "hidden" });
    let sink = build(&settings).unwrap();

    let rendering = sink.render(&outbound()).unwrap();

    let Rendering::Program {
        program,
        args,
        environment,
        input,
    } = &rendering
    else {
        panic!("{rendering:?} is no program");
    };
    assert_eq!(program, "/bin/sh");
    assert_eq!(args[..], ["-c", "exit 1", "sh", "one"]);
    assert_eq!(environment["API_TOKEN"], "[secret]");
    assert_eq!(environment["TIDINGS_TASK_ID"], "task_1");
    assert!(input.starts_with('{') && input.ends_with('}'));
    assert!(!format!("{rendering:?}").contains("hidden"));
}
