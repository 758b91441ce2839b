//! Every call that goes through, end to end: the answers are those of the cloud itself.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::Value;
use tidings::access::Scope;

use crate::harness::caller::Caller;
use crate::harness::caller::Reply;
use crate::harness::home::TOKEN;
use crate::harness::linked::Linked;
use crate::harness::simulated::Simulated;
use crate::harness::tree;

/// The life of two tasks, a schedule and a profile in v1. A line is a call: method, path below
/// `/api`, body; and behind an arrow how something in the answer is called from then on.
const V1: &str = r#"
GET /v1/ping
GET /v1/me
GET /v1/balance
POST /v1/uploads/presigned-url {"file_name":"a.csv","content_type":"text/csv"}
POST /v1/browser-profiles {"profile_name":"shop"} -> profile: /profile_id
GET /v1/browser-profiles?page=1&limit=5
GET /v1/browser-profiles/{profile}
PUT /v1/browser-profiles/{profile} {"description":"the one for the shop"}
POST /v1/run-task {"task":"Find milk","metadata":{"team":"tests"}} -> task: /id
GET /v1/task/{task}/status
PUT /v1/pause-task?task_id={task}
PUT /v1/resume-task?task_id={task}
POST /v1/run-task {"task":"simulate:endless"} -> endless: /id
GET /v1/tasks?page=1&limit=5
PUT /v1/stop-task?task_id={endless}
POST /v1/simple-search {"query":"milk","max_websites":2}
POST /v1/search-url {"url":"https://example.com","query":"milk"}
GET /v1/task/{task} -> file: /output_files/0
GET /v1/task/{task}/media
GET /v1/task/{task}/screenshots
GET /v1/task/{task}/gif
GET /v1/task/{task}/output-file/{file}
POST /v1/scheduled-task {"task":"Look","schedule_type":"interval","interval_minutes":60} -> schedule: /id
GET /v1/scheduled-tasks?page=1
GET /v1/scheduled-task/{schedule}
PUT /v1/scheduled-task/{schedule} {"is_active":false}
DELETE /v1/scheduled-task/{schedule}
DELETE /v1/browser-profiles/{profile}
GET /v1/task/{nobody}
POST /v1/run-task {"task":7}
"#;

/// The same in v2, with a session.
const V2: &str = r#"
GET /v2/billing/account
POST /v2/profiles {"name":"shop"} -> profile: /id
GET /v2/profiles?pageSize=5
GET /v2/profiles/{profile}
PATCH /v2/profiles/{profile} {"name":"the shop"}
DELETE /v2/profiles/{profile}
POST /v2/tasks {"task":"Find milk","vision":"auto"} -> task: /id
GET /v2/tasks/{task}/status
POST /v2/sessions {"startUrl":"https://example.com"} -> session: /id
GET /v2/sessions?pageSize=5
GET /v2/sessions/{session}
POST /v2/files/sessions/{session}/presigned-url {"fileName":"a.csv","contentType":"text/csv","sizeBytes":3}
GET /v2/tasks/{task} -> file: /outputFiles/0/id
GET /v2/tasks/{task}/logs
GET /v2/files/tasks/{task}/output-files/{file}
POST /v2/tasks {"task":"simulate:endless"} -> endless: /id
GET /v2/tasks?pageSize=5&filterBy=started
PATCH /v2/tasks/{endless} {"action":"stop"}
POST /v2/sessions/{session}/public-share
GET /v2/sessions/{session}/public-share
DELETE /v2/sessions/{session}/public-share
PATCH /v2/sessions/{session} {"action":"stop"}
POST /v2/sessions/{session}/purge
DELETE /v2/sessions/{session}
GET /v2/tasks/{nobody}
POST /v2/tasks {"task":""}
"#;

/// What can be looked at in v3 and v4. The cloud makes it, for the gateway does not pass that on.
const V3_MADE: &str = r#"
POST /v3/sessions {"task":"Find milk"} -> session: /id
"#;

const V3: &str = r"
GET /v3/sessions?page=1&page_size=5
GET /v3/sessions/{session}
GET /v3/sessions/{nobody}
";

const V4_MADE: &str = r#"
POST /v4/runs {"task":"Find milk"} -> run: /id
POST /v4/runs {"task":"Find bread"} -> later: /id
"#;

const V4: &str = r"
GET /v4/runs?limit=1
GET /v4/runs?limit=1&cursor={later}
GET /v4/runs/{run}
GET /v4/runs/{run}/status
GET /v4/runs/{nobody}
";

/// A line of the tables above.
#[derive(Debug)]
struct Call {
    method: Method,
    path: &'static str,
    body: &'static str,
    /// A name, and where in the answer it is found.
    learns: Option<(&'static str, &'static str)>,
}

impl Call {
    fn read(line: &'static str) -> Self {
        let (call, learns) = line.split_once(" -> ").unwrap_or((line, ""));
        let (method, rest) = call.split_once(' ').expect("a method and a path");
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        Self {
            method: method.parse().expect("a method"),
            path,
            body,
            learns: learns.split_once(": "),
        }
    }

    /// `GET /v1/task/{}`: the same for all calls that take the same road.
    fn shape(&self) -> String {
        shape(&self.method, self.path)
    }
}

fn calls(table: &'static str) -> Vec<Call> {
    table.trim().lines().map(Call::read).collect()
}

/// The calls of all versions.
fn every_call() -> impl Iterator<Item = Call> {
    [V1, V2, V3, V4].into_iter().flat_map(calls)
}

fn shape(method: &Method, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let nameless = |segment| match segment {
        segment if str::starts_with(segment, "{") => "{}",
        segment => segment,
    };
    let segments: Vec<_> = path.split('/').map(nameless).collect();
    format!("{method} {}", segments.join("/"))
}

/// Somebody who makes calls one after the other, and remembers what is called how.
struct Walk {
    caller: Caller,
    /// What `x-browser-use-api-key` holds, where it is sent.
    key: Option<&'static str>,
    root: &'static str,
    names: BTreeMap<&'static str, String>,
}

impl Walk {
    fn new(caller: Caller, root: &'static str, key: Option<&'static str>) -> Self {
        Self {
            caller: if key.is_some() {
                caller.with(None)
            } else {
                caller
            },
            key,
            root,
            names: BTreeMap::new(),
        }
    }

    async fn takes(&mut self, call: &Call) -> Reply {
        let mut path = format!("{}{}", self.root, call.path);
        for (name, value) in &self.names {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let header = self.key.map(|key| ("x-browser-use-api-key", key));
        let method = call.method.clone();
        let asked = self
            .caller
            .sends(method, &path, header.as_slice(), call.body);
        let reply = asked.await;
        if let Some((name, place)) = call.learns {
            let answer = reply.json();
            let found = answer.pointer(place).and_then(Value::as_str);
            let value = found.expect("it was answered well").to_owned();
            self.names.insert(name, value);
        }
        reply
    }
}

/// Makes calls to a cloud and, through a receiver, to its twin, and says which were refused. Two
/// seconds lie between two calls. What is `made` before is made by both clouds themselves.
async fn refused_both_ways(
    made: &'static str,
    table: &'static str,
    key: Option<&'static str>,
) -> String {
    let (cloud, linked) = (Simulated::start().await, Linked::start().await);
    // Chance goes the same way only if as much happens.
    cloud.tells(linked.receiver.webhook()).await;
    let mut there = Walk::new(Caller::of(cloud.url(), "a key"), "/api", key);
    let mut beside = Walk::new(Caller::of(linked.cloud.url(), "a key"), "/api", key);
    for call in calls(made) {
        there.takes(&call).await;
        beside.takes(&call).await;
    }
    let mut through = Walk {
        names: beside.names,
        ..Walk::new(linked.receiver.caller(), "/cloud/api", key)
    };
    let mut refused = String::new();
    for call in calls(table) {
        let (expected, got) = (there.takes(&call).await, through.takes(&call).await);
        let kind = "content-type";
        assert_eq!(got.status, expected.status, "{call:?}");
        assert_eq!(got.header(kind), expected.header(kind), "{call:?}");
        // Presigned addresses lead to the one or the other.
        let expected = expected.text().replace(cloud.url(), linked.cloud.url());
        assert_eq!(got.text(), expected, "{call:?}");
        if got.status >= 300 {
            writeln!(refused, "{} {}", got.status, call.shape()).unwrap();
        }
        cloud.passes(2).await;
        linked.passes(2).await;
    }
    linked.receiver.stop_cleanly().await;
    refused
}

#[tokio::test]
async fn calls_of_v1_are_answered_as_the_cloud_answers_them() {
    assert_snapshot!(refused_both_ways("", V1, None).await, @"
    404 GET /v1/task/{}
    422 POST /v1/run-task
    ");
}

#[tokio::test]
async fn calls_of_v2_are_answered_as_the_cloud_answers_them() {
    assert_snapshot!(refused_both_ways("", V2, Some(TOKEN)).await, @"
    403 POST /v2/sessions/{}/purge
    422 GET /v2/tasks/{}
    422 POST /v2/tasks
    ");
}

#[tokio::test]
async fn calls_of_v3_are_answered_as_the_cloud_answers_them() {
    assert_snapshot!(refused_both_ways(V3_MADE, V3, Some(TOKEN)).await, @"422 GET /v3/sessions/{}");
}

#[tokio::test]
async fn calls_of_v4_are_answered_as_the_cloud_answers_them() {
    assert_snapshot!(refused_both_ways(V4_MADE, V4, Some(TOKEN)).await, @"422 GET /v4/runs/{}");
}

#[tokio::test]
async fn whoever_only_reads_needs_only_that_scope() {
    let linked = Linked::start().await;
    let administrator = linked.receiver.caller();
    let token = administrator.makes_token(Scope::Read, None).await;
    let reader = administrator.with(Some(&token));
    let nobody = administrator.with(None);
    for call in every_call() {
        let path = format!("/cloud/api{}", call.path).replace(['{', '}'], "");
        let asks = async |caller: &Caller| {
            let method = call.method.clone();
            caller.sends(method, &path, &[], call.body).await
        };
        assert_eq!(asks(&nobody).await.slug(), "unauthorized", "{call:?}");
        let reply = asks(&reader).await;
        match call.method {
            Method::GET => assert!(![401, 403].contains(&reply.status), "{call:?}"),
            _ => assert_eq!(reply.slug(), "forbidden", "{call:?}"),
        }
    }
    linked.receiver.stop_cleanly().await;
}

/// The calls on the list, as shapes.
fn listed() -> BTreeSet<String> {
    let methods = ["get", "post", "put", "patch", "delete"];
    let mut listed = BTreeSet::new();
    for file in tree::files("src/api/gateway", "rs") {
        for route in file.text.split(".route(").skip(1) {
            let version = file.path.split(['/', '.']).nth_back(1).expect("a name");
            let path = route.split('"').nth(1).expect("a path");
            for method in methods
                .iter()
                .filter(|word| route.contains(&format!("{word}(")))
            {
                let method = method.to_uppercase().parse().expect("a method");
                listed.insert(shape(&method, &format!("/{version}{path}")));
            }
        }
    }
    listed
}

/// A call that is on the list and not in the tables above would be tested by nobody.
#[test]
fn the_tables_above_have_every_call_that_is_on_the_list() {
    assert_eq!(listed(), every_call().map(|call| call.shape()).collect());
}

#[test]
fn the_manual_has_every_call_that_is_on_the_list() {
    let manual = tree::files("docs", "md")
        .into_iter()
        .find(|file| file.path.ends_with("cloud-api.md"))
        .expect("it is there");
    let mut told = BTreeSet::new();
    for line in manual.text.lines().filter(|line| line.starts_with('|')) {
        let Some((before, path)) = line.split_once("| `/cloud/api") else {
            continue;
        };
        let path = path.split('`').next().unwrap_or_default();
        let call = before.trim_start_matches("| ").split('|').next();
        let words = call.unwrap_or_default().split(['`', ' ']);
        for method in words.filter(|word| word.len() > 2 && *word == word.to_uppercase()) {
            told.insert(shape(&method.parse().expect("a method"), path));
        }
    }
    assert_eq!(told, listed());
}
