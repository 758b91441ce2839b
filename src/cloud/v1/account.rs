//! The account: what is left of the balance, whether the key is good, whether anybody is there.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;

use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::wire::Extra;

/// What is left of the balance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Balance {
    /// Credits of the subscription and bought ones, in US cents, as a string.
    pub balance: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `GET /balance`: what is left. At zero no task starts any more.
    pub async fn balance(&self) -> Result<Balance, CloudError> {
        let call = call(Method::GET, &["balance"], "account");
        self.0.send(call).await?.json()
    }

    /// `GET /me`: whether the key is good. On the wire it is a bare JSON boolean; a bad key may
    /// also be refused as anywhere else.
    pub async fn me(&self) -> Result<bool, CloudError> {
        let call = call(Method::GET, &["me"], "account");
        self.0.send(call).await?.json()
    }

    /// `GET /ping`: whether the API is there. It alone needs no key.
    pub async fn ping(&self) -> Result<(), CloudError> {
        let call = call(Method::GET, &["ping"], "account").for_anybody();
        self.0.send(call).await.map(drop)
    }
}
