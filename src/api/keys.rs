//! Which tokens open the API.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc;
use tracing::warn;

use crate::access::Scope;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::causes::with_causes;
use crate::secret::Secret;
use crate::shutdown::Shutdown;
use crate::shutdown::next_until;
use crate::store::Access;
use crate::store::StoreError;

/// How often a token's last use is written down.
const WRITTEN_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// How many uses wait to be written down; the next use is as good as one that found no room.
const WAITING: usize = 64;

/// A use of a token.
type Used = (TokenId, Timestamp);

/// Which tokens open the API, and how far. Clones share it.
#[derive(Clone, Debug)]
pub struct Keys {
    administrator: Option<TokenHash>,
    store: Arc<dyn Access>,
    writer: mpsc::Sender<Used>,
}

impl Keys {
    /// The tokens in the store, and one of the environment's, which is the administrator's. With
    /// them comes the task that writes down when they were used.
    #[must_use]
    pub fn new(administrator: Option<&Secret>, store: Arc<dyn Access>) -> (Self, KeyWriter) {
        let (writer, used) = mpsc::channel(WAITING);
        let keys = Self {
            administrator: administrator.map(TokenHash::of),
            store: Arc::clone(&store),
            writer,
        };
        (keys, KeyWriter { used, store })
    }

    /// How far a token reaches. None: it opens nothing, or nothing any more.
    ///
    /// It is looked up by its hash. How long that takes may tell something about the hash, and from
    /// the hash nobody gets to the token.
    pub(super) async fn scope(
        &self,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Option<Scope>, StoreError> {
        let hash = TokenHash::of(token);
        if self.is_administrators(hash) {
            return Ok(Some(Scope::Admin));
        }
        let known = self.store.token(hash).await?;
        let valid = known.filter(|token| token.is_valid(now));
        Ok(valid.map(|token| {
            self.writer.try_send((token.id, now)).ok();
            token.scope
        }))
    }

    fn is_administrators(&self, hash: TokenHash) -> bool {
        self.administrator
            .is_some_and(|administrators| administrators.0.ct_eq(&hash.0).into())
    }
}

/// Writes down when tokens were used, beside the requests.
#[derive(Debug)]
pub struct KeyWriter {
    used: mpsc::Receiver<Used>,
    store: Arc<dyn Access>,
}

impl KeyWriter {
    /// Writes until `stop` is requested and nothing is left to write.
    pub async fn run(mut self, stop: Shutdown) {
        let mut written: HashMap<TokenId, Timestamp> = HashMap::new();
        while let Some((token, at)) = next_until(&mut self.used, &stop).await {
            let is_fresh = |last: &Timestamp| at.duration_since(*last) < WRITTEN_EVERY;
            if written.get(&token).is_some_and(is_fresh) {
                continue;
            }
            // What was written a while ago need not be remembered.
            written.retain(|_, last| is_fresh(last));
            written.insert(token, at);
            if let Err(error) = self.store.touch_token(token, at).await {
                warn!(
                    error = %with_causes(&error),
                    "Cannot write down when a token was used"
                );
            }
        }
    }
}
