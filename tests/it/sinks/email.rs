//! Mails, as a real server takes them and Python's library reads them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::sinks::Sink;
use tidings::sinks::SinkKind;
use tokio::net::TcpListener;

use super::pages;
use crate::harness::ends::end;
use crate::harness::ends::milk;
use crate::harness::events;
use crate::harness::mail::MailServer;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;
use crate::harness::sinks::tools;

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("email", settings, &tools())
}

/// A sink that sends to these through the server.
fn sink(server: &MailServer, to: &[&str]) -> Arc<dyn Sink> {
    build(&server.settings(to)).unwrap()
}

fn header<'a>(mail: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = mail["headers"].as_array().unwrap().iter();
    let found = headers.filter(|header| header[0] == name);
    found.map(|header| header[1].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_mail_tells_the_end_of_a_task_to_everybody() {
    let server = MailServer::start("none").await;
    let sink = sink(&server, &["Ops <ops@example.com>", "me@example.org"]);
    let outbound = milk();
    let id = outbound.event.id;

    let result = sink.deliver(&outbound).await;

    assert_eq!(
        (told(&result).as_str(), answer(&result)),
        ("delivered", "250 OK queued as 42")
    );
    let mail = server.says().await;
    assert_eq!(mail["defects"], json!([]));
    assert_eq!(mail["sender"], "tidings@example.com");
    assert_eq!(
        mail["recipients"],
        json!(["ops@example.com", "me@example.org"])
    );
    assert_eq!(header(&mail, "from"), ["Tidings <tidings@example.com>"]);
    assert_eq!(
        header(&mail, "to"),
        ["Ops <ops@example.com>, me@example.org"]
    );
    assert_eq!(
        header(&mail, "subject"),
        ["Task finished: Find the price of milk"]
    );
    assert_eq!(header(&mail, "message-id"), [format!("<{id}@example.com>")]);
    assert_eq!(header(&mail, "references"), ["<task-task_1@example.com>"]);
    assert_eq!(header(&mail, "auto-submitted"), ["auto-generated"]);
    let text = mail["text"]
        .as_str()
        .unwrap()
        .replace(&id.to_string(), "evt_…");
    insta::assert_snapshot!(text, @"
    Task finished

    Find the price of milk

    1,29 € – at <Bio & Co>

    Task     task_1
    Session  session_1
    Outcome  success
    Cost     $0.03
    Took     1m 22s
    team     Einkauf & Lager

    a.txt: https://hooks.example.com/a.txt?x=1&y=2
    b.txt

    -- 
    Tidings, event evt_… of 2026-05-25 09:22:22 UTC
    ");
    let html = mail["html"]
        .as_str()
        .unwrap()
        .replace(&id.to_string(), "evt_…");
    insta::assert_snapshot!(html, @r##"
    <!doctype html>
    <html><body style="font-family: sans-serif">
    <h2 style="border-left: 6px solid #16a34a; padding-left: 12px">Task finished</h2>
    <p style="white-space: pre-wrap">Find the price of milk</p>
    <pre style="white-space: pre-wrap; background: #f4f4f5; padding: 12px">1,29 € – at &lt;Bio &amp; Co&gt;</pre>
    <table>
    <tr><td style="color: #71717a; padding-right: 12px">Task</td><td>task_1</td></tr>
    <tr><td style="color: #71717a; padding-right: 12px">Session</td><td>session_1</td></tr>
    <tr><td style="color: #71717a; padding-right: 12px">Outcome</td><td>success</td></tr>
    <tr><td style="color: #71717a; padding-right: 12px">Cost</td><td>$0.03</td></tr>
    <tr><td style="color: #71717a; padding-right: 12px">Took</td><td>1m 22s</td></tr>
    <tr><td style="color: #71717a; padding-right: 12px">team</td><td>Einkauf &amp; Lager</td></tr>
    </table>
    <ul>
    <li><a href="https://hooks.example.com/a.txt?x=1&amp;y=2">a.txt</a></li>
    <li>b.txt</li>
    </ul>
    <p style="color: #71717a; font-size: 12px">Tidings, event evt_… of 2026-05-25 09:22:22 UTC</p>
    </body></html>
    "##);
}

#[tokio::test]
async fn a_mail_is_shown_without_being_sent() {
    let settings = json!({
        "host": "mail.example.com", "username": "me", "password": "s3cret",
        "from": "Tidings <t@example.com>", "to": ["ops@example.com"],
    });
    let shown = build(&settings).unwrap().render(&milk()).unwrap();
    let shown = serde_json::to_value(shown).unwrap();
    assert_eq!(shown["kind"], "mail");
    assert_eq!(shown["server"], "mail.example.com:465");
    assert_eq!(shown["from"], "Tidings <t@example.com>");
    assert_eq!(shown["to"], json!(["ops@example.com"]));
    assert_eq!(shown["subject"], "Task finished: Find the price of milk");
    assert!(
        shown["html"]
            .as_str()
            .unwrap()
            .contains("Einkauf &amp; Lager")
    );
    assert!(!shown.to_string().contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn an_event_has_one_message_id_on_every_attempt_and_every_replay() {
    let server = MailServer::start("none").await;
    let sink = sink(&server, &["ops@example.com"]);
    let first = milk();
    let again = Outbound {
        attempt: 2,
        replay: true,
        ..first.clone()
    };
    sink.deliver(&first).await.unwrap();
    sink.deliver(&again).await.unwrap();

    let (first, again) = (server.says().await, server.says().await);
    assert_eq!(header(&first, "message-id"), header(&again, "message-id"));
    assert_eq!(header(&first, "tidings-replay"), [""; 0]);
    assert_eq!(header(&again, "tidings-replay"), ["true"]);
}

#[tokio::test]
async fn no_text_breaks_out_of_its_header_or_its_part() {
    let server = MailServer::start("none").await;
    let sink = sink(&server, &["ops@example.com"]);
    let plain = sink.deliver(&milk()).await;
    assert_eq!(told(&plain), "delivered");
    let count = |mail: &Value| mail["headers"].as_array().unwrap().len();
    let expected = count(&server.says().await);

    let break_out = "x\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>\r\n.\r\nQUIT\r\n";
    let odd = [
        break_out.to_owned(),
        break_out.replace("\r\n", "\n"),
        "a\u{0}b\u{7f}\u{85}c".to_owned(),
        "Größe 🦀 ".repeat(500),
        "é".repeat(100_000),
        "x".repeat(100_000),
        "=?utf-8?q?=0ABcc:_evil@example.com?=".to_owned(),
        ".\r\n..\r\n.".to_owned(),
        "\u{202e}evil\u{2028}\u{2029}".to_owned(),
    ];
    for text in odd {
        let event = end(&json!({ "task": text, "output": text, "error": text }));
        // It tells of the mail before it says yes, and a long one does not fit into a pipe.
        let (result, mail) = tokio::join!(sink.deliver(&event), server.says());
        assert_eq!(told(&result), "delivered", "{text:?}");
        assert_eq!(count(&mail), expected, "{text:?}: {mail:#}");
        assert_eq!(mail["recipients"], json!(["ops@example.com"]), "{text:?}");
        assert_eq!(mail["defects"], json!([]), "{text:?}");
        assert!(mail["longest_line"].as_u64().unwrap() <= 998, "{text:?}");
        assert!(
            !mail["html"].as_str().unwrap().contains("<script>"),
            "{text:?}"
        );
        let [subject] = header(&mail, "subject")[..] else {
            panic!("{text:?}: one subject");
        };
        let begins = subject.starts_with("Task finished: ") || subject == "Task finished";
        assert!(begins && !subject.contains(['\r', '\n']), "{subject:?}");
    }
}

#[tokio::test]
async fn a_task_whose_id_is_none_of_a_message_stands_alone() {
    let server = MailServer::start("none").await;
    let sink = sink(&server, &["ops@example.com"]);
    let body = json!({ "type": "t", "payload": { "task_id": "a>\r\nBcc: x", "status": "failed" } });

    let outbound = events::outbound(&body.to_string(), SystemClock.now());
    sink.deliver(&outbound).await.unwrap();

    let mail = server.says().await;
    assert_eq!(header(&mail, "references"), [""; 0]);
    assert_eq!(header(&mail, "subject"), ["Task failed: a> Bcc: x"]);
}

#[tokio::test]
async fn replies_say_what_becomes_of_the_event() {
    let server = MailServer::start("none").await;
    for (to, expected) in [
        ("busy", "again: answered 451 4.3.0 Come again later"),
        ("full", "again: answered 452 4.2.2 No room left"),
        (
            "locked",
            "again: answered 530 5.7.0 Authentication required",
        ),
        ("unknown", "refused: answered 550 5.1.1 No such user here"),
        ("picky", "refused: answered 554 5.6.0 Not this mail"),
    ] {
        let to = format!("{to}@example.com");
        // Nobody gets half: all of it is refused, or tried again.
        let sink = sink(&server, &["ops@example.com", &to]);
        let result = sink.deliver(&milk()).await;
        assert_eq!(told(&result), expected);
        assert!(expected.ends_with(answer(&result)), "{}", answer(&result));
    }
}

#[tokio::test]
async fn tls_is_had_in_both_ways_and_the_certificate_is_looked_at() {
    for tls in ["required", "starttls"] {
        let server = MailServer::start(tls).await;
        let trusting = sink(&server, &["ops@example.com"]);
        trusting.check().await.unwrap();
        trusting.deliver(&milk()).await.unwrap();
        assert_eq!(server.says().await["tls"], true, "{tls}");

        let mut settings = server.settings(&["ops@example.com"]);
        settings.as_object_mut().unwrap().remove("ca");
        let wary = build(&settings).unwrap();
        let refused = told(&wary.deliver(&milk()).await);
        assert!(refused.starts_with("again: no "), "{refused}");
        assert!(refused.contains("invalid peer certificate"), "{refused}");

        // The certificate is for `localhost`.
        settings["ca"] = json!(server.ca);
        settings["host"] = json!("127.0.0.1");
        let elsewhere = told(&build(&settings).unwrap().deliver(&milk()).await);
        assert!(
            elsewhere.contains("invalid peer certificate"),
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let server = MailServer::start("none").await;
    let mut settings = server.settings(&["ops@example.com"]);
    settings["tls"] = json!("starttls");
    let result = build(&settings).unwrap().deliver(&milk()).await;
    let told = told(&result);
    assert!(told.contains("STARTTLS is not supported"), "{told}");
}

#[tokio::test]
async fn a_server_lets_in_whom_it_knows() {
    for tls in ["none", "starttls", "required"] {
        let server = MailServer::with_login(tls, &["me", "s3cret"]).await;
        let mut settings = server.settings(&["ops@example.com"]);
        let stranger = build(&settings).unwrap().deliver(&milk()).await;
        assert_eq!(
            told(&stranger),
            "again: answered 530 5.7.0 Authentication required"
        );

        settings["username"] = json!("me");
        settings["password"] = json!("s3cret");
        let known = build(&settings).unwrap();
        known.check().await.unwrap();
        known.deliver(&milk()).await.unwrap();
        assert_eq!(server.says().await["user"], "me");
        assert!(!format!("{known:?}").contains("s3cret"));

        settings["password"] = json!("wrong-one");
        let wrong = build(&settings).unwrap();
        let told = told(&wrong.deliver(&milk()).await);
        assert!(
            told.contains("does not let us in") && told.contains("535"),
            "{told}"
        );
        assert!(!told.contains("wrong-one"), "{told}");
        let checked = wrong.check().await.unwrap_err().to_string();
        assert!(checked.contains("does not let us in"), "{checked}");
    }
}

#[tokio::test]
async fn a_connection_is_used_again_unless_the_server_has_closed_it() {
    let mut server = MailServer::start("none").await;
    let sink = sink(&server, &["ops@example.com"]);
    let mut connections = Vec::new();
    for hangs_up in [false, true, false] {
        sink.deliver(&milk()).await.unwrap();
        connections.push(server.says().await["connection"].clone());
        if hangs_up {
            server.hangs_up().await;
        }
    }
    assert_eq!(connections, [0, 0, 1]);
}

#[tokio::test]
async fn what_is_left_in_the_middle_of_a_mail_is_not_used_again() {
    let server = MailServer::start("none").await;
    let mut settings = server.settings(&["silent@example.com"]);
    let silent = build(&settings).unwrap();
    let outbound = milk();
    tokio::select! {
        said = server.says() => assert_eq!(said, json!({ "silent": true })),
        result = silent.deliver(&outbound) => panic!("{result:?}"),
    }

    // The try was given up after the mail and before the yes. The check wants a connection, too.
    silent.check().await.unwrap();

    settings["to"] = json!(["ops@example.com"]);
    build(&settings).unwrap().deliver(&outbound).await.unwrap();
    assert_eq!(server.says().await["connection"], 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    let settings = json!({
        "host": "127.0.0.1", "port": port, "tls": "none",
        "from": "a@example.com", "to": ["b@example.com"],
    });
    let sink = build(&settings).unwrap();

    // It is there, and says nothing.
    let waited = tokio::time::timeout(Duration::from_millis(50), sink.deliver(&milk())).await;
    assert!(waited.is_err());

    drop(free);
    let expected = format!("no connection to 127.0.0.1:{port}: ");
    let told = told(&sink.deliver(&milk()).await);
    assert!(told.starts_with(&format!("again: {expected}")), "{told}");
    let checked = sink.check().await.unwrap_err().to_string();
    assert!(checked.starts_with(&expected), "{checked}");
}

#[tokio::test]
async fn the_example_on_its_page_works() {
    let server = MailServer::with_login("required", &["tidings@example.com", "a-value"]).await;
    let page = pages::page("email");
    let mut sinks = pages::sinks(pages::code(&page, "toml")[0]);
    let SinkKind::Email(mut config) = sinks.remove(0).kind else {
        panic!("the page is about mail");
    };
    config.host = "localhost".to_owned();
    config.port = Some(server.port);
    config.ca = Some(server.ca.clone());
    let sink = SinkKind::Email(config).build(&tools()).unwrap();

    sink.deliver(&milk()).await.unwrap();

    let recipients = json!(["ops@example.com", "me@example.org"]);
    assert_eq!(server.says().await["recipients"], recipients);
}

#[test]
fn settings_that_cannot_work_are_refused_before_the_first_event() {
    let error = |changes: Value| {
        let mut settings = json!({
            "host": "mail.example.com", "from": "a@example.com", "to": ["b@example.com"],
        });
        let changes = changes.as_object().unwrap().clone();
        settings.as_object_mut().unwrap().extend(changes);
        format!("{:#}", build(&settings).unwrap_err())
    };
    for (changes, expected) in [
        (json!({ "host": "" }), "`host` is empty"),
        (json!({ "to": [] }), "`to` is empty"),
        (
            json!({ "to": ["nobody"] }),
            "\"nobody\" is no address for mail",
        ),
        (
            json!({ "from": "a@b\r\nBcc: c@d" }),
            "is no address for mail",
        ),
        (json!({ "username": "me" }), "go together"),
        (
            json!({ "username": "me", "password": "s3cret", "tls": "none" }),
            "would cross the network in the clear",
        ),
        (json!({ "ca": "no PEM" }), "`ca`"),
    ] {
        let error = error(changes);
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}
