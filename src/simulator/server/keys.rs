//! Who calls: any key will do, and some have a meaning.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;

use super::refusal::Refusal;
use crate::simulator::world::Api;
use crate::simulator::world::Memory;

/// What comes of a key, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// It may do everything.
    Good,
    /// `no-subscription`
    NoSubscription,
    /// `no-balance`
    NoBalance,
    /// `spend-limit`
    SpendLimit,
    /// `too-many-sessions`
    TooManySessions,
}

impl Account {
    /// The account of a key. None: `bad-key`, which nobody knows.
    fn of(key: &str) -> Option<Self> {
        match key {
            "bad-key" => None,
            "no-subscription" => Some(Self::NoSubscription),
            "no-balance" => Some(Self::NoBalance),
            "spend-limit" => Some(Self::SpendLimit),
            "too-many-sessions" => Some(Self::TooManySessions),
            _ => Some(Self::Good),
        }
    }

    /// Refuses what costs something where the account cannot pay for it.
    pub(super) fn may_run(self, api: Api, memory: &Memory) -> Result<(), Refusal> {
        let payment_required = StatusCode::PAYMENT_REQUIRED;
        match self {
            _ if memory.balance == 0 => Err(Self::without_balance()),
            Self::Good => Ok(()),
            Self::NoBalance => Err(Self::without_balance()),
            Self::NoSubscription => self.may_subscribe(api),
            Self::SpendLimit => Err(Refusal::Coded(
                payment_required,
                "monthly_spend_limit_reached",
                "The monthly spend limit of this project is reached.",
            )),
            Self::TooManySessions => Err(Refusal::Said(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many concurrent active sessions. Please wait for one to finish, kill one, or \
                 upgrade your plan.",
            )),
        }
    }

    /// Refuses what needs a subscription where there is none.
    pub(super) fn may_subscribe(self, api: Api) -> Result<(), Refusal> {
        let status = if api == Api::V1 {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::PAYMENT_REQUIRED
        };
        match self {
            Self::NoSubscription => Err(Refusal::Said(
                status,
                "This requires an active subscription.",
            )),
            _ => Ok(()),
        }
    }

    /// What it has left, in credits of a cent.
    pub(super) fn balance(self, memory: &Memory) -> u64 {
        if self == Self::NoBalance {
            0
        } else {
            memory.balance
        }
    }

    fn without_balance() -> Refusal {
        Refusal::Said(
            StatusCode::PAYMENT_REQUIRED,
            "Insufficient credits: your balance is zero.",
        )
    }
}

/// The account of a v1 request: `Authorization: Bearer KEY`.
pub(super) fn bearer_account(headers: &HeaderMap) -> Result<Account, Refusal> {
    let header = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer "));
    account(key)
}

/// Lets in whoever has a key, as v1 wants it.
pub(super) async fn by_bearer(mut request: Request, next: Next) -> Result<Response, Refusal> {
    let account = bearer_account(request.headers())?;
    request.extensions_mut().insert(account);
    Ok(next.run(request).await)
}

/// Lets in whoever has a key, as the later versions want it: `X-Browser-Use-API-Key: KEY`.
pub(super) async fn by_header(mut request: Request, next: Next) -> Result<Response, Refusal> {
    let header = request.headers().get("x-browser-use-api-key");
    let account = account(header.and_then(|value| value.to_str().ok()))?;
    request.extensions_mut().insert(account);
    Ok(next.run(request).await)
}

fn account(key: Option<&str>) -> Result<Account, Refusal> {
    let refused = |detail| Refusal::Said(StatusCode::UNAUTHORIZED, detail);
    match key.map(str::trim).filter(|key| !key.is_empty()) {
        Some(key) => Account::of(key).ok_or_else(|| refused("Invalid API key")),
        None => Err(refused("Not authenticated")),
    }
}
