//! What a program is given, how it is ended, and what its end means. The programs are real ones.

use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::delivery::Attempt;
use tidings::sinks::Outbound;
use tidings::sinks::Receipt;
use tidings::sinks::Rendering;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use tidings::sinks::Tools;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::pages;
use crate::harness::events;
use crate::harness::folder::Folder;
use crate::harness::home::TOKEN;
use crate::harness::program::Program;
use crate::harness::receiver::Receiver;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;

/// Longer than any of these programs is waited for.
const FOR_EVER: &str = "1000";

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("command", settings, &sinks::tools())
}

/// A sink that runs this script, with these arguments.
fn script(text: &str, args: &[&str]) -> Arc<dyn Sink> {
    build(&shell(text, args)).unwrap()
}

fn shell(text: &str, args: &[&str]) -> Value {
    let args = [&["-c", text, "sh"], args].concat();
    json!({ "program": "/bin/sh", "args": args })
}

fn outbound() -> Outbound {
    events::outbound(&events::status_update("task_1", 1), SystemClock.now())
}

/// An event that is larger than what fits into a pipe.
fn large() -> Outbound {
    let body = json!({ "type": "large", "payload": { "text": "x".repeat(200_000) } });
    events::outbound(&body.to_string(), SystemClock.now())
}

async fn run(text: &str) -> Result<Receipt, SinkError> {
    script(text, &[]).deliver(&outbound()).await
}

/// Something that a process can hold on to, so that its death is noticed: a pipe with a name.
struct Line {
    path: PathBuf,
    _folder: TempDir,
}

impl Line {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("line");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        Self {
            path,
            _folder: folder,
        }
    }

    fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Waits until somebody holds it. What is returned waits until nobody does any more.
    async fn is_held(&self) -> impl Future<Output = ()> + use<> {
        let path = self.path.clone();
        let opened = spawn_blocking(move || fs::File::open(path).unwrap());
        let mut held = opened.await.unwrap();
        async move {
            let read = spawn_blocking(move || std::io::copy(&mut held, &mut std::io::sink()));
            read.await.unwrap().unwrap();
        }
    }
}

/// Starts a process that holds the line, and waits for it.
const HOLD: &str = "sleep 1000 >\"$1\" & wait";

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

#[tokio::test]
async fn a_program_that_takes_too_long_is_killed_with_all_it_started() {
    let line = Line::new();
    let tools = Tools {
        timeout: Duration::from_secs(2),
        ..sinks::tools()
    };
    let settings = shell(&format!("echo working; {HOLD}"), &[line.name()]);
    let sink = sinks::build("command", &settings, &tools).unwrap();
    let outbound = outbound();

    let (released, result) = tokio::join!(line.is_held(), sink.deliver(&outbound));

    assert_eq!(
        told(&result),
        "again: still at work after 2s, so it was killed"
    );
    assert_eq!(answer(&result), "working");
    released.await;
}

#[tokio::test]
async fn what_a_program_leaves_running_dies_when_it_ends() {
    let line = Line::new();
    // The line is taken before the program ends, and the rest of it only inherits it.
    let sink = script("exec 3>\"$1\"; sleep 1000 & exit 0", &[line.name()]);
    // It also holds what the program says, and ends nothing by that.
    let loud = script("sleep 1000 & echo started", &[]);
    let outbound = outbound();

    let (released, result) = tokio::join!(line.is_held(), sink.deliver(&outbound));
    assert_eq!(told(&result), "delivered");
    released.await;
    assert_eq!(answer(&loud.deliver(&outbound).await), "started");
}

#[tokio::test]
async fn what_left_the_group_is_left_alone_and_not_waited_for() {
    let sink = script("setsid sleep \"$1\" & echo $!", &[FOR_EVER]);
    let result = sink.deliver(&outbound()).await;
    assert_eq!(told(&result), "delivered");
    let killed = Command::new("kill").arg(answer(&result)).status().unwrap();
    assert!(killed.success(), "it ran on");
}

#[tokio::test]
async fn giving_up_on_a_try_kills_its_program() {
    let line = Line::new();
    let sink = script(HOLD, &[line.name()]);
    let outbound = outbound();

    let delivering = sink.deliver(&outbound);
    let released = tokio::select! {
        released = line.is_held() => released,
        result = delivering => panic!("{result:?}"),
    };

    released.await;
}

#[tokio::test]
async fn an_attempt_that_ran_out_of_time_keeps_what_the_program_said() {
    let receiver = Receiver::with(&format!(
        r#"
        [[sink]]
        name = "script"
        type = "command"
        program = "sh"
        args = ["-c", "echo working; exec sleep {FOR_EVER}"]
        timeout = "1s"
        "#
    ))
    .await;
    receiver.log.expects("Sink `script` did not take event");

    receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;

    let caller = receiver.caller();
    let found = caller.finds("/deliveries?sink=script").await;
    let id = found["data"][0]["id"].as_str().unwrap();
    let delivery = caller.finds(&format!("/deliveries/{id}")).await;
    let attempt = &delivery["attempt_list"][0];
    assert_eq!(attempt["answer"], "working", "{delivery}");
    assert_eq!(attempt["error"], "still at work after 1s, so it was killed");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_server_that_stops_kills_what_outlives_its_grace() {
    let line = Line::new();
    let folder = Folder::with(&format!(
        r#"
        [server]
        listen = "127.0.0.1:0"
        grace = "1s"

        [[sink]]
        name = "script"
        type = "command"
        program = "sh"
        args = ["-c", '{HOLD}', "sh", "{}"]
        timeout = "5m"
        "#,
        line.name()
    ));
    let mut command = folder.command(&["serve"]);
    command
        .env("BROWSER_USE_WEBHOOK_SECRET", crate::harness::cloud::SECRET)
        .env("TIDINGS_API_TOKEN", TOKEN);
    let program = Program::run(command);

    program.hears("task_1", "finished").await;
    let released = line.is_held().await;
    program.stop();

    timeout(Duration::from_secs(10), released).await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_not_there_yet_is_tried_again() {
    let missing = build(&json!({ "program": "/nowhere/on-task" })).unwrap();
    let expected = "there is no program /nowhere/on-task";
    let result = missing.deliver(&outbound()).await;
    assert_eq!(told(&result), format!("again: {expected}"));
    assert_eq!(missing.check().await.unwrap_err().to_string(), expected);

    let settings = json!({ "program": "true", "working_directory": "/nowhere" });
    let homeless = build(&settings).unwrap();
    let expected = "there is no folder /nowhere to work in";
    assert_eq!(
        told(&homeless.deliver(&outbound()).await),
        format!("again: {expected}")
    );
    assert_eq!(homeless.check().await.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn a_file_that_the_system_cannot_run_is_told_with_its_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("on-task");
    fs::write(&path, "#!/no/such/interpreter\n").unwrap();
    let made = Command::new("chmod").arg("+x").arg(&path).status().unwrap();
    assert!(made.success());
    let sink = build(&json!({ "program": path })).unwrap();

    sink.check().await.unwrap();
    let told = told(&sink.deliver(&outbound()).await);
    assert!(told.starts_with("again: "), "{told}");
    assert!(
        told.contains("on-task cannot be run: No such file"),
        "{told}"
    );
}

#[tokio::test]
async fn it_works_in_its_own_folder() {
    let folder = TempDir::new().unwrap();
    let mut settings = shell("pwd -P", &[]);
    settings["working_directory"] = json!(folder.path());
    let sink = build(&settings).unwrap();
    sink.check().await.unwrap();
    let result = sink.deliver(&outbound()).await;
    let expected = folder.path().canonicalize().unwrap();
    assert_eq!(answer(&result), expected.to_str().unwrap());
}

#[tokio::test]
async fn the_example_on_its_page_works() {
    let folder = TempDir::new().unwrap();
    let page = pages::page("command");
    let mut settings = shell(pages::code(&page, "sh")[0], &[]);
    settings["working_directory"] = json!(folder.path());
    let outbound = outbound();

    let result = build(&settings).unwrap().deliver(&outbound).await;

    assert_eq!(told(&result), "delivered");
    let ends = fs::read_to_string(folder.path().join("ends.txt")).unwrap();
    assert_eq!(ends, format!("{} task_1 running\n", outbound.event.id));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (settings, expected) in [
        (
            json!({ "program": "" }),
            "`program` is empty: name what to run",
        ),
        (
            json!({ "program": "true", "env": { "TIDINGS_TASK_ID": "x" } }),
            "`TIDINGS_TASK_ID` in `env` begins with TIDINGS_: such variables are set by Tidings itself",
        ),
        (
            json!({ "program": "true", "env": { "A=B": "x" } }),
            "`A=B` in `env` is not the name of a variable",
        ),
        (
            json!({ "program": "true", "retry_on": [0] }),
            "0 in `retry_on` is the exit code of success",
        ),
    ] {
        assert_eq!(build(&settings).unwrap_err().to_string(), expected);
    }
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
