//! Tells what happens to runs: signed, in the words of the era, again where nobody took it.

mod outbox;

mod postman;

mod words;

use url::Url;

use self::outbox::Outbox;
pub use self::postman::Posted;
pub(super) use self::postman::Postman;
pub use self::words::Era;
pub use self::words::UnknownEra;
use super::Answer;
use super::Options;
use super::SendError;
use super::Sender;
use super::Signer;
use crate::clock::Clock;
use crate::secret::Secret;

/// Where webhooks go, and how they are signed.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    sender: Sender,
    signer: Signer,
    era: Option<Era>,
}

impl Webhook {
    pub(super) fn new(url: Url, secret: Secret, options: &Options) -> Result<Self, SendError> {
        Ok(Self {
            sender: Sender::new(url)?,
            signer: Signer {
                secret,
                form: options.form,
                time: options.time,
            },
            era: options.era,
        })
    }

    /// Posts the test ping, as the vendor does before it keeps a webhook.
    pub(super) async fn ping(&self, clock: &dyn Clock) -> Result<Answer, SendError> {
        let body = words::test_ping(self.era);
        let request = self.signer.sign_at(body, clock.now())?;
        Ok(self.sender.post(&request).await?)
    }
}
