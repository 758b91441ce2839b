//! `tidings sinks test --event` and `tidings sinks render`, as people see them.

use serde_json::Value;

use crate::harness::folder::Ended;
use crate::harness::folder::Folder;
use crate::harness::program::Program;

/// Nobody listens at the sink. It is looked at, and never sent anything.
const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"

[[sink]]
name = "crm"
type = "http"
url = "http://127.0.0.1:1/notes?key=hidden"
allow_private = true
headers = { Authorization = "hidden" }

[sink.filter]
state = "finished"
when = "metadata.customer"

[sink.template]
body = '{"customer": {{ metadata.customer | tojson }}}'
headers = { X-Team = "{{ metadata.team }}" }
"#;

/// A running server, and somebody at its commands.
struct Desk {
    folder: Folder,
    server: Program,
}

impl Desk {
    fn new() -> Self {
        let folder = Folder::with(CONFIG);
        let server = folder.serve();
        let given = folder.run_with(&["secret", "set", "--server", &server.url], "s3cret");
        assert_eq!(given.code, Some(0), "{given:?}");
        Self { folder, server }
    }

    /// Sends an event with these options, and returns its id.
    fn sends(&self, options: &[&str]) -> String {
        let webhook = self.server.webhook();
        let all = ["send", "--url", &webhook, "--secret", "s3cret", "--json"];
        let sent = self.folder.run(&[&all, options].concat());
        assert_eq!(sent.code, Some(0), "{sent:?}");
        let answer: Value = serde_json::from_str(sent.out.trim()).unwrap();
        answer["event_id"].as_str().expect("an id").to_owned()
    }

    fn asks(&self, arguments: &[&str]) -> Ended {
        let at = ["--server", &self.server.url];
        self.folder.run(&[&["sinks"], arguments, &at].concat())
    }
}

#[test]
fn people_see_why_an_event_did_not_come_and_what_would_have_been_sent() {
    let desk = Desk::new();
    let customer = ["--metadata", "customer=Müller & Co"];
    let team = ["--metadata", "team=red"];
    let starts = desk.sends(&[&["--status", "started"], &customer[..], &team].concat());
    let ends = desk.sends(&[&["--status", "finished"], &customer[..], &team].concat());
    let lacks = desk.sends(&[&["--status", "finished"], &customer[..]].concat());

    let judged = desk.asks(&["test", "crm", "--event", &starts]);
    assert_eq!(judged.code, Some(1), "{judged:?}");
    insta::assert_snapshot!(judged.out, @"
    It does not match: `state` does not let it through.
     PART   HOLDS  WANTED             FOUND
     types  yes    any                agent.task.status_update
     state  no     finished           running
     when   yes    metadata.customer  true
    ");
    let judged = desk.asks(&["test", "crm", "--event", &ends]);
    assert_eq!(judged.code, Some(0), "{judged:?}");
    assert!(
        judged.out.contains("It matches, and its delivery is "),
        "{judged:?}"
    );
    assert!(judged.out.contains("dlv_"), "{judged:?}");

    let shown = desk.asks(&["render", "crm", "--event", &ends]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    insta::assert_snapshot!(shown.out.replace(&ends, "evt_…"), @r#"
    POST http://127.0.0.1:1/notes?key=secret
    authorization: [secret]
    content-type: application/json
    idempotency-key: evt_…
    webhook-id: evt_…
    x-team: red

    {
      "customer": "Müller & Co"
    }
    "#);
    let shown = desk.asks(&["render", "crm", "--event", &lacks]);
    assert_eq!((shown.code, &*shown.out), (Some(1), ""));
    let told = "cannot be sent: `template.headers.X-Team` fails: column 4 (`metadata.team`)";
    assert!(shown.err.contains(told), "{shown:?}");
    let shown = desk.asks(&["render", "crm", "--event", &lacks, "--json"]);
    let answer: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!((shown.code, &answer["rendering"]), (Some(1), &Value::Null));

    assert_eq!(desk.asks(&["render", "crm"]).code, Some(2), "of what?");
    desk.server.stop();
}
