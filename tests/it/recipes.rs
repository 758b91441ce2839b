//! The recipes for other services: their settings are right, and their code knows Tidings.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use wiremock::ResponseTemplate;

use crate::harness::events;
use crate::harness::service::Service;
use crate::harness::sinks;
use crate::harness::sinks::tools;
use crate::sinks::pages;

fn recipes() -> String {
    fs::read_to_string("docs/recipes.md").unwrap()
}

#[tokio::test]
async fn every_recipe_has_settings_that_are_right() {
    let page = recipes();
    let named: Vec<String> = pages::code(&page, "toml")
        .into_iter()
        .flat_map(pages::sinks)
        .map(|sink| sink.common.name.to_string())
        .collect();
    assert_eq!(named, ["n8n", "zapier", "make", "pipedream", "trigger-dev"]);
}

#[tokio::test]
async fn the_code_of_the_recipes_knows_a_genuine_request() {
    let page = recipes();
    let service = Service::that_answers(ResponseTemplate::new(200)).await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let text = "correct horse";
    let settings = json!({ "url": service.at("/"), "signing_secrets": [text, secret] });
    let sink = sinks::build("http", &settings, &tools()).unwrap();
    let body = events::status_update("tâche 🦀", 1);
    sink.deliver(&events::outbound(&body, SystemClock.now()))
        .await
        .unwrap();

    let request = service.got().await.remove(0);
    let headers: BTreeMap<&str, &str> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let input = json!({
        "headers": headers,
        "body": String::from_utf8(request.body.clone()).unwrap(),
        "secrets": [secret, text, "wrong"],
    });
    let driver = "
const { headers, body, secrets } = JSON.parse(process.argv[1]);
console.log(secrets.map((secret) => isGenuine(secret, headers, body)).join());
console.log(isGenuine(secrets[0], headers, body + ' '));
const old = { ...headers, 'webhook-timestamp': '1' };
console.log(isGenuine(secrets[0], old, body), isGenuine(secrets[0], { ...old, 'webhook-timestamp': 'x' }, body));
";
    let example = pages::code(&page, "js")[0];
    let answer = Command::new("node")
        .args(["-e", &format!("{example}{driver}"), &input.to_string()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&answer.stdout);
    assert_eq!(told, "true,true,false\nfalse\nfalse false\n", "{answer:?}");
}
