//! What a mail server's reply means for the event.

use std::error::Error as _;

use anyhow::anyhow;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;

use crate::delivery::Attempt;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// Permanent replies that are about us and not about this mail: that we may not send at all, or not
/// so. As with HTTP's 401, somebody sets that right, and no event is to die of it.
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// What came of sending a mail over a connection.
pub(super) fn judge(answer: Result<Response, Error>) -> Result<Receipt, SinkError> {
    let error = match answer {
        Ok(response) => {
            let words: Vec<&str> = response.message().collect();
            return Ok(receipt(format!("{} {}", response.code(), words.join(" "))));
        }
        Err(error) => error,
    };
    let Some(code) = error.status() else {
        return Err(SinkError::not_now(anyhow!("{error}")));
    };
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let receipt = receipt(format!("{code} {words}"));
    let cause = anyhow!("answered {code} {words}");
    if error.is_permanent() && !ABOUT_US.contains(&code.into()) {
        Err(SinkError::Reject { cause, receipt })
    } else {
        Err(SinkError::Retry {
            after: None,
            cause,
            receipt,
        })
    }
}

fn receipt(mut answer: String) -> Receipt {
    answer.truncate(answer.floor_char_boundary(Attempt::ANSWER_LIMIT));
    Receipt {
        status: None,
        answer: Some(answer),
    }
}
