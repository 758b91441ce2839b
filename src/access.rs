//! Who may call the API, and how far.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use crate::id::Kind;
use crate::id::RowId;
use crate::secret::Secret;

/// How far a token reaches. Each scope includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// See everything.
    Read,
    /// Retry, replay, discard, pause, run tasks.
    Operate,
    /// Tokens and secrets.
    Admin,
}

impl Scope {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Operate, Self::Admin];

    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope: read, operate, admin")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == word)
            .ok_or_else(|| UnknownScope(word.to_owned()))
    }
}

/// Marks the ids of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKind;

impl Kind for TokenKind {
    const PREFIX: &'static str = "tok_";
}

/// The id of a token: `tok_` and a UUID of version 7. It names the token and opens nothing.
pub type TokenId = RowId<TokenKind>;

/// A token that nobody can guess: 256 bits of chance. The prefix is for those who find it lying
/// about, people and scanners alike.
#[must_use]
pub fn fresh_token() -> Secret {
    format!("tidings_{}", fresh_key().expose()).into()
}

/// A key that nobody can guess: 256 bits of chance.
#[must_use]
pub fn fresh_key() -> Secret {
    let chance: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(chance).into()
}

/// What is kept of a token: the SHA-256 of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token as somebody presents it.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        Self(Sha256::digest(token.expose()).into())
    }
}

/// A token on its way into the store.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The hash of its text.
    pub hash: TokenHash,
    /// How far it reaches.
    pub scope: Scope,
    /// What it is for, in its owner's words.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A token in the store.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// How far it reaches.
    pub scope: Scope,
    /// What it is for, in its owner's words.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Whether it still opens anything at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
