//! Sinks without a dispatcher around them.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use tidings::sinks::Reach;
use tidings::sinks::Receipt;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use tidings::sinks::SinkKind;
use tidings::sinks::Tools;

/// What sinks are built with unless a test says otherwise: the servers of tests are on this machine.
pub(crate) fn tools() -> Tools {
    Tools {
        concurrency: 4,
        reach: Reach {
            allow_private: true,
            ..Reach::default()
        },
        ..Tools::default()
    }
}

/// The sink of this kind that these settings describe.
pub(crate) fn build(kind: &str, settings: &Value, tools: &Tools) -> anyhow::Result<Arc<dyn Sink>> {
    let kind: SinkKind = serde_json::from_value(json!({ kind: settings }))?;
    kind.build(tools)
}

/// How a delivery went, in a line: `delivered`, `again: …` or `refused: …`.
pub(crate) fn told(result: &Result<Receipt, SinkError>) -> String {
    match result {
        Ok(_) => "delivered".to_owned(),
        Err(SinkError::Retry { cause, .. }) => format!("again: {cause:#}"),
        Err(SinkError::Reject { cause, .. }) => format!("refused: {cause:#}"),
        Err(SinkError::Unsendable { cause }) => format!("cannot be sent: {cause:#}"),
    }
}

/// What a sink answered, whatever became of the event.
pub(crate) fn answer(result: &Result<Receipt, SinkError>) -> &str {
    let receipt = match result {
        Ok(receipt) | Err(SinkError::Retry { receipt, .. } | SinkError::Reject { receipt, .. }) => {
            receipt
        }
        Err(SinkError::Unsendable { .. }) => return "",
    };
    receipt.answer.as_deref().unwrap_or_default()
}
