//! The key, and the secrets of a task, reach the vendor and nobody else.

use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::json;
use tidings::cloud::Secrets;
use tidings::cloud::v1;
use tidings::cloud::v2;
use wiremock::ResponseTemplate;

use super::KEY;
use super::answering;
use super::requests;
use super::settings;

const PASSWORD: &str = "s3cret-0f-the-task";

/// Everything that is logged in this process, from the first test here on.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes to [`LOG`].
struct Pen;

impl io::Write for Pen {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn assert_is_silent_about_secrets(told: &str) {
    for secret in [KEY, PASSWORD] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn neither_the_key_nor_a_secret_is_logged_at_trace() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(|| Pen)
        .try_init()
        .expect("nobody else listens to the whole process");
    let (server, client) = answering(ResponseTemplate::new(429)).await;
    let secrets = Some(Secrets::from_iter([("password", PASSWORD.into())]));

    let of_v1 = v1::RunTask {
        task: "look".to_owned(),
        secrets: secrets.clone(),
        ..v1::RunTask::default()
    };
    client.v1().run_task(&of_v1).await.unwrap_err();
    let of_v2 = v2::CreateTask {
        task: "look".to_owned(),
        secrets,
        ..v2::CreateTask::default()
    };
    client.v2().create_task(&of_v2).await.unwrap_err();

    let sent = requests(&server).await;
    let sent = String::from_utf8(sent[0].body.clone()).unwrap();
    assert!(sent.contains(PASSWORD), "the vendor gets it");
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let log = String::from_utf8(log).unwrap();
    assert!(log.contains("trying again"), "it was listened to: {log}");
    assert_is_silent_about_secrets(&log);
}

#[tokio::test]
async fn what_quotes_the_key_or_a_secret_is_told_without_them() {
    let quotes = json!({ "detail": format!("neither {KEY} nor {PASSWORD} is good") });
    let (_server, client) = answering(ResponseTemplate::new(422).set_body_json(quotes)).await;
    let task = v2::CreateTask {
        task: "look".to_owned(),
        secrets: Some(Secrets::from_iter([("password", PASSWORD.into())])),
        ..v2::CreateTask::default()
    };

    let error = client.v2().create_task(&task).await.unwrap_err();

    assert!(
        error
            .to_string()
            .contains("neither [secret] nor [secret] is good")
    );
    assert_is_silent_about_secrets(&format!("{error:?} {task:?} {client:?}"));
    assert_is_silent_about_secrets(&format!("{:?}", settings("http://cloud.test")));
}

#[tokio::test]
async fn cookies_are_passed_on_and_not_shown() {
    let task = json!({ "id": "t-1", "status": "finished", "browser_data": { "a": PASSWORD } });
    let (_server, client) = answering(super::json(task)).await;

    let task = client.v1().task("t-1").await.unwrap();

    assert_is_silent_about_secrets(&format!("{task:?}"));
    let passed_on = serde_json::to_string(&task).unwrap();
    assert!(passed_on.contains(PASSWORD));
}
