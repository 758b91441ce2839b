//! The account, as v2 and v3 write it.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use serde_json::Number;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Account;
use crate::simulator::world::World;

/// The one project there is.
const PROJECT: Uuid = Uuid::from_u128(0x7469_6469_6e67_4000_8000_0000_0000_0001);

/// How many sessions may run at once.
const RATE_LIMIT: u32 = 25;

pub(super) async fn account(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
) -> Json<Value> {
    let cents = world.look(|memory, _| account.balance(memory));
    let balance = usd(cents);
    let has_subscription = account != Account::NoSubscription;
    Json(json!({
        "name": "Simulator",
        "totalCreditsBalanceUsd": balance,
        "monthlyCreditsBalanceUsd": 0,
        "additionalCreditsBalanceUsd": balance,
        "rateLimit": RATE_LIMIT,
        "planInfo": {
            "planName": if has_subscription { "Subscription" } else { "Pay as you go" },
            "subscriptionStatus": has_subscription.then_some("active"),
            "subscriptionId": has_subscription.then_some("sub_simulated"),
            "subscriptionCurrentPeriodEnd": null,
            "subscriptionCanceledAt": null,
        },
        "isFreeTier": !has_subscription,
        "projectId": PROJECT,
    }))
}

/// Dollars, without the noise of a division.
fn usd(cents: u64) -> Option<Number> {
    serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).ok()
}
