//! What opens the API: tokens, and the key that links are signed with.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::access::NewToken;
use crate::access::Token;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::secret::Secret;

/// What opens the API.
#[async_trait]
pub trait Access: std::fmt::Debug + Send + Sync {
    /// Keeps a token's hash.
    async fn create_token(&self, token: NewToken) -> Result<Token, StoreError>;

    /// The token with this hash, valid or not.
    async fn token(&self, hash: TokenHash) -> Result<Option<Token>, StoreError>;

    /// All of them, newest first.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;

    /// Takes a token back. False: there is none with this id.
    async fn revoke_token(&self, id: TokenId, now: Timestamp) -> Result<bool, StoreError>;

    /// Remembers that a token was used.
    async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<(), StoreError>;

    /// The key that links are signed with: the one that is kept, else `fresh`, which is kept from
    /// then on.
    async fn link_key(&self, fresh: &Secret) -> Result<Secret, StoreError>;
}
