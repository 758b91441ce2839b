//! v1: tasks, media, files, profiles, search, the account; its limits and refusals.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::simulated::Simulated;

#[tokio::test]
async fn a_task_goes_from_its_creation_to_its_output() {
    let cloud = Simulated::start().await;
    let asked = json!({
        "task": "Find the price of milk",
        "save_browser_data": true,
        "enable_public_share": true,
        "metadata": { "team": "tests" },
    });
    let made = cloud.post("v1/run-task", asked).await.is(200);
    let task = format!("v1/task/{}", made["id"].as_str().unwrap());
    let status = format!("{task}/status");

    assert_eq!(cloud.get(&status).await.is(200), "created");
    let begun = cloud.get(&task).await.is(200);
    assert_eq!(begun["output"], Value::Null);
    assert_eq!(begun["steps"], json!([]));
    assert_eq!(begun["created_at"], "2026-05-25T09:00:00.000000Z");

    cloud.passes(4).await;
    assert_eq!(cloud.get(&status).await.is(200), "running");
    let running = cloud.get(&task).await.is(200);
    assert_eq!(running["steps"][0]["step"], 1, "{running}");
    assert!(running["live_url"].is_string(), "{running}");

    cloud.passes(6).await;
    assert_eq!(cloud.get(&status).await.is(200), "finished");
    let whole = cloud.get(&task).await.is(200);
    assert_eq!(whole["output"], "Done: Find the price of milk");
    assert_eq!(whole["finished_at"], "2026-05-25T09:00:10.000000Z");
    assert_eq!(whole["steps"].as_array().unwrap().len(), 3);
    assert_eq!(whole["metadata"], json!({ "team": "tests" }));
    assert_eq!(whole["output_files"], json!(["result.txt"]));
    assert_eq!(whole["browser_data"], json!({ "cookies": [] }));
    assert!(whole["public_share_url"].is_string(), "{whole}");
    cloud.simulator.stop().await;
}

#[tokio::test]
async fn a_task_is_paused_resumed_and_stopped() {
    let cloud = Simulated::start().await;
    let id = cloud.run_task("simulate:endless").await;
    let order = async |word: &str| {
        let path = format!("v1/{word}-task?task_id={id}");
        cloud.call(Method::PUT, &path, None).await
    };
    let status = async || cloud.get(&format!("v1/task/{id}/status")).await.is(200);

    order("pause").await.is(400);
    cloud.passes(2).await;
    order("resume").await.is(400);
    assert_eq!(order("pause").await.is(200), Value::Null);
    cloud.passes(60).await;
    assert_eq!(status().await, "paused");
    order("resume").await.is(200);
    assert_eq!(status().await, "running");
    order("stop").await.is(200);
    assert_eq!(status().await, "stopped");
    for word in ["stop", "pause", "resume"] {
        order(word).await.is(400);
    }
    let unnamed = cloud.call(Method::PUT, "v1/stop-task", None).await;
    unnamed.finds_fault("task_id", "missing");
}

#[tokio::test]
async fn tasks_go_as_they_were_asked_to() {
    let cloud = Simulated::start().await;
    let mut ids = Vec::new();
    for life in ["finishes", "unsuccessful", "fails", "times-out"] {
        ids.push(cloud.run_task(&format!("simulate:{life}")).await);
    }
    cloud.passes(10).await;
    let mut words = Vec::new();
    for id in &ids {
        words.push(cloud.get(&format!("v1/task/{id}/status")).await.is(200));
    }
    assert_eq!(words, ["finished", "finished", "failed", "failed"]);
}

#[tokio::test]
async fn a_list_has_the_newest_first_and_tells_how_long_it_is() {
    let cloud = Simulated::start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(cloud.run_task(&format!("task {number}")).await);
    }
    let page = cloud.get("v1/tasks?page=2&limit=2").await.is(200);
    let listed: Vec<&str> = page["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, [&ids[2], &ids[1]]);
    assert_eq!(page["total_count"], 5);
    assert_eq!(page["total_pages"], 3);
    assert_eq!((&page["page"], &page["limit"]), (&json!(2), &json!(2)));
    assert_eq!(cloud.get("v1/tasks").await.is(200)["limit"], 10);

    for (query, kind) in [
        ("limit=101", "less_than_equal"),
        ("limit=0", "greater_than_equal"),
        ("limit=ten", "int_parsing"),
    ] {
        let refused = cloud.get(&format!("v1/tasks?{query}")).await;
        refused.finds_fault("limit", kind);
    }
}

#[tokio::test]
async fn the_limits_of_a_task_are_kept() {
    let cloud = Simulated::start().await;
    let pairs = |count: usize| -> Value {
        let pairs = (0..count).map(|number| (number.to_string(), json!("v")));
        Value::Object(pairs.collect())
    };
    let fine = json!({
        "task": "t",
        "max_agent_steps": 200,
        "metadata": pairs(10),
        "proxy_country_code": "ca",
        "llm_model": "a model of next year",
    });
    cloud.post("v1/run-task", fine).await.is(200);
    for (field, value, kind) in [
        ("task", json!(""), "string_too_short"),
        ("task", Value::Null, "missing"),
        ("max_agent_steps", json!(201), "less_than_equal"),
        ("max_agent_steps", json!("many"), "int_parsing"),
        ("metadata", pairs(11), "value_error"),
        ("metadata", json!({ "": "v" }), "value_error"),
        ("metadata", json!({ "k".repeat(101): "v" }), "value_error"),
        ("metadata", json!({ "k": "v".repeat(1001) }), "value_error"),
        ("metadata", json!({ "k": 1 }), "dict_type"),
        ("proxy_country_code", json!("uk"), "enum"),
        ("allowed_domains", json!("example.com"), "list_type"),
        ("use_proxy", json!("no"), "bool_parsing"),
    ] {
        let mut asked = json!({ "task": "t" });
        asked[field] = value;
        let refused = cloud.post("v1/run-task", asked).await;
        refused.finds_fault(field, kind);
    }
    let malformed = cloud
        .stranger(Method::POST, "/api/v1/run-task")
        .bearer_auth("key")
        .body("{");
    Simulated::answer(malformed)
        .await
        .finds_fault("body", "json_invalid");
}

#[tokio::test]
async fn keys_open_the_door_and_some_have_a_meaning() {
    let mut cloud = Simulated::start().await;
    let balance = |cloud: &Simulated| cloud.stranger(Method::GET, "/api/v1/balance");
    let refused = Simulated::answer(balance(&cloud)).await;
    assert_eq!(refused.is(401)["detail"], "Not authenticated");
    let me = cloud.stranger(Method::GET, "/api/v1/me");
    assert_eq!(Simulated::answer(me).await.is(200), false);
    let ping = cloud.stranger(Method::GET, "/api/v1/ping");
    assert_eq!(Simulated::answer(ping).await.is(200), json!({}));
    assert_eq!(cloud.get("v1/me").await.is(200), true);

    let task = json!({ "task": "t" });
    for (key, status) in [
        ("bad-key", 401),
        ("no-subscription", 403),
        ("no-balance", 402),
        ("spend-limit", 402),
        ("too-many-sessions", 429),
        ("any other", 200),
    ] {
        let answer = cloud.with_key(key).post("v1/run-task", task.clone()).await;
        let body = answer.is(status);
        match key {
            "any other" => {}
            "spend-limit" => assert!(body["detail"]["code"].is_string(), "{body}"),
            _ => assert!(body["detail"].is_string(), "{body}"),
        }
    }
    let poor = cloud.with_key("no-balance").get("v1/balance").await;
    assert_eq!(poor.is(200)["balance"], "0");
}

#[tokio::test]
async fn what_is_not_there_is_said_as_the_vendor_says_it() {
    let cloud = Simulated::start().await;
    let unknown = "v1/task/00000000-0000-4000-8000-000000000000";
    let absent = cloud.get(unknown).await.is(404);
    assert_eq!(absent, json!({ "detail": "Task not found" }));
    for path in ["v1/nothing", "v2/nothing", "v3/nothing", "v4/nothing", "v5"] {
        let absent = cloud.get(path).await.is(404);
        assert_eq!(absent, json!({ "detail": "Not Found" }), "{path}");
    }
    let wrong = cloud.post("v1/tasks", json!({})).await.is(405);
    assert_eq!(wrong, json!({ "detail": "Method Not Allowed" }));
}

#[tokio::test]
async fn media_are_there_when_the_task_is_completed_and_their_addresses_expire() {
    let cloud = Simulated::start().await;
    let id = cloud.run_task("t").await;
    let path = |what: &str| format!("v1/task/{id}/{what}");
    cloud.get(&path("media")).await.is(400);
    let none = cloud.get(&path("screenshots")).await.is(200);
    assert_eq!(none["screenshots"], Value::Null);
    cloud.get(&path("output-file/result.txt")).await.is(404);

    cloud.passes(10).await;
    let recordings = cloud.get(&path("media")).await.is(200);
    let screenshots = cloud.get(&path("screenshots")).await.is(200);
    let gif = cloud.get(&path("gif")).await.is(200);
    let file = cloud.get(&path("output-file/result.txt")).await.is(200);
    assert_eq!(screenshots["screenshots"].as_array().unwrap().len(), 3);
    let addresses = [
        &recordings["recordings"][0],
        &screenshots["screenshots"][0],
        &gif["gif"],
        &file["download_url"],
    ];
    let open = async |url: &Value| {
        let request = cloud.stranger(Method::GET, url.as_str().unwrap());
        Simulated::answer(request).await.status
    };
    for url in addresses {
        assert_eq!(open(url).await, 200, "{url}");
    }
    cloud.passes(300).await;
    for url in addresses {
        assert_eq!(open(url).await, 403, "{url}");
    }
    cloud.get(&path("output-file/other.txt")).await.is(404);
}

#[tokio::test]
async fn files_are_uploaded_before_a_task_has_them() {
    let cloud = Simulated::start().await;
    let task = json!({ "task": "t", "included_file_names": ["data.csv"] });
    cloud.post("v1/run-task", task.clone()).await.is(400);

    let wanted = json!({ "file_name": "data.csv", "content_type": "text/csv" });
    let made = cloud.post("v1/uploads/presigned-url", wanted).await.is(200);
    let put = |content_type: &str, size: usize| {
        let request = cloud.stranger(Method::PUT, made["upload_url"].as_str().unwrap());
        request
            .header("content-type", content_type)
            .body(vec![b'a'; size])
    };
    let largest = 10 * 1024 * 1024;
    Simulated::answer(put("text/plain", 1)).await.is(403);
    Simulated::answer(put("text/csv", largest + 1))
        .await
        .is(400);
    Simulated::answer(put("text/csv", largest)).await.is(200);
    let made = cloud.post("v1/run-task", task).await.is(200);
    let path = format!("v1/task/{}", made["id"].as_str().unwrap());
    let whole = cloud.get(&path).await.is(200);
    assert_eq!(whole["user_uploaded_files"], json!(["data.csv"]));

    let six_times = json!({ "task": "t", "included_file_names": vec!["data.csv"; 6] });
    cloud.post("v1/run-task", six_times).await.is(400);
    let program = json!({ "file_name": "virus.exe", "content_type": "text/csv" });
    cloud
        .post("v1/uploads/presigned-url", program)
        .await
        .is(400);
}

#[tokio::test]
async fn profiles_are_made_changed_and_deleted() {
    let mut cloud = Simulated::start().await;
    let asked = json!({ "profile_name": "shop" });
    let made = cloud
        .post("v1/browser-profiles", asked.clone())
        .await
        .is(200);
    assert_eq!(made["proxy_country_code"], "US");
    assert_eq!(made["browser_viewport_width"], 1280);
    assert_eq!(made["persist"], true);
    let path = format!(
        "v1/browser-profiles/{}",
        made["profile_id"].as_str().unwrap()
    );

    let change = json!({ "persist": false, "description": "of the shop" });
    let changed = cloud.put(&path, change).await.is(200);
    assert_eq!(changed["persist"], false);
    assert_eq!(changed["profile_name"], "shop");
    assert_eq!(cloud.get(&path).await.is(200), changed);
    let list = cloud.get("v1/browser-profiles").await.is(200);
    assert_eq!(list["profiles"], json!([changed]));

    let second = cloud.with_key("no-subscription");
    second.post("v1/browser-profiles", asked).await.is(403);
    assert_eq!(cloud.delete(&path).await.is(200), json!({}));
    cloud.get(&path).await.is(404);
    let nameless = cloud.post("v1/browser-profiles", json!({})).await;
    nameless.finds_fault("profile_name", "missing");
}

#[tokio::test]
async fn searches_cost_what_is_documented() {
    let cloud = Simulated::start().await;
    let balance = async || -> u64 {
        let answer = cloud.get("v1/balance").await.is(200);
        answer["balance"].as_str().unwrap().parse().unwrap()
    };
    let before = balance().await;
    let asked = json!({ "query": "milk" });
    let found = cloud.post("v1/simple-search", asked).await.is(200);
    assert_eq!(found["results"].as_array().unwrap().len(), 5);
    assert_eq!(before - balance().await, 10);
    let asked = json!({ "url": "https://example.com", "query": "milk", "depth": 3 });
    let found = cloud.post("v1/search-url", asked).await.is(200);
    assert_eq!(found["url"], "https://example.com");
    assert!(found["content"].is_string());
    assert_eq!(before - balance().await, 13);

    for (field, value, kind) in [
        ("max_websites", 11, "less_than_equal"),
        ("depth", 1, "greater_than_equal"),
        ("depth", 6, "less_than_equal"),
    ] {
        let mut asked = json!({ "query": "milk" });
        asked[field] = json!(value);
        let refused = cloud.post("v1/simple-search", asked).await;
        refused.finds_fault(field, kind);
    }
}
