//! What could have been signed.

use std::borrow::Cow;

use super::finding::Finding;
use crate::canonical;
use crate::canonical::Document;
use crate::canonical::KeyOrder;
use crate::event::SignatureForm;
use crate::ingest::signature::Policy;
use crate::signing;

/// Bytes that could have been signed, and what would be wrong with that.
pub(super) struct Content<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) finding: Option<Finding>,
}

/// All forms we know of, those that are accepted first.
pub(super) fn all<'a>(body: &'a [u8], policy: &Policy) -> Vec<Content<'a>> {
    let document = match Document::read(body) {
        Ok(document) => document,
        Err(error) => {
            return vec![Content {
                bytes: body.into(),
                finding: Some(Finding::NotJson(error)),
            }];
        }
    };
    let mut contents: Vec<_> = known(&document, body, policy)
        .chain(odd(&document, body))
        .collect();
    // Stable, so the likeliest stay in front.
    contents.sort_by_key(|content| content.finding.is_some());
    contents
}

fn known<'a>(
    document: &Document,
    body: &'a [u8],
    policy: &Policy,
) -> impl Iterator<Item = Content<'a>> {
    SignatureForm::ALL.into_iter().filter_map(|form| {
        let bytes = signing::content(form, document, body)?.into_owned().into();
        let finding = (!policy.accept.contains(&form)).then_some(Finding::Form(form));
        Some(Content { bytes, finding })
    })
}

/// Forms that are accepted nowhere.
fn odd<'a>(document: &Document, body: &'a [u8]) -> impl Iterator<Item = Content<'a>> {
    let sample = canonical::utf8_ordered(body, KeyOrder::IntegersFirst).ok();
    let payload = document
        .get("payload")
        .and_then(|payload| canonical::utf8(payload).ok());
    let trimmed = body.trim_ascii();
    let trimmed = (trimmed.len() < body.len()).then_some(trimmed);
    [
        (sample.map(Cow::Owned), Finding::IntegersFirst),
        (
            payload.map(Cow::Owned),
            Finding::Form(SignatureForm::Payload),
        ),
        (trimmed.map(Cow::Borrowed), Finding::TrimmedBody),
    ]
    .into_iter()
    .filter_map(|(bytes, finding)| {
        Some(Content {
            bytes: bytes?,
            finding: Some(finding),
        })
    })
}
