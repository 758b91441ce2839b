//! Every route asks for a scope, and none lets in a token that does not reach it.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use jiff::SignedDuration;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tidings::access::Scope;

use crate::harness::caller::Caller;
use crate::harness::receiver::Receiver;
use crate::harness::tree;

/// Every route below `/api/v1`, and the scope it asks for.
const ROUTES: &[(Method, &str, Scope)] = &[
    (Method::GET, "/deliveries", Scope::Read),
    (Method::POST, "/deliveries/retry", Scope::Operate),
    (Method::GET, "/deliveries/{id}", Scope::Read),
    (Method::POST, "/deliveries/{id}/discard", Scope::Operate),
    (Method::POST, "/deliveries/{id}/retry", Scope::Operate),
    (Method::GET, "/endpoints", Scope::Read),
    (Method::PUT, "/endpoints/{name}/secret", Scope::Admin),
    (Method::GET, "/events", Scope::Read),
    (Method::GET, "/events/{id}", Scope::Read),
    (Method::GET, "/events/{id}/deliveries", Scope::Read),
    (Method::GET, "/events/{id}/raw", Scope::Read),
    (Method::POST, "/events/{id}/replay", Scope::Operate),
    (Method::GET, "/rejections", Scope::Read),
    (Method::GET, "/rejections/{id}", Scope::Read),
    (Method::GET, "/replays", Scope::Read),
    (Method::POST, "/replays", Scope::Operate),
    (Method::GET, "/replays/{id}", Scope::Read),
    (Method::DELETE, "/replays/{id}", Scope::Operate),
    (Method::GET, "/sinks", Scope::Read),
    (Method::GET, "/sinks/{name}", Scope::Read),
    (Method::POST, "/sinks/{name}/check", Scope::Operate),
    (Method::POST, "/sinks/{name}/pause", Scope::Operate),
    (Method::POST, "/sinks/{name}/render", Scope::Operate),
    (Method::POST, "/sinks/{name}/resume", Scope::Operate),
    (Method::POST, "/sinks/{name}/test", Scope::Operate),
    (Method::GET, "/tasks", Scope::Read),
    (Method::POST, "/tasks", Scope::Operate),
    (Method::GET, "/tasks/rebuild", Scope::Read),
    (Method::POST, "/tasks/rebuild", Scope::Admin),
    (Method::GET, "/tasks/wait", Scope::Read),
    (Method::GET, "/tasks/{id}", Scope::Read),
    (Method::GET, "/tasks/{id}/files", Scope::Read),
    (Method::GET, "/tasks/{id}/media", Scope::Read),
    (Method::GET, "/tasks/{id}/output-files/{name}", Scope::Read),
    (Method::POST, "/tasks/{id}/pause", Scope::Operate),
    (Method::POST, "/tasks/{id}/resume", Scope::Operate),
    (Method::GET, "/tasks/{id}/screenshots", Scope::Read),
    (Method::GET, "/tasks/{id}/screenshots/{name}", Scope::Read),
    (Method::GET, "/tasks/{id}/status", Scope::Read),
    (Method::POST, "/tasks/{id}/stop", Scope::Operate),
    (Method::GET, "/tasks/{id}/timeline", Scope::Read),
    (Method::GET, "/tasks/{id}/wait", Scope::Read),
    (Method::GET, "/tokens", Scope::Admin),
    (Method::POST, "/tokens", Scope::Admin),
    (Method::DELETE, "/tokens/{id}", Scope::Admin),
];

/// Asks for nothing in particular, and says the status: behind the door it is 200, 404 or 400.
async fn knock(caller: &Caller, (method, path, _): &(Method, &str, Scope)) -> u16 {
    // Those that wait shall not.
    let path = format!("/api/v1{path}?timeout=0s").replace(['{', '}'], "");
    let reply = caller.calls(method.clone(), &path, &Value::Null).await;
    if reply.status == 401 {
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    reply.status
}

#[tokio::test]
async fn every_route_asks_for_its_scope() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    for route in ROUTES {
        assert_eq!(knock(&caller.with(None), route).await, 401, "{route:?}");
        assert_eq!(knock(&caller.with(Some("made up")), route).await, 401);
    }
    for held in Scope::ALL {
        let token = caller.makes_token(held, None).await;
        let caller = caller.with(Some(&token));
        for route in ROUTES {
            let refused = knock(&caller, route).await == 403;
            assert_eq!(refused, held < route.2, "{held} at {route:?}");
        }
    }
    receiver.stop_cleanly().await;
}

/// A route that was added to the source and not to the table above would be tested by nobody.
#[test]
fn the_table_above_knows_every_route() {
    let mut written = BTreeSet::new();
    for file in tree::files("src/api", "rs") {
        // These two are for those who have no token; the gateway has tables of its own, in
        // `tests/it/gateway/calls.rs`.
        if file.path.ends_with("health.rs") || file.path.contains("/gateway/") {
            continue;
        }
        for rest in file.text.split(".route(").skip(1) {
            let path = rest.split('"').nth(1).expect("a path");
            written.insert(path.to_owned());
        }
    }
    let listed: BTreeSet<String> = ROUTES.iter().map(|route| route.1.to_owned()).collect();
    assert_eq!(written, listed);
}

#[tokio::test]
async fn a_token_opens_nothing_once_it_is_taken_back_or_has_ended() {
    let receiver = Receiver::start().await;
    let administrator = receiver.caller();
    let ending = administrator.makes_token(Scope::Read, Some("90d")).await;
    let lasting = administrator.makes_token(Scope::Read, None).await;
    let status = async |token: &str| {
        let caller = administrator.with(Some(token));
        caller.gets("/api/v1/events").await.status
    };
    assert_eq!((status(&ending).await, status(&lasting).await), (200, 200));

    receiver.clock.advance(SignedDuration::from_hours(90 * 24));
    assert_eq!((status(&ending).await, status(&lasting).await), (401, 200));

    let newest = &administrator.finds("/tokens").await["data"][0];
    let path = format!("/api/v1/tokens/{}", newest["id"].as_str().expect("an id"));
    let revoked = administrator.calls(Method::DELETE, &path, &json!({})).await;
    assert_eq!(revoked.status, 204);
    assert_eq!(status(&lasting).await, 401);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn problems_with_tokens_say_what_to_do() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let nobody = caller.with(None).gets("/api/v1/events").await;
    assert_snapshot!(nobody.told(), @r#"
    401
    {"type":"/problems/unauthorized","title":"unauthorized","status":401,"detail":"send a token that is valid: `Authorization: Bearer <token>`"}
    "#);

    let reader = caller.with(Some(&caller.makes_token(Scope::Read, None).await));
    assert_snapshot!(reader.gets("/api/v1/tokens").await.told(), @r#"
    403
    {"type":"/problems/forbidden","title":"forbidden","status":403,"detail":"this needs a token of scope `admin`, and yours has `read`"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn health_asks_for_no_token() {
    let receiver = Receiver::start().await;
    let nobody = receiver.caller().with(None);
    assert_snapshot!(nobody.gets("/livez").await.told(), @r#"
    200
    {"status":"ok"}
    "#);
    assert_snapshot!(nobody.gets("/readyz").await.told(), @r#"
    200
    {"status":"ok"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_last_use_of_a_token_is_known_to_the_minute() {
    let receiver = Receiver::start().await;
    let administrator = receiver.caller();
    let reader = administrator.makes_token(Scope::Read, None).await;
    let reader = administrator.with(Some(&reader));
    let last_use = async || {
        let listed = administrator.finds("/tokens").await;
        let told = listed["data"][0]["last_used_at"].as_str();
        told.map(|text| text.parse::<Timestamp>().expect("a time"))
    };
    assert_eq!(last_use().await, None);

    reader.finds("/events").await;
    let first = loop {
        if let Some(at) = last_use().await {
            break at;
        }
    };
    receiver.clock.advance(SignedDuration::from_secs(59));
    reader.finds("/events").await;
    receiver.clock.advance(SignedDuration::from_secs(1));
    reader.finds("/events").await;
    while last_use().await == Some(first) {}
    assert_eq!(last_use().await, Some(first + SignedDuration::from_mins(1)));
    receiver.stop_cleanly().await;
}
