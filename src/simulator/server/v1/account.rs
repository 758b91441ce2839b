//! The account: its balance, whether a key is good, whether anybody is there.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;
use serde_json::json;

use super::Account;
use super::World;
use super::keys;

/// What is left, in cents, as text.
pub(super) async fn balance(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
) -> Json<Value> {
    let balance = world.look(|memory, _| account.balance(memory));
    Json(json!({ "balance": balance.to_string() }))
}

/// Whether the key is good: the one call that answers a bad one with 200.
pub(super) async fn me(headers: HeaderMap) -> Json<bool> {
    Json(keys::bearer_account(&headers).is_ok())
}

/// Anybody may ask.
pub(super) async fn ping() -> Json<Value> {
    Json(json!({}))
}
