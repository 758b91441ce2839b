//! Searches, with made-up results at the documented price.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;

use super::Account;
use super::Refusal;
use crate::simulator::server::asked::Asked;
use crate::simulator::world::Api;
use crate::simulator::world::World;

pub(super) async fn simple(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let query = asked.required_text("query", 1..=usize::MAX);
    let websites = asked.integer("max_websites", 1..=10).unwrap_or(5);
    let depth = asked.integer("depth", 2..=5).unwrap_or(2);
    asked.finish()?;
    pay(&world, account, depth * websites)?;

    let results = (1..=websites).map(|number| {
        let url = format!("https://example.com/{number}");
        json!({ "url": url, "content": format!("What the website {number} has on: {query}") })
    });
    Ok(Json(json!({ "results": results.collect::<Value>() })))
}

pub(super) async fn url(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let url = asked.required_text("url", 1..=usize::MAX);
    let query = asked.required_text("query", 1..=usize::MAX);
    let depth = asked.integer("depth", 2..=5).unwrap_or(2);
    asked.finish()?;
    pay(&world, account, depth)?;

    let content = format!("What {url} has on: {query}");
    Ok(Json(json!({ "url": url, "content": content })))
}

/// Takes a cent for each website and each step into it.
fn pay(world: &World, account: Account, cents: i64) -> Result<(), Refusal> {
    world.update(|memory, _| {
        account.may_run(Api::V1, memory)?;
        memory.spend(u64::try_from(cents).unwrap_or_default());
        Ok(())
    })
}
